"""My work and the inbox in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from organization.access import system_actor
from organization.models import Member, Notice, NoticePreference, Organization, Watch, WorkItem
from organization.services import notices, work_items
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
KIND = "organization.load_official_days"
SWAP = {"HX-Request": "true"}


@pytest.fixture
def member(organization: Organization) -> Member:
    with tenant_context(organization.pk):
        return make_member("staff")


def owe(organization: Organization, member: Member, *due: timedelta | None) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        for number, after in enumerate(due):
            subject = create_department(owner, organization, name=f"D{number}", code=f"D{number}")
            facts = {"year": 2027, "calendar": f"C{number}"}
            due_at = None if after is None else NOON + after
            work_items.open_item(owner, kind=KIND, subject=subject, owner=member, due_at=due_at, facts=facts)


def tell(organization: Organization, member: Member, count: int = 1) -> None:
    with tenant_context(organization.pk):
        system = system_actor(organization.pk, "test")
        for number in range(count):
            notices.tell(
                system,
                kind="organization.work_given",
                recipients=[member],
                subject=make_member(None),
                facts={"work": f"W{number}"},
            )


@time_machine.travel(NOON, tick=False)
def test_my_work_is_grouped_by_when_it_is_due(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    owe(organization, member, -2 * day, -hour, hour, day, 4 * day, 5 * day, None)

    answer = sign_in(member=member).get("/my/work/")

    groups = {group.when.value: [line.due for line in group.lines] for group in answer.context["groups"]}
    assert groups == {
        "overdue": ["2 Mar 2026", "by 11:00"],
        "today": ["by 13:00"],
        "week": ["tomorrow", "Sunday"],
        "later": ["Monday", ""],
    }
    late = [line.late and line.late.label for line in answer.context["groups"][0].lines]
    assert late == ["2 days late", "Late since today"]


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(("when", "count"), [("overdue", 1), ("today", 1), ("week", 1), ("later", 2), ("", 5)])
def test_work_is_filtered_by_the_address(
    organization: Organization, member: Member, sign_in: Callable[..., Client], when: str, count: int
) -> None:
    day = timedelta(days=1)
    owe(organization, member, -day, day / 24, day, 7 * day, None)

    answer = sign_in(member=member).get("/my/work/", {"when": when})

    assert len(answer.context["page"].rows) == count


@pytest.mark.parametrize("count", [1, 10])
def test_lists_of_work_cost_the_same_for_one_and_ten(
    organization: Organization,
    member: Member,
    sign_in: Callable[..., Client],
    count: int,
    django_assert_num_queries: Any,
) -> None:
    owe(organization, member, *[timedelta(hours=number) for number in range(count)])
    mine, admins = sign_in(member=member), sign_in("admin")

    # Session, person with membership and counts, departments of the filter, saved views, count, rows, two of the savepoint
    with django_assert_num_queries(9):
        assert len(mine.get("/my/work/").context["page"].rows) == count
    with django_assert_num_queries(7):
        assert len(admins.get("/my/work/?whose=team").context["page"].rows) == count


def test_o4_staff_see_no_work_but_their_own_whatever_they_ask(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    owe(organization, member, timedelta())
    other = sign_in("staff")

    assert other.get("/my/work/?whose=team").context["page"].rows == []
    assert other.get("/my/work/").context["whose_choices"] == ()


def test_work_is_given_to_somebody_else_on_its_page(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    owe(organization, member, timedelta())
    with tenant_context(organization.pk):
        other = make_member("staff")
        item = WorkItem.objects.get()
    client = sign_in("admin")

    stale = client.post(f"/my/work/{item.pk}/assign/", {"owner": other.pk, "version": item.version + 1})
    answer = client.post(f"/my/work/{item.pk}/assign/", {"owner": other.pk, "version": item.version})

    assert (stale.status_code, answer.status_code) == (422, 302)
    with tenant_context(organization.pk):
        assert WorkItem.objects.get().owner_id == other.pk


def test_the_frame_counts_what_is_unread_and_due_today(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    ago = timezone.now() - NOON  # the database's clock is nobody's to set
    owe(organization, member, ago - timedelta(days=9), ago - timedelta(minutes=1), ago + timedelta(days=2), None)
    tell(organization, member, 2)
    client = sign_in(member=member)

    page = client.get("/my/work/")

    # Four more notices tell of the four items
    assert '<span class="nav__count" id="nav-owed">2</span>' in page.content.decode()
    assert '<span class="nav__count" id="nav-unread">6</span>' in page.content.decode()
    assert client.get("/my/counts/?shown=2.6").status_code == 204
    changed = client.get("/my/counts/?shown=0.0")
    assert 'id="dock-unread" hx-swap-oob="true">6</span>' in changed.content.decode()


def test_the_counts_cost_no_statement_of_their_own(
    organization: Organization, member: Member, sign_in: Callable[..., Client], django_assert_num_queries: Any
) -> None:
    tell(organization, member, 3)
    client = sign_in(member=member)

    with django_assert_num_queries(4) as captured:  # savepoint, session, person with membership and counts, savepoint
        assert client.get("/my/counts/?shown=0.3").status_code == 204

    assert sum("organization_membership" in query["sql"] for query in captured) == 1


def test_counts_stop_at_what_there_is_room_for(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        Notice.objects.bulk_create(
            Notice(recipient=member, kind="x", subject_type="x", dedupe=str(number), telling=f"{number:032x}")
            for number in range(150)
        )

    page = sign_in(member=member).get("/my/work/").content.decode()

    assert '<span class="nav__count" id="nav-unread">99+</span>' in page


@pytest.mark.parametrize("count", [1, 10])
def test_an_inbox_costs_the_same_for_one_and_ten(
    organization: Organization,
    member: Member,
    sign_in: Callable[..., Client],
    count: int,
    django_assert_num_queries: Any,
) -> None:
    tell(organization, member, count)
    client = sign_in(member=member)

    with django_assert_num_queries(7):
        assert len(client.get("/my/inbox/").context["lines"]) == count


def test_reading_takes_a_notice_out_of_the_unread_and_keeps_it_among_all(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    tell(organization, member, 2)
    client = sign_in(member=member)
    first = client.get("/my/inbox/").context["lines"][0].notice

    row = client.post(f"/my/inbox/{first.pk}/read/", {"read": "1"}, headers=SWAP)

    assert row["HX-Trigger-After-Settle"] == "ops:counts"
    assert f'id="notice-{first.pk}"' in row.content.decode()
    assert len(client.get("/my/inbox/").context["lines"]) == 1
    assert len(client.get("/my/inbox/?show=all").context["lines"]) == 2
    client.post(f"/my/inbox/{first.pk}/read/", {"read": "0"})
    assert len(client.get("/my/inbox/").context["lines"]) == 2


def test_opening_a_notice_reads_it_and_leads_to_the_exact_place(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    tell(organization, member)
    client = sign_in(member=member)
    notice = client.get("/my/inbox/").context["lines"][0].notice

    answer = client.post(f"/my/inbox/{notice.pk}/open/", headers=SWAP)

    assert answer["HX-Redirect"] == notice.url == f"/organization/members/{notice.subject_id}/"
    assert client.get("/my/inbox/").context["lines"] == []


def test_all_are_read_at_once(organization: Organization, member: Member, sign_in: Callable[..., Client]) -> None:
    tell(organization, member, 3)
    client = sign_in(member=member)

    assert client.post("/my/inbox/read/").status_code == 302

    with tenant_context(organization.pk):
        assert not Notice.objects.filter(read_at=None).exists()


def test_a_muted_kind_is_told_no_more(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    tell(organization, member)
    client = sign_in(member=member)
    notice = client.get("/my/inbox/").context["lines"][0].notice

    client.post(f"/my/inbox/{notice.pk}/mute/", {"what": "kind"}, headers=SWAP)
    tell(organization, member)

    with tenant_context(organization.pk):
        assert NoticePreference.objects.get(member=member).muted_kinds == ["organization.work_given"]
        assert Notice.objects.get(recipient=member).read_at is not None


def test_a_muted_object_is_told_of_no_more(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    tell(organization, member)
    client = sign_in(member=member)
    notice = client.get("/my/inbox/").context["lines"][0].notice

    client.post(f"/my/inbox/{notice.pk}/mute/", {"what": "object"}, headers=SWAP)

    with tenant_context(organization.pk):
        assert Watch.objects.get().is_muted
        about, other = Member.objects.get(pk=notice.subject_id), make_member(None)
        system = system_actor(organization.pk, "test")
        told = [
            notices.tell(system, kind="organization.work_given", recipients=[member], subject=subject)
            for subject in (about, other)
        ]
    assert [len(made) for made in told] == [0, 1]


def test_who_follows_an_object_is_told_as_far_as_they_may_see_it(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        sales = create_department(owner, organization, name="Sales", code="S")
        colleague = make_member("staff", department=sales)
        sees, sees_not = make_member("staff", department=sales), make_member("staff")
        Watch.objects.create(member=sees_not, object_type="organization.member", object_id=colleague.pk)
    client = sign_in(member=sees)

    answer = client.post(f"/my/watch/organization.member/{colleague.pk}/", {"level": "follow"}, headers=SWAP)

    assert b"Following" in answer.content
    with tenant_context(organization.pk):
        told = notices.tell(
            owner, kind="organization.work_given", recipients=[], subject=colleague, tells_followers=True
        )
    assert [notice.recipient_id for notice in told] == [sees.pk]


def test_o4_other_peoples_notices_do_not_exist(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    tell(organization, member)
    with tenant_context(organization.pk):
        notice = Notice.objects.get()
    client = sign_in("owner")

    codes = [client.post(f"/my/inbox/{notice.pk}/{verb}/").status_code for verb in ("read", "open", "mute")]

    assert codes == [404, 404, 404]
    assert client.get("/my/inbox/?show=all").context["lines"] == []
    with tenant_context(organization.pk):
        assert Notice.objects.get().read_at is None
