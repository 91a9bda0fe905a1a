"""Each list asks the same number of statements for one row and for ten, and pages by key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from organization.models import ApiToken, DomainEvent, EventDelivery, Organization
from organization.services import audit, calendars, departments, roles
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member


def _departments(organization: Organization, number: int) -> None:
    owner = make_actor("owner")
    for index in range(number):
        departments.create_department(
            owner, organization, name=f"D{index}", code=f"D{index}", head=make_member("staff")
        )


def _members(organization: Organization, number: int) -> None:
    owner = make_actor("owner")
    for index in range(number):
        place = departments.create_department(owner, organization, name=f"D{index}", code=f"D{index}")
        make_member("staff", department=place)


def _roles(organization: Organization, number: int) -> None:
    owner = make_actor("owner")
    for index in range(number):
        roles.assign_role(owner, make_member(None), role=roles.create_role(owner, organization, name=f"R{index}"))


def _calendars(organization: Organization, number: int) -> None:
    owner = make_actor("owner")
    for index in range(number):
        calendars.create_calendar(owner, organization, name=f"C{index}")


def _entries(organization: Organization, number: int) -> None:
    for _ in range(number):
        audit.record(make_actor("owner"), "tests.thing.changed", organization, changed={"name": [1, 2]})


def _deliveries(organization: Organization, number: int) -> None:
    for _ in range(number):
        event = DomainEvent.objects.create(name="e", subject_type="t", subject_id=1, actor_kind="system")
        EventDelivery.objects.create(event=event, handler="h", parked_at=timezone.now(), error="x")


def _tokens(organization: Organization, number: int) -> None:
    for index in range(number):
        ApiToken.objects.create(
            name=f"T{index}",
            member=make_member(None),
            digest=f"{index}",
            expires_at=timezone.now() + timedelta(days=1),
        )


# Among them the two savepoints around the view, since the test is a transaction of its own.
LISTS: dict[str, tuple[Callable[[Organization, int], None], int]] = {
    "/organization/departments/": (_departments, 6),
    "/organization/members/": (_members, 7),
    "/organization/roles/": (_roles, 7),
    "/organization/calendars/": (_calendars, 7),
    "/organization/audit/": (_entries, 10),
    "/organization/events/": (_deliveries, 8),
    "/organization/tokens/": (_tokens, 7),
}


@pytest.mark.parametrize("number", [1, 10])
@pytest.mark.parametrize("url", LISTS)
def test_lists_ask_the_same_for_one_row_and_for_ten(
    organization: Organization,
    sign_in: Callable[..., Client],
    django_assert_num_queries: Any,
    url: str,
    number: int,
) -> None:
    make, statements = LISTS[url]
    client = sign_in("owner")
    with tenant_context(organization.pk):
        make(organization, number)
    client.get(url)

    with django_assert_num_queries(statements):
        answer = client.get(url)

    assert len(answer.context["page"].rows) >= number


def test_a_list_is_paged_by_key_without_loss_or_repetition(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("owner")
    with tenant_context(organization.pk):
        for number in range(120):
            make_member(None, name=f"Person {number % 7}")

    seen: list[int] = []
    url = "/organization/members/"
    cursor = ""
    while True:
        page = client.get(url, {"cursor": cursor} if cursor else {}).context["page"]
        seen += [row.pk for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break

    assert len(seen) == len(set(seen)) == 122


def test_a_damaged_cursor_is_a_400(organization: Organization, sign_in: Callable[..., Client]) -> None:
    assert sign_in("owner").get("/organization/members/", {"cursor": "made-up"}).status_code == 400
