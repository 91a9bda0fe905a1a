"""The API keeps its word.

Ten thousand calls: `OPS_API_CALLS=10000 python3 manage.py test tests/project/test_api_contract.py`.
"""

from __future__ import annotations

import os

import pytest

from organization.models import Organization
from tests.factories import make_organization
from tests.project.contract import exercise, make_world, name_of, operations

CALLS = int(os.environ.get("OPS_API_CALLS", "300"))


@pytest.fixture
def company(db: None) -> Organization:
    return make_organization()


def tags() -> list[str]:
    """The headings of the description; one test each, so that they run side by side."""
    return [
        "absences", "annotations", "attachments", "audit", "bots", "calendars", "dashboards", "datasets", "departments",
        "entries", "events", "exports", "imports", "invitations", "kpis", "links", "members", "observations",
        "organization", "own", "positions", "reports", "roles", "search", "sources", "targets", "tokens", "views", "work",
    ]  # fmt: skip


@pytest.mark.parametrize("tag", tags())
def test_m5_generated_calls_get_answers_as_described(company: Organization, tag: str) -> None:
    every = list(operations())
    wanted = [operation for operation in every if tag in operation.definition.raw["tags"]]
    world = make_world(company, wanted)

    for operation in wanted:
        exercise(world, operation, examples=max(3, CALLS // len(every)))

    assert {name for name, _status in world.seen} == {name_of(operation) for operation in wanted}
    assert not [status for _name, status in world.seen if status >= 500]


def test_m5_every_operation_stands_under_a_heading_that_is_tried(db: None) -> None:
    assert {tag for operation in operations() for tag in operation.definition.raw["tags"]} == set(tags())
