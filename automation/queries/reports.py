"""Scheduled reports as pages show them, and who reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automation.choices import MailStatus, Rhythm
from automation.models import ReportMail, ReportRun, ReportSchedule
from ops_platform.web.status import Status
from organization.access import Actor
from organization.models import Member
from organization.tenancy import TenantQuerySet

NEWEST_RUNS = 20


def report_rows(actor: Actor, *, q: str = "", dashboard: int | None = None) -> TenantQuerySet:
    """The schedules that the actor may see, with `reader_count`, `last_slot`, and `last_bad`: copies not delivered then."""
    newest = ReportRun.objects.filter(schedule=OuterRef("pk")).order_by("-slot")
    bad = Count("mails", filter=Q(mails__status=MailStatus.FAILED))
    found = (
        ReportSchedule.objects.visible_to(actor)
        .select_related("owner", "dashboard__department")
        .annotate(
            reader_count=Count("readers", distinct=True),
            last_slot=Subquery(newest.values("slot")[:1]),
            last_bad=Subquery(newest.annotate(bad=bad).values("bad")[:1]),
        )
    )
    if text := q.strip().replace("\0", ""):
        found = found.filter(Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(reference__iexact=text))
    return found.filter(dashboard=dashboard) if dashboard else found


def readers_of(schedule: ReportSchedule, *, only_active: bool = True) -> list[Member]:
    """Whoever gets the report today, each once, by name."""
    readers = schedule.readers.all()
    chosen = Q(pk__in=readers.filter(member__isnull=False).values("member"))
    by_role = Q(role_assignments__role__in=readers.filter(role__isnull=False).values("role"))
    found = Member.objects.filter(chosen | by_role).distinct().order_by("name_pinyin", "pk")
    return list(found.filter(is_active=True, user__is_active=True) if only_active else found)


def counted_runs(schedule: ReportSchedule) -> TenantQuerySet:
    """The runs with counts of their copies: `sent`, `waiting`, `refused`, `failed`."""
    counts: dict[str, Any] = {
        status.value: Count("mails", filter=Q(mails__status=status.value)) for status in MailStatus
    }
    return ReportRun.objects.filter(schedule=schedule).select_related("asked_by").annotate(**counts)


def newest_runs(schedule: ReportSchedule) -> list[Any]:
    """The latest runs with counts of their copies, as `counted_runs` has them."""
    return list(counted_runs(schedule).order_by("-slot")[:NEWEST_RUNS])


def mails_of(run: ReportRun) -> list[ReportMail]:
    """The copies of a run by name of the reader."""
    return list(ReportMail.objects.filter(run=run).select_related("member").order_by("member__name_pinyin", "pk"))


def status_of(schedule: Any) -> Status:
    """How a schedule of `report_rows` stands, as shape and word."""
    if not schedule.is_enabled:
        return Status("neutral", _("Paused"))
    if schedule.last_bad:
        return Status(
            "bad",
            ngettext("%(count)d not delivered", "%(count)d not delivered", schedule.last_bad)
            % {"count": schedule.last_bad},
        )
    return Status("good", _("Switched on"))


def rhythm_words(schedule: ReportSchedule) -> str:
    """When it goes out, in words: "Mondays at 08:00"."""
    at = f"{schedule.at:%H:%M}"
    if schedule.rhythm == Rhythm.WEEKLY:
        return _("Every %(weekday)s at %(time)s") % {"weekday": WEEKDAYS[schedule.weekday], "time": at}
    if schedule.rhythm == Rhythm.MONTHLY:
        return _("On day %(day)d of each month at %(time)s") % {"day": schedule.month_day, "time": at}
    words = {
        Rhythm.DAILY: _("Every day at %(time)s"),
        Rhythm.WORKDAYS: _("Every working day at %(time)s"),
        Rhythm.FIRST_WORKDAY: _("On the first working day of each month at %(time)s"),
    }
    return words[Rhythm(schedule.rhythm)] % {"time": at}


def run_status(run: Any) -> Status:
    """What became of a run of `newest_runs`."""
    if run.failed:
        return Status("bad", _("Not delivered to all"))
    if run.waiting:
        return Status("info", _("Being sent"))
    if run.refused and not run.sent:
        return Status("watch", _("Nobody may see it"))
    return Status("good", _("Sent"))


def is_due(schedule: ReportSchedule, as_of: datetime) -> bool:
    """Whether its time has come."""
    return schedule.is_enabled and schedule.next_run_at is not None and schedule.next_run_at <= as_of
