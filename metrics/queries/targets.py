"""Targets: which one is in force in a period, and what targets were before."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext as _

from metrics.choices import GrainCode, MarginKind
from metrics.engine.status import Assessment, Direction, Margin, Status, Target, assess
from metrics.models import Kpi, KpiTarget
from metrics.queries.reader import CODES
from ops_platform.web import formats
from ops_platform.web.formats import Unit
from ops_platform.web.status import Status as Judgement
from organization.engine.periods import Period

NUMBERS = ("value", "low", "high", "warning_margin")


@dataclass(frozen=True)
class TargetRow:
    """A target from one period on."""

    grain: GrainCode
    starts_on: date
    department_id: int | None = None
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    margin_kind: str = MarginKind.RELATIVE
    warning_margin: Decimal = Decimal(0)
    id: int | None = None
    version: int = 1

    def target(self, direction: str) -> Target:
        """What the engine judges by."""
        margin = Margin(self.warning_margin, self.margin_kind == MarginKind.RELATIVE) if self.warning_margin else None
        return Target(Direction(direction), self.value, self.low, self.high, red=margin)


@dataclass(frozen=True)
class TargetBook:
    """The targets of one KPI."""

    direction: str
    rows: Sequence[TargetRow]

    def row(self, period: Period, department_id: int | None = None) -> TargetRow | None:
        """The row in force in `period`: of its grain, the newest that had begun."""
        code = CODES[period.grain]
        fitting = sorted(
            (row for row in self.rows if row.grain == code and row.department_id == department_id),
            key=lambda row: row.starts_on,
        )
        place = bisect_right([row.starts_on for row in fitting], period.first_on)
        return fitting[place - 1] if place else None

    def target(self, period: Period, department_id: int | None = None) -> Target | None:
        """The target in force in `period`, None where there is none."""
        row = self.row(period, department_id)
        return row.target(self.direction) if row else None

    def assess(self, value: Decimal | None, period: Period, department_id: int | None = None) -> Assessment:
        """How `value` stands to the target of `period`."""
        return assess(value, self.target(period, department_id))

    def of_department(self, department_id: int) -> TargetBook:
        """The targets of one department, as if it were the whole."""
        own = (replace(row, department_id=None) for row in self.rows if row.department_id == department_id)
        return TargetBook(self.direction, tuple(own))

    def line(self, periods: Sequence[Period], bound: str = "value") -> list[Decimal | None]:
        """The target in each period; bound: "low" or "high" of a range."""
        targets = [self.target(period) for period in periods]
        return [getattr(target, bound) if target else None for target in targets]


def targets_version(rows: Iterable[TargetRow | KpiTarget]) -> str:
    """What an editor of these targets saw, as a token: another one as soon as any of them is set or taken away."""
    seen = sorted(f"{row.id}.{row.version}" for row in rows)
    return hashlib.sha256(" ".join(seen).encode()).hexdigest()[:16]


def target_rows(kpi_lookup: str = "pk") -> ArraySubquery:
    """The targets of a KPI as an annotation, for `book_of`; kpi_lookup: from the annotated row to the KPI's id."""
    numbers = {name: Cast(name, TextField()) for name in NUMBERS}
    json = JSONObject(
        id="pk", version="version", grain="grain", starts_on="starts_on", department_id="department_id",
        margin_kind="margin_kind", **numbers,
    )  # fmt: skip
    return ArraySubquery(KpiTarget.objects.filter(kpi=OuterRef(kpi_lookup)).order_by("starts_on").values(json=json))


def book_of(kpi: Kpi, rows: Iterable[Mapping[str, Any]]) -> TargetBook:
    """The book from what the annotation `target_rows` gave."""
    return TargetBook(kpi.direction, tuple(_row(row) for row in rows))


def target_words(target: Target | None, unit: Unit, *, short: bool = True) -> str:
    """A target in words: "120K", "90% to 95%", "at least 90%"; empty where there is none."""
    if target is None or not target.is_set:
        return ""
    write = formats.compact if short else formats.in_unit
    if target.direction is not Direction.IN_RANGE:
        return write(target.value, unit)
    if target.low is None:
        return _("at most %(value)s") % {"value": write(target.high, unit)}
    if target.high is None:
        return _("at least %(value)s") % {"value": write(target.low, unit)}
    return _("%(low)s to %(high)s") % {"low": write(target.low, unit), "high": write(target.high, unit)}


def judgement(assessment: Assessment) -> Judgement:
    """The status as shape, word and colour."""
    match assessment.status:
        case Status.ON_TRACK:
            return Judgement("good", _("On track"))
        case Status.WARNING:
            return Judgement("watch", _("Close to target"))
        case Status.OFF_TRACK:
            return Judgement("bad", _("Off track"))
    no_target = assessment.no_attainment == "no_target"
    return Judgement("neutral", _("No target") if no_target else _("No value"))


def _row(row: Mapping[str, Any]) -> TargetRow:
    numbers = {name: None if row[name] is None else Decimal(row[name]) for name in NUMBERS}
    return TargetRow(
        id=row["id"],
        version=row["version"],
        grain=GrainCode(row["grain"]),
        starts_on=date.fromisoformat(row["starts_on"]),
        department_id=row["department_id"],
        margin_kind=row["margin_kind"],
        **numbers,  # type: ignore[arg-type]  # the margin is never NULL
    )
