"""Panels against the target: one bullet for the number, or one for each department that has a target of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from metrics.engine.panel_settings import BulletSettings
from metrics.engine.status import Assessment, Target
from metrics.queries.figures import rows_url
from metrics.queries.panel_base import Drawing, Made, Scene, Sheet
from metrics.queries.panel_splits import SHARE, bars_from, found_parts
from metrics.queries.targets import judgement, target_words
from ops_platform.web import formats
from ops_platform.web.columns import Column
from ops_platform.web.status import Status as Judgement

WIDE = Decimal(100)


@dataclass(frozen=True)
class Bullet:
    """One value beside its target. end, low, high: places from 0 to 100; low and high are equal for a single target."""

    name: str
    value_text: str
    target_text: str
    reached: str
    status: Judgement
    url: str
    start: str
    width: str
    low: str
    span: str


@dataclass(frozen=True)
class Bullets(Drawing):
    """Values beside their targets, all on one scale."""

    template: ClassVar[str] = "components/drawing_bullet.html"

    bullets: Sequence[Bullet]
    is_single: bool

    @property
    def printed(self) -> list[list[str]]:
        rows = [[one.name, one.value_text, one.target_text, one.reached] for one in self.bullets]
        return [[_("Name"), _("Value"), _("Target"), _("Reached")], *rows]


@dataclass(frozen=True)
class _Judged:
    name: str
    value: Decimal
    target: Target
    assessment: Assessment
    url: str


def draw_bullet(scene: Scene) -> Made:
    """The number against its target; departments against theirs where the panel is split by them."""
    plan = scene.plan
    if plan.place is None or scene.made.value is None:
        return scene.figure, None
    found = _departments(scene) if plan.split is not None else _own(scene)
    if not found:
        return scene.shows(notice=_("No target is set for this period."))
    bullets = Bullets(_drawn(scene, found), is_single=plan.split is None, is_scrolled=plan.split is not None)
    first = found[0]
    summary = _("%(name)s: %(value)s, target %(target)s.") % {
        "name": first.name,
        "value": formats.compact(first.value, scene.unit),
        "target": target_words(first.target, scene.unit),
    }
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "value": one.value,
            "target": target_words(one.target, scene.unit, short=False),
            "attainment": one.assessment.attainment,
            "status": judgement(one.assessment),
            "url": one.url,
        }
        for one in found
    ]
    sheet = Sheet(
        [
            Column("name", _("Name"), is_wide=True),
            Column("value", scene.name, kind="number", unit=scene.unit, href=lambda row: row["url"]),
            Column("target", _("Target"), is_figure=True),
            Column("attainment", _("Reached"), kind="percent", unit=SHARE),
            Column("status", _("Status"), kind="status"),
        ],
        rows,
    )
    return scene.shows(sheet, drawing=bullets, summary=summary)


def _own(scene: Scene) -> list[_Judged]:
    plan, made = scene.plan, scene.made
    if made.value is None or made.target is None or not made.target.is_set or made.assessment is None:
        return []
    period = plan.shown.periods[plan.place or 0]
    url = rows_url(plan.rows_base, period, **plan.rows_facts)
    return [_Judged(scene.name, made.value, made.target, made.assessment, url)]


def _departments(scene: Scene) -> list[_Judged]:
    plan = scene.plan
    assert plan.split is not None
    options = plan.options
    assert isinstance(options, BulletSettings)
    period = plan.split.window.periods[0]
    parts = found_parts(scene) or []
    found = []
    for part, bar in zip(parts, bars_from(scene, parts, period), strict=True):
        target = scene.book.target(period, part.key1)
        if target is not None and target.is_set and part.value is not None:
            assessment = scene.book.assess(part.value, period, part.key1)
            found.append(_Judged(bar.name, part.value, target, assessment, bar.url))
    return found[: options.parts]


def _drawn(scene: Scene, found: Sequence[_Judged]) -> list[Bullet]:
    """All on one scale from zero, with a little air behind the largest."""
    ends = [end for one in found for end in (one.value, *_goals(one.target))]
    low, high = min([Decimal(0), *ends]), max([Decimal(0), *ends])
    room = (high - low) * Decimal("1.06") or Decimal(1)

    def place(value: Decimal) -> Decimal:
        return (value - low) / room * WIDE

    made = []
    for one in found:
        goals = _goals(one.target)
        zero, end = place(Decimal(0)), place(one.value)
        first, last = (place(min(goals)), place(max(goals))) if len(goals) > 1 else (place(goals[0]), place(goals[0]))
        attainment = one.assessment.attainment
        made.append(
            Bullet(
                name=one.name,
                value_text=formats.compact(one.value, scene.unit),
                target_text=target_words(one.target, scene.unit),
                reached="" if attainment is None else formats.percent(attainment, 0),
                status=judgement(one.assessment),
                url=one.url,
                start=f"{min(zero, end):.2f}",
                width=f"{abs(end - zero):.2f}",
                low=f"{first:.2f}",
                span=f"{last - first:.2f}",
            )
        )
    return made


def _goals(target: Target) -> list[Decimal]:
    return [goal for goal in (target.value, target.low, target.high) if goal is not None]
