"""What the clock brings: once, however often it looks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from organization.access import Actor
from organization.choices import Outcome
from organization.models import (
    Member,
    Notice,
    NoticeDelivery,
    NoticePreference,
    Organization,
    WorkCalendar,
    WorkItem,
)
from organization.queries.notice_channels import Wishes, digest_slot
from organization.services import notices, work_items
from organization.services.calendars import load_official_days
from organization.services.departments import create_department
from organization.services.reminders import ask_for_official_days, mark_provisional, remind, send_digests
from tests.factories import make_member

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 9, tzinfo=UTC)
KIND = "organization.load_official_days"
GIVEN = "organization.work_given"


@pytest.fixture
def member(scope: Organization) -> Member:
    return make_member("staff")


def owe(owner: Actor, scope: Organization, member: Member, due_at: datetime) -> WorkItem:
    subject = create_department(owner, scope, name="D", code=f"D{due_at:%d%H}")
    return work_items.open_item(owner, kind=KIND, subject=subject, owner=member, due_at=due_at)


def told(member: Member) -> list[str]:
    return sorted(Notice.objects.filter(recipient=member, done_at=None).values_list("kind", flat=True))


def test_work_is_recalled_on_its_day_and_once_it_is_overdue(scope: Organization, owner: Actor, member: Member) -> None:
    owe(owner, scope, member, NOON + timedelta(hours=5))
    early, evening = NOON.replace(hour=5), NOON.replace(hour=18)

    remind(scope.pk, as_of=early)
    assert told(member) == ["organization.work_opened"]
    for _ in range(2):
        remind(scope.pk, as_of=NOON)
    assert told(member) == ["organization.work_due"]
    for _ in range(2):
        remind(scope.pk, as_of=evening)
    assert told(member) == ["organization.work_overdue"]


def test_work_that_is_done_or_due_later_is_not_recalled(scope: Organization, owner: Actor, member: Member) -> None:
    done = owe(owner, scope, member, NOON - timedelta(hours=1))
    owe(owner, scope, member, NOON + timedelta(days=1))
    work_items.drop(owner, done)

    remind(scope.pk, as_of=NOON)

    assert told(member) == ["organization.work_opened"]


def test_o6_next_years_missing_list_is_work_for_the_administrators_until_it_is_loaded(
    scope: Organization, owner: Actor
) -> None:
    admin = make_member("admin")
    calendar = WorkCalendar.objects.get(is_default=True)
    load_official_days(owner, calendar, country="CN", year=2026)

    ask_for_official_days(owner, as_of=DECEMBER - timedelta(days=1))
    assert not WorkItem.objects.exists()
    for _ in range(2):
        ask_for_official_days(owner, as_of=DECEMBER)
    item = WorkItem.objects.get()
    assert (item.kind, item.source_id, item.occasion) == (KIND, calendar.pk, "2027")
    assert item.url == f"/organization/calendars/{calendar.pk}/"
    assert item.due_at is not None
    assert item.due_at.date() == date(2026, 12, 31)
    assert told(admin) == ["organization.work_opened"]

    WorkCalendar.objects.filter(pk=calendar.pk).update(known_until=date(2027, 12, 31))
    ask_for_official_days(owner, as_of=DECEMBER)
    item.refresh_from_db()
    assert item.outcome == Outcome.DONE
    assert told(admin) == []


def test_o6_due_dates_become_certain_once_their_year_is_known(
    scope: Organization, owner: Actor, member: Member
) -> None:
    calendar = WorkCalendar.objects.get(is_default=True)
    load_official_days(owner, calendar, country="CN", year=2026)
    item = owe(owner, scope, member, datetime(2027, 1, 4, 9, tzinfo=UTC))
    assert item.is_provisional

    WorkCalendar.objects.update(known_until=date(2027, 12, 31))
    mark_provisional()

    item.refresh_from_db()
    assert not item.is_provisional


def tell(owner: Actor, member: Member, **fields: Any) -> Notice:
    [made] = notices.tell(owner, kind=GIVEN, recipients=[member], subject=make_member(None))
    Notice.objects.filter(pk=made.pk).update(**fields)
    return made


def test_a_daily_summary_gathers_what_is_unread_once(owner: Actor, member: Member) -> None:
    NoticePreference.objects.create(member=member, digest="daily", digest_hour=8)
    first, second = (tell(owner, member, created_at=NOON - timedelta(hours=h)) for h in (6, 5))
    tell(owner, member, created_at=NOON - timedelta(hours=4, minutes=30), read_at=NOON)
    late = tell(owner, member, created_at=NOON)
    assert not NoticeDelivery.objects.exists()

    for _ in range(2):
        send_digests(as_of=NOON)

    delivery = NoticeDelivery.objects.get()
    assert delivery.is_digest
    assert list(delivery.carried.order_by("notice").values_list("notice", flat=True)) == [first.pk, second.pk]
    send_digests(as_of=NOON + timedelta(days=1))
    assert set(NoticeDelivery.objects.exclude(pk=delivery.pk).get().carried.values_list("notice", flat=True)) == {
        late.pk
    }


def test_nothing_new_is_no_summary(owner: Actor, member: Member) -> None:
    NoticePreference.objects.create(member=member, digest="daily")

    send_digests(as_of=NOON)

    assert not NoticeDelivery.objects.exists()


def test_a_summary_that_was_switched_off_leaves_nothing_lying(owner: Actor, member: Member) -> None:
    wish = NoticePreference.objects.create(member=member, digest="weekly")
    notice = tell(owner, member)
    wish.digest = "none"
    wish.save()

    send_digests(as_of=NOON)

    assert NoticeDelivery.objects.get().carried.get().notice_id == notice.pk


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-03-04T00:30", "2026-03-04T00:00"),  # 08:30 in Shanghai
        ("2026-03-03T23:30", "2026-03-03T00:00"),  # 07:30 of the 4th
    ],
)
def test_a_daily_hour_is_the_members_own(now: str, slot: str) -> None:
    found = digest_slot(
        Wishes(digest="daily", digest_hour=8), "Asia/Shanghai", datetime.fromisoformat(now).replace(tzinfo=UTC)
    )

    assert found == datetime.fromisoformat(slot).replace(tzinfo=UTC)


def test_a_weekly_hour_is_the_last_one_of_its_day() -> None:
    wishes = Wishes(digest="weekly", digest_hour=8, digest_weekday=0)

    monday = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert digest_slot(wishes, "UTC", NOON) == monday
    assert digest_slot(wishes, "UTC", monday - timedelta(minutes=1)) == monday - timedelta(days=7)


def test_the_organizations_defaults_hold_for_who_has_not_chosen(scope: Organization, owner: Actor) -> None:
    NoticePreference.objects.create(member=None, channels={GIVEN: []})
    chose, chose_not = make_member(), make_member()
    NoticePreference.objects.create(member=chose, channels={GIVEN: ["mail"]})

    for one in (chose, chose_not):
        tell(owner, one)

    assert list(NoticeDelivery.objects.values_list("member", flat=True)) == [chose.pk]
