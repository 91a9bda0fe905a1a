"""What moving a department changes for people's rights, and what the tree looked like on a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import ngettext

from ops_platform.web.formats import is_chinese
from organization.choices import Scope
from organization.engine.local_time import day_start
from organization.models import Department, DepartmentPlace, RoleAssignment
from organization.tenancy import TenantQuerySet


@dataclass(frozen=True)
class MoveEffects:
    """How many active members reach the department and what is below only after the move, or only before it."""

    gains: int
    loses: int

    @property
    def sentences(self) -> list[str]:
        """What it says to whoever is about to move it."""
        gains = ngettext(
            "%(count)s person will reach this department and what is below it.",
            "%(count)s people will reach this department and what is below it.",
            self.gains,
        )
        loses = ngettext(
            "%(count)s person will no longer reach it.", "%(count)s people will no longer reach it.", self.loses
        )
        return [text % {"count": number} for text, number in ((gains, self.gains), (loses, self.loses)) if number]

    @property
    def touches(self) -> bool:
        return bool(self.gains or self.loses)


@dataclass(frozen=True)
class PastPlace:
    """A line of the tree as it was."""

    name: str
    code: str
    depth: int


def move_effects(department: Department, parent: Department | None) -> MoveEffects:
    """Whom the move touches: bearers of roles with a right over a department above and all below it."""
    above_now = _ids(department.path) - {department.pk}
    above_then = _ids(parent.path) if parent else set()
    borne = RoleAssignment.objects.filter(role__grants__scope=Scope.BELOW, member__is_active=True)
    reach: dict[int, set[int]] = defaultdict(set)
    for member_id, own, named in borne.values_list("member", "member__department", "department").distinct():
        if place := named or own:
            reach[member_id].add(place)
    gains = sum(bool(places & above_then) and not places & above_now for places in reach.values())
    loses = sum(bool(places & above_now) and not places & above_then for places in reach.values())
    return MoveEffects(gains, loses)


def moves() -> TenantQuerySet:
    """Every move, the newest first, with who made it."""
    return DepartmentPlace.objects.filter(is_move=True).select_related("by").order_by("-since_at", "-pk")


def places_before(made: list[DepartmentPlace]) -> dict[int, int | None]:
    """By the number of a move, below which department it stood before; one statement."""
    ended = DepartmentPlace.objects.filter(number__in=[one.number for one in made], until_at__isnull=False)
    found = {(number, at): above for number, at, above in ended.values_list("number", "until_at", "above")}
    return {one.pk: found.get((one.number, one.since_at)) for one in made}


def tree_on(day: date, *, timezone: str) -> list[PastPlace]:
    """The tree as it stood at the end of a day of `timezone`: each below its parent, siblings by code."""
    end = day_start(day + timedelta(days=1), timezone)
    standing = DepartmentPlace.objects.filter(since_at__lt=end).exclude(until_at__lte=end - timedelta(microseconds=1))
    below: dict[int | None, list[DepartmentPlace]] = defaultdict(list)
    places = list(standing)
    known = {place.number for place in places}
    for place in sorted(places, key=lambda one: one.code):
        below[place.above if place.above in known else None].append(place)
    lines: list[PastPlace] = []
    waiting = [(place, 0) for place in reversed(below[None])]
    while waiting:
        place, depth = waiting.pop()
        lines.append(PastPlace(name_of_place(place), place.code, depth))
        waiting += [(one, depth + 1) for one in reversed(below[place.number])]
    return lines


def name_of_place(place: DepartmentPlace) -> str:
    """What it was called, in the active language."""
    return place.name_zh if place.name_zh and is_chinese() else place.name


def names_of(numbers: set[int]) -> dict[int, str]:
    """The last names of departments, those that are gone among them."""
    found = DepartmentPlace.objects.filter(number__in=numbers).order_by("since_at", "pk")
    return {place.number: name_of_place(place) for place in found}


def _ids(path: str) -> set[int]:
    return {int(part) for part in path.strip("/").split("/") if part}
