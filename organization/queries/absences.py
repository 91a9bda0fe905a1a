"""Who is away, and who stands in for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from ops_platform.web.formats import day as day_words
from organization.access import Actor
from organization.engine.local_time import local_day
from organization.models import Absence, Member, Organization
from organization.models.absence import today_there
from organization.tenancy import TenantQuerySet, current_organization_id

DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class Cover:
    """Somebody is away, and `deputy` stands in, directly or for a deputy who is away as well."""

    absence: Absence
    deputy: Member


def today(as_of: datetime | None = None) -> date:
    """The day in the zone of the open organization: absences begin and end at its midnight."""
    zone = Organization.objects.values_list("timezone", flat=True).get(pk=current_organization_id())
    return local_day(as_of or timezone.now(), zone)


def visible_absences(actor: Actor) -> TenantQuerySet:
    """Absences of the members that the actor may see, with both people."""
    return Absence.objects.visible_to(actor).select_related("member__department", "deputy")


def absences_of(member: Member, *, since: date) -> TenantQuerySet:
    """The member's absences that are not over on that day, the soonest first."""
    found = Absence.objects.filter(member=member, ends_on__gte=since)
    return found.select_related("deputy").prefetch_related("lent__assignment__role").order_by("starts_on")


def away_among(members: Iterable[Member], *, on: date) -> dict[int, Absence]:
    """Which of the members are away on that day; one statement."""
    ids = [member.pk for member in members]
    found = Absence.objects.filter(member__in=ids, starts_on__lte=on, ends_on__gte=on).select_related("deputy")
    return {absence.member_id: absence for absence in found}


def stood_in_for(member_id: int | None, *, on: date | None = None) -> list[Absence]:
    """The absences during which the member stands in on that day, those of the deputies among them as well."""
    if member_id is None:
        return []
    by_deputy: dict[int, list[Absence]] = {}
    for absence in _current(on):
        by_deputy.setdefault(absence.deputy_id, []).append(absence)
    found: dict[int, Absence] = {}
    waiting = [member_id]
    while waiting:
        for absence in by_deputy.get(waiting.pop(), ()):
            if absence.member_id not in found and absence.member_id != member_id:
                found[absence.member_id] = absence
                waiting.append(absence.member_id)
    return list(found.values())


def covers_of(members: Iterable[Member], *, on: date | None = None) -> list[Cover]:
    """Who stands in for those of the members who are away on that day; nobody twice for one person."""
    ids = {member.pk for member in members}
    if not ids:
        return []
    by_member = {absence.member_id: absence for absence in _current(on)}
    found: list[Cover] = []
    for pk in sorted(ids & set(by_member)):
        seen, absence = {pk}, by_member[pk]
        follow: Absence | None = absence
        while follow is not None and follow.deputy_id not in seen:
            assert follow.deputy is not None  # `_current` has none without
            found.append(Cover(absence, follow.deputy))
            seen.add(follow.deputy.pk)
            follow = by_member.get(follow.deputy.pk)
    return found


def closes_circle(member: Member, deputy: Member, first: date, last: date, *, but: int | None = None) -> bool:
    """Whether work would come back to `member`, since those who stand in are away in these days, each for the next."""
    overlapping = Absence.objects.filter(starts_on__lte=last, ends_on__gte=first, deputy__isnull=False).exclude(pk=but)
    next_of: dict[int, set[int]] = {}
    for away, stands_in in overlapping.values_list("member", "deputy"):
        next_of.setdefault(away, set()).add(stands_in)
    seen: set[int] = set()
    waiting = [deputy.pk]
    while waiting:
        pk = waiting.pop()
        if pk == member.pk:
            return True
        if pk not in seen:
            seen.add(pk)
            waiting.extend(next_of.get(pk, ()))
    return False


def is_uncovered(deputy: Member, first: date, last: date) -> Absence | None:
    """An absence of the deputy in these days for which nobody stands in; None where there is none."""
    return Absence.objects.filter(member=deputy, deputy=None, starts_on__lte=last, ends_on__gte=first).first()


def _current(on: date | None) -> Any:
    day = on or today_there()
    return Absence.objects.filter(starts_on__lte=day, ends_on__gte=day, deputy__isnull=False).select_related(
        "member", "deputy"
    )


def with_absences(members: list[Any], *, on: date, is_anybody: bool = True) -> list[Any]:
    """The members, each with `away`, the absence that lasts on that day, or None, and `today`. is_anybody: False where
    nobody at all is away, which then is not asked."""
    away = away_among(members, on=on) if is_anybody else {}
    for member in members:
        member.away, member.today = away.get(member.pk), on
    return members


def away_words(absence: Absence, on: date) -> str:
    """Until when somebody is away, and who stands in: "Until Friday, deputy Ye Wan"."""
    near = (absence.ends_on - on).days < DAYS_OF_WEEK
    words = {"day": date_format(absence.ends_on, "l") if near else day_words(absence.ends_on)}
    if absence.ends_on == on:
        words["day"] = gettext("today")
    if absence.deputy is None:
        return gettext("Until %(day)s, no deputy") % words
    return gettext("Until %(day)s, deputy %(name)s") % (words | {"name": absence.deputy.name})
