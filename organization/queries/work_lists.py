"""Work items as their lists show them: in which group, how soon, how late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from ops_platform.web.formats import day
from ops_platform.web.status import Status
from organization.choices import WorkWhen
from organization.engine.local_time import as_utc
from organization.models import WorkItem
from organization.queries.told_words import work_title
from organization.work_kinds import find_or_none

SOON_DAYS = 6


@dataclass(frozen=True)
class Moments:
    """The borders between the groups in the organization's zone: now, the end of today, the end of this week."""

    now: datetime
    today: date
    zone: ZoneInfo
    day_ends: datetime
    week_ends: datetime

    @classmethod
    def at(cls, now: datetime, *, timezone: str, week_starts_on: int) -> Moments:
        """The borders at an instant."""
        zone = ZoneInfo(timezone)
        today = now.astimezone(zone).date()
        left = 7 - (today.weekday() - week_starts_on) % 7
        return cls(
            now, today, zone, _midnight(today + timedelta(days=1), zone), _midnight(today + timedelta(left), zone)
        )

    def filter(self, when: str) -> Q:
        """The items of one group."""
        return {
            WorkWhen.OVERDUE: Q(due_at__lt=self.now),
            WorkWhen.TODAY: Q(due_at__gte=self.now, due_at__lt=self.day_ends),
            WorkWhen.WEEK: Q(due_at__gte=self.day_ends, due_at__lt=self.week_ends),
            WorkWhen.LATER: Q(due_at__gte=self.week_ends) | Q(due_at=None),
        }[WorkWhen(when)]

    def group_of(self, due_at: datetime | None) -> WorkWhen:
        """The group of a due date."""
        if due_at is None or due_at >= max(self.week_ends, self.day_ends):
            return WorkWhen.LATER
        if due_at < self.now:
            return WorkWhen.OVERDUE
        return WorkWhen.TODAY if due_at < self.day_ends else WorkWhen.WEEK


@dataclass(frozen=True)
class WorkLine:
    """One item of the list, in words. due: when, as people say it; late: set where it is overdue or due today."""

    item: WorkItem
    title: str
    kind: Any
    action: Any
    icon: str
    due: str
    late: Status | None


@dataclass(frozen=True)
class WorkGroup:
    """Items that are due about the same time."""

    when: WorkWhen
    lines: list[WorkLine]


def work_groups(items: Iterable[WorkItem], moments: Moments) -> list[WorkGroup]:
    """The items, ordered by due date, in their groups."""
    return [
        WorkGroup(when, [work_line(item, moments) for item in found])
        for when, found in groupby(items, key=lambda item: moments.group_of(item.due_at))
    ]


def work_line(item: WorkItem, moments: Moments) -> WorkLine:
    """An item as a list shows it."""
    kind = find_or_none(item.kind)
    return WorkLine(
        item,
        work_title(item),
        kind.label if kind else item.kind,
        kind.action if kind else gettext("Open"),
        kind.icon if kind else "list-check",
        due_words(item.due_at, moments),
        _lateness(item.due_at, moments),
    )


def due_words(due_at: datetime | None, moments: Moments) -> str:
    """When something is due: the time today, the weekday within a week, else the day."""
    if due_at is None:
        return ""
    local = due_at.astimezone(moments.zone)
    # What is due at midnight is due by the end of the day before
    on = (local - timedelta(microseconds=1)).date()
    distance = (on - moments.today).days
    if distance == 0:
        return gettext("by %(time)s") % {"time": f"{local:%H:%M}"} if local.time() != time() else gettext("today")
    if distance == 1:
        return gettext("tomorrow")
    if 1 < distance <= SOON_DAYS:
        return date_format(on, "l")
    return day(on)


def _lateness(due_at: datetime | None, moments: Moments) -> Status | None:
    when = moments.group_of(due_at)
    if when == WorkWhen.TODAY:
        return Status("watch", gettext("Today"))
    if when != WorkWhen.OVERDUE or due_at is None:
        return None
    days = (moments.today - due_at.astimezone(moments.zone).date()).days
    if days == 0:
        return Status("bad", gettext("Late since today"))
    return Status("bad", ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days})


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return as_utc(datetime.combine(on, time(), zone))
