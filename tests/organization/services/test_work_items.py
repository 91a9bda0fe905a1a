"""What people owe: opened once, closed by what finishes it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from organization.access import Actor
from organization.choices import Outcome
from organization.errors import NotVisible, StateConflict
from organization.models import AuditEntry, Department, Member, Notice, Organization, Role, WorkCalendar, WorkItem
from organization.queries.told_words import notice_title, work_title
from organization.queries.work import due_after_working_days, due_on_day, my_work, team_work
from organization.services import work_items
from organization.services.calendars import load_official_days
from organization.services.departments import create_department
from organization.services.roles import give_role
from tests.factories import actor_of, make_actor, make_member

KIND = "organization.load_official_days"
DUE = datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.fixture
def calendar(scope: Organization) -> WorkCalendar:
    return WorkCalendar.objects.get(is_default=True)


def open_for(actor: Actor, calendar: WorkCalendar, **facts: object) -> WorkItem:
    values = {"kind": KIND, "subject": calendar, "due_at": DUE, "facts": {"year": 2027, "calendar": calendar}} | facts
    return work_items.open_item(actor, **values)  # type: ignore[arg-type]


def test_opening_twice_opens_once_and_sets_what_is_said_now(owner: Actor, calendar: WorkCalendar) -> None:
    member = make_member()
    first = open_for(owner, calendar, owner=member)
    later = datetime(2026, 3, 9, 9, tzinfo=UTC)

    again = open_for(owner, calendar, owner=member, due_at=later)
    third = open_for(owner, calendar, owner=member, due_at=later)

    assert first.pk == again.pk == third.pk
    assert (third.due_at, third.version) == (later, 2)
    assert WorkItem.objects.count() == 1
    assert list(AuditEntry.objects.filter(verb__startswith="organization.work").values_list("verb", flat=True)) == [
        "organization.work.opened",
        "organization.work.changed",
    ]


def test_each_occasion_and_owner_owes_its_own(owner: Actor, calendar: WorkCalendar) -> None:
    one, other = make_member(), make_member()
    made = {
        open_for(owner, calendar, owner=member, occasion=occasion).pk
        for member in (one, other)
        for occasion in ("2026-03", "2026-04")
    }

    assert len(made) == 4


def test_a_closed_item_makes_room_for_the_next(owner: Actor, calendar: WorkCalendar) -> None:
    member = make_member()
    first = open_for(owner, calendar, owner=member)

    closed = work_items.close_item(owner, kind=KIND, subject=calendar)
    nothing = work_items.close_item(owner, kind=KIND, subject=calendar)
    second = open_for(owner, calendar, owner=member)

    assert ([item.pk for item in closed], nothing) == ([first.pk], [])
    assert (closed[0].outcome, closed[0].closed_by_id) == (Outcome.DONE, owner.member_id)
    assert second.pk != first.pk


def test_closing_one_occasion_leaves_the_others(owner: Actor, calendar: WorkCalendar) -> None:
    member = make_member()
    open_for(owner, calendar, owner=member, occasion="2026-03")
    open_for(owner, calendar, owner=member, occasion="2026-04")

    work_items.close_item(owner, kind=KIND, subject=calendar, occasion="2026-03", outcome=Outcome.DROPPED)

    assert list(WorkItem.objects.filter(closed_at=None).values_list("occasion", flat=True)) == ["2026-04"]


def test_work_of_nobody_is_refused(owner: Actor, calendar: WorkCalendar) -> None:
    with pytest.raises(work_items.NobodyOwes):
        open_for(owner, calendar)

    assert WorkItem.objects.count() == 0


def test_title_reads_in_the_readers_language(owner: Actor, calendar: WorkCalendar) -> None:
    WorkCalendar.objects.filter(pk=calendar.pk).update(name="Office", name_zh="办公室")
    calendar.refresh_from_db()
    member = make_member()

    item = open_for(owner, calendar, owner=member)
    notice = Notice.objects.get(recipient=member)

    assert work_title(item) == "Load the official days of 2027 into “Office”"
    assert notice_title(notice) == "To do: Load the official days of 2027 into “Office”"
    with translation.override("zh-hans"):
        assert "办公室" in work_title(item)


def test_closing_settles_what_people_were_told_of_it(owner: Actor, calendar: WorkCalendar) -> None:
    member = make_member()
    open_for(owner, calendar, owner=member)

    work_items.close_item(owner, kind=KIND, subject=calendar)

    assert Notice.objects.get(recipient=member).done_at is not None


def test_work_of_a_role_is_owed_where_the_role_is_borne_nearest(scope: Organization, owner: Actor) -> None:
    top = create_department(owner, scope, name="Sales", code="S")
    below = create_department(owner, scope, name="Sales North", code="SN", parent=top)
    leaf = create_department(owner, scope, name="Sales North 1", code="SN1", parent=below)
    other = create_department(owner, scope, name="Stock", code="ST")
    manager = make_member("manager", department=top)
    beside = make_member("manager", department=other)
    staff = make_member("staff", department=leaf)
    role = Role.objects.get(key="manager")

    item = work_items.open_item(owner, kind=KIND, subject=leaf, role=role, department=leaf, due_at=DUE)

    assert item.department == top
    assert {found.pk for found in my_work(actor_of(manager))} == {item.pk}
    assert not my_work(actor_of(beside)).exists()
    assert not my_work(actor_of(staff)).exists()
    assert set(Notice.objects.values_list("recipient_id", flat=True)) == {manager.pk}


def test_work_of_a_role_without_a_department_is_owed_by_all_who_bear_it(scope: Organization, owner: Actor) -> None:
    top = create_department(owner, scope, name="Sales", code="S")
    one, other = make_member("manager", department=top), make_member("manager")

    item = work_items.open_item(owner, kind=KIND, subject=top, role=Role.objects.get(key="manager"))

    assert [list(my_work(actor_of(member))) for member in (one, other)] == [[item], [item]]


def test_a_role_borne_for_another_department_owes_there(scope: Organization, owner: Actor) -> None:
    home = create_department(owner, scope, name="Sales", code="S")
    away = create_department(owner, scope, name="Stock", code="ST")
    member = make_member(None, department=home)
    role = Role.objects.get(key="manager")
    give_role(member, role, away)

    there = work_items.open_item(owner, kind=KIND, subject=away, role=role, department=away)
    work_items.open_item(owner, kind=KIND, subject=home, owner=make_member("staff", department=home))

    assert list(my_work(actor_of(member))) == [there]


def test_managers_see_their_departments_and_staff_only_their_own(scope: Organization, owner: Actor) -> None:
    sales = create_department(owner, scope, name="Sales", code="S")
    stock = create_department(owner, scope, name="Stock", code="ST")
    seller, keeper = make_member("staff", department=sales), make_member("staff", department=stock)
    sold = work_items.open_item(owner, kind=KIND, subject=sales, owner=seller)
    kept = work_items.open_item(owner, kind=KIND, subject=stock, owner=keeper)

    assert list(team_work(make_actor("manager", department=sales))) == [sold]
    assert list(team_work(actor_of(seller))) == [sold]
    assert set(team_work(make_actor("admin"))) == {sold, kept}


def test_reassign_tells_the_new_owner_and_settles_the_old_ones_notice(scope: Organization, owner: Actor) -> None:
    sales = create_department(owner, scope, name="Sales", code="S")
    manager = make_actor("manager", department=sales)
    before, after = make_member("staff", department=sales), make_member("staff", department=sales)
    item = work_items.open_item(owner, kind=KIND, subject=sales, owner=before)

    moved = work_items.reassign(manager, item, owner=after, version=item.version)

    assert (moved.owner_id, moved.version) == (after.pk, 2)
    told = {notice.recipient_id: notice for notice in Notice.objects.all()}
    assert told[before.pk].done_at is not None
    assert (told[after.pk].kind, told[after.pk].done_at) == ("organization.work_given", None)
    assert told[after.pk].by_id == manager.member_id


def test_reassign_seen_in_an_old_version_changes_nothing(owner: Actor, calendar: WorkCalendar) -> None:
    item = open_for(owner, calendar, owner=make_member())
    work_items.reassign(owner, item, owner=make_member(), version=1)
    stands = WorkItem.objects.get().owner_id

    with pytest.raises(StateConflict):
        work_items.reassign(owner, item, owner=make_member(), version=1)

    assert WorkItem.objects.get().owner_id == stands


def test_reassign_to_who_owes_the_same_leaves_one_open(owner: Actor, calendar: WorkCalendar) -> None:
    one, other = make_member(), make_member()
    mine, theirs = open_for(owner, calendar, owner=one), open_for(owner, calendar, owner=other)

    left = work_items.reassign(owner, mine, owner=other)

    assert left.pk == theirs.pk
    assert list(WorkItem.objects.filter(closed_at=None)) == [theirs]
    assert WorkItem.objects.get(pk=mine.pk).outcome == Outcome.DROPPED


def test_o4_a_manager_of_another_department_can_neither_give_away_nor_drop(scope: Organization, owner: Actor) -> None:
    sales = create_department(owner, scope, name="Sales", code="S")
    stock = create_department(owner, scope, name="Stock", code="ST")
    item = work_items.open_item(owner, kind=KIND, subject=sales, owner=make_member("staff", department=sales))
    stranger = make_actor("manager", department=stock)

    with pytest.raises(NotVisible):
        work_items.reassign(stranger, item, owner=make_member())
    with pytest.raises(NotVisible):
        work_items.drop(stranger, item)

    item.refresh_from_db()
    assert (item.version, item.closed_at) == (1, None)


def test_dropped_work_is_closed_with_its_outcome(owner: Actor, calendar: WorkCalendar) -> None:
    item = open_for(owner, calendar, owner=make_member())

    work_items.drop(owner, item)

    item.refresh_from_db()
    assert item.outcome == Outcome.DROPPED
    with pytest.raises(work_items.AlreadyClosed):
        work_items.drop(owner, item)


def test_o6_due_dates_follow_the_working_calendar(scope: Organization, owner: Actor, calendar: WorkCalendar) -> None:
    load_official_days(owner, calendar, country="CN", year=2026)
    before_new_year = datetime(2026, 2, 13, 9, tzinfo=UTC)

    due = due_after_working_days(None, days=3, since=before_new_year)

    # 14 February 2026 is a make-up Saturday; the Spring Festival lasts from the 15th to the 23rd
    assert (due.at, due.is_provisional) == (datetime(2026, 2, 25, 18, tzinfo=UTC), False)


def test_o6_a_due_date_beyond_the_known_days_is_provisional(owner: Actor, calendar: WorkCalendar) -> None:
    load_official_days(owner, calendar, country="CN", year=2026)
    calendar.refresh_from_db()
    day = datetime(2027, 1, 4, 10, tzinfo=UTC)

    known = open_for(owner, calendar, owner=make_member(), due_at=DUE)
    unknown = open_for(owner, calendar, owner=make_member(), due_at=day)

    assert (known.is_provisional, unknown.is_provisional) == (False, True)
    assert due_on_day(None, day.date()).is_provisional


def test_deleting_a_department_keeps_the_work_done_in_it(scope: Organization, owner: Actor) -> None:
    gone = create_department(owner, scope, name="Sales", code="S")
    member: Member = make_member("staff", department=gone)
    item = work_items.open_item(owner, kind=KIND, subject=gone, owner=member)
    Member.objects.filter(pk=member.pk).update(department=None)

    Department.objects.get(pk=gone.pk).delete()

    item.refresh_from_db()
    assert item.department_id is None
