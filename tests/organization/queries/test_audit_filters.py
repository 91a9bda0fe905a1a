"""The trail by actor, by act, by text: exact, and answered by an index however long it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from organization.access import Actor
from organization.models import AuditEntry, Member, Organization
from organization.queries import audit
from organization.services import departments
from tests.factories import actor_of, make_member

MANY = """
INSERT INTO organization_auditentry (organization_id, at, actor_kind, actor_id, reason, verb, act, object_type, object_id,
  facts, request_id, previous_hash, hash)
SELECT %s, now(), 'member', 0, '', 'a.b.made', 'made', 'a.b', i, '{}', '', repeat('0', 64), repeat('0', 64)
  FROM generate_series(1, 20000) i
"""


@pytest.fixture
def trail(scope: Organization, owner: Actor) -> Member:
    other = make_member("admin", name="Ye Wan", name_pinyin="ye wan")
    sales = departments.create_department(owner, scope, name="Sales", code="SAL")
    departments.change_department(owner, sales, version=1, name="Selling")
    departments.create_department(actor_of(other), scope, name="Works", code="W")
    return other


def verbs(owner: Actor, **filters: Any) -> list[tuple[str, int]]:
    return [
        (entry.act, entry.actor_id) for entry in audit.audit_entries(owner, **filters) if "department" in entry.verb
    ]


def test_o5_the_trail_is_filtered_by_actor_and_act(owner: Actor, trail: Member) -> None:
    mine = owner.member_id

    assert verbs(owner, by=trail) == [("created", trail.pk)]
    assert verbs(owner, verb="changed") == [("changed", mine)]
    assert verbs(owner, verb="created", by=Member.objects.get(pk=mine)) == [("created", mine)]
    assert verbs(owner, verb="hanged") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("selling", ["changed", "created"]), ("Ye Wan", ["created"]), ("nothing of it", []), ("%", [])],
)
def test_o5_the_trail_is_searched_by_names_and_by_what_it_says(
    owner: Actor, trail: Member, text: str, found: list[str]
) -> None:
    assert [act for act, _who in verbs(owner, q=text)] == found


@pytest.mark.parametrize(
    ("filters", "index"),
    [({"verb": "changed"}, "audit_of_act"), ({"by": True}, "audit_of_actor"), ({"object_id": 7}, "audit_")],
)
def test_o5_each_filter_of_the_trail_is_answered_by_an_index(
    owner: Actor, trail: Member, filters: dict[str, Any], index: str
) -> None:
    """Row security lets an index answer leakproof comparisons alone: another kind would read the whole trail."""
    wanted = {name: trail if value is True else value for name, value in filters.items()}
    wanted |= {"object_type": "organization.department"} if "object_id" in filters else {}
    with connection.cursor() as cursor:
        cursor.execute(MANY, [owner.organization_id])

    plan = audit.audit_entries(owner, **wanted)[:50].explain()

    assert "Seq Scan on organization_auditentry" not in plan
    assert index in plan


def test_o5_a_search_looks_at_no_more_than_the_newest_entries(
    owner: Actor, trail: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LOOKED_AT", 1)

    assert verbs(owner, q="SAL") != []  # its department is found by its code
    assert verbs(owner, q='"Sales"') == []  # an older text is not looked at
    assert AuditEntry.objects.filter(facts__changed__name=["Sales", "Selling"]).exists()
