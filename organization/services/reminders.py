"""What the clock brings: reminders of what is due, summaries of notices, and the yearly list that is missing.

Everything here follows from the rows as they stand: run twice, it changes once.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from organization.access import Actor, system_actor
from organization.choices import BuiltInRole, Channel
from organization.engine.local_time import local_day
from organization.models import CarriedNotice, Member, Notice, Organization, Role, WorkCalendar, WorkItem
from organization.queries.calendars import missing_year
from organization.queries.notice_channels import digest_slot, wishes_of, zone_of
from organization.queries.work import bearers, due_on_day, is_due_provisional
from organization.queries.work_lists import Moments
from organization.queue import enqueue
from organization.services.absences import tell_deputies
from organization.services.notice_deliveries import gather
from organization.services.notices import settle
from organization.services.work_items import close_item, open_item, tell_of

OFFICIAL_DAYS = "organization.load_official_days"
SUBJECT = WorkItem._meta.label_lower
EARLIER = {  # the later word takes the place of the earlier one
    "organization.work_due": ["organization.work_opened"],
    "organization.work_overdue": ["organization.work_opened", "organization.work_due"],
}
MORNING = 7  # nobody is reminded at midnight of what is due by the evening
MOST_AT_ONCE = 500


def remind(organization_id: int, *, as_of: datetime) -> None:
    """All reminders of the open organization at an instant."""
    organization = Organization.objects.get(pk=organization_id)
    actor = system_actor(organization_id, "reminders")
    tell_deputies(actor, as_of=as_of)
    remind_of_work(actor, organization, as_of=as_of)
    ask_for_official_days(actor, as_of=as_of)
    send_digests(as_of=as_of)


def remind_of_work(actor: Actor, organization: Organization, *, as_of: datetime) -> None:
    """Tell owners once on the day that an item is due, and once when it is overdue. Who does it in time hears one of them."""
    moments = Moments.at(as_of, timezone=organization.timezone, week_starts_on=organization.week_starts_on)
    due = WorkItem.objects.filter(closed_at=None, due_at__lt=moments.day_ends).select_related(
        "owner", "role", "department"
    )
    today = due.filter(due_at__gte=as_of) if as_of.astimezone(moments.zone).hour >= MORNING else due.none()
    for kind, items in (("organization.work_due", today), ("organization.work_overdue", due.filter(due_at__lt=as_of))):
        told = Notice.objects.filter(kind=kind, subject_type=SUBJECT, subject_id=OuterRef("pk"))
        owner_told = Exists(told.filter(recipient_id=OuterRef("owner_id")))
        fresh = items.exclude(owner_told).exclude(Q(owner=None) & Exists(told))
        for item in fresh.order_by("due_at", "pk")[:MOST_AT_ONCE]:
            settle(item, kinds=EARLIER[kind])
            people = [item.owner] if item.owner else bearers(item.role, item.department)[1]
            tell_of(actor, item, kind=kind, recipients=people, dedupe=str(item.pk))


def ask_for_official_days(actor: Actor, *, as_of: datetime) -> None:
    """In December, work for the administrators for each calendar that lacks next year's list; done once it is there."""
    role = Role.objects.get(key=BuiltInRole.ADMIN)
    if not bearers(role, None)[1]:
        role = Role.objects.get(key=BuiltInRole.OWNER)
    for calendar in WorkCalendar.objects.select_related("organization").order_by("pk"):
        today = local_day(as_of, calendar.timezone or calendar.organization.timezone)
        year = missing_year(calendar, today=today)
        if year is None:
            close_item(actor, kind=OFFICIAL_DAYS, subject=calendar)
            continue
        open_item(
            actor,
            kind=OFFICIAL_DAYS,
            subject=calendar,
            role=role,
            occasion=str(year),
            due_at=due_on_day(None, today.replace(day=31)).at,
            facts={"year": year, "calendar": calendar},
        )


def mark_provisional() -> None:
    """Mark anew which open due dates lie beyond the days that their calendars know."""
    open_items = WorkItem.objects.filter(closed_at=None, due_at__isnull=False).select_related("department")
    for item in open_items.order_by("pk"):
        is_now = is_due_provisional(item.department, item.due_at)
        if is_now != item.is_provisional:
            WorkItem.objects.filter(pk=item.pk).update(is_provisional=is_now)


def send_digests(*, as_of: datetime) -> None:
    """A summary for each member whose hour has come, of what they have neither read nor been mailed."""
    mailed = CarriedNotice.objects.filter(notice=OuterRef("pk"), delivery__channel=Channel.MAIL)
    waiting = Notice.objects.filter(wants_mail=True, read_at=None, done_at=None).exclude(Exists(mailed))
    by_member: dict[int, list[Notice]] = defaultdict(list)
    for notice in waiting.order_by("pk"):
        by_member[notice.recipient_id].append(notice)
    members = Member.objects.filter(pk__in=by_member, is_active=True).select_related("user", "organization")
    wishes = wishes_of(members)
    for member in members:
        slot = digest_slot(wishes[member.pk], zone_of(member), as_of)
        ripe = [notice for notice in by_member[member.pk] if slot is None or notice.created_at <= slot]
        if ripe:
            # A digest that was switched off meanwhile lets nothing lie
            gather(member, ripe, slot=(slot or as_of).isoformat(timespec="hours"), now=as_of)
            enqueue("organization.relay")
