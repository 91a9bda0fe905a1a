"""The number of a KPI: its value in the newest complete period shown, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from metrics.choices import GrainCode
from metrics.engine.comparison import Change, Goal, change
from metrics.engine.freshness import State, period_state
from metrics.engine.status import Assessment, Direction, Target, assess
from metrics.models import Kpi
from metrics.queries.periods import Shown, brief_label, data_until, full_label
from metrics.queries.reader import GRAINS
from metrics.queries.targets import TargetBook, judgement, target_words
from metrics.queries.units import ARROWS
from metrics.queries.windows import Extent, KpiSeries, Window
from ops_platform.web import formats
from ops_platform.web.formats import Unit
from ops_platform.web.stat import Tile, spark_line
from ops_platform.web.status import Status
from organization.engine.local_time import local_day
from organization.engine.periods import PeriodRule, period_of, shift


class Answer(StrEnum):
    """What stands where the number would."""

    VALUE = "value"
    STALE = "stale"
    NO_DATA = "no_data"
    NO_COMPLETE_PERIOD = "no_complete_period"
    COMPUTING = "computing"
    NOT_SPLIT = "not_split"
    NOT_KEPT = "not_kept"


@dataclass(frozen=True)
class Headline:
    """place: of the period in the shown ones, None without a number. change: against `base_label`."""

    answer: Answer
    place: int | None = None
    value: Decimal | None = None
    period_label: str = ""
    target: Target | None = None
    assessment: Assessment | None = None
    change: Change | None = None
    base_label: str = ""
    since: datetime | None = None
    since_text: str = ""
    period_brief: str = ""

    @property
    def words(self) -> str:
        """What is said in place of the number; empty when there is one."""
        match self.answer:
            case Answer.STALE:
                return _("No value since %(day)s") % {"day": self.since_text}
            case Answer.NO_DATA:
                return _("No data yet")
            case Answer.NO_COMPLETE_PERIOD:
                return _("No complete period here")
            case Answer.COMPUTING:
                return _("Being computed")
            case Answer.NOT_KEPT:
                return _("Not recorded so far back")
            case Answer.NOT_SPLIT:
                return _("Not kept by this property")
        return ""

    @property
    def status(self) -> Status:
        """The judgement of the number, or what keeps it away."""
        if self.answer is Answer.STALE:
            return Status("bad", _("Overdue"))
        if self.answer is Answer.COMPUTING:
            return Status("info", _("Being computed"))
        if self.assessment is None:
            return Status("neutral", _("No value"))
        return judgement(self.assessment)

    @property
    def relative(self) -> Decimal | None:
        """The change as a share of what it is compared with."""
        return self.change.relative if self.change else None


def answer_of(kpi: Kpi, shown: Shown, extent: Extent, *, as_of: datetime) -> tuple[Answer, int | None]:
    """Which of the shown periods is the answer, decided by clock and data alone: values may still be unread."""
    if not extent.is_kept:
        return Answer.NOT_KEPT, None
    if extent.last_at is None:
        return Answer.NO_DATA, None
    if extent.is_computing:
        return Answer.COMPUTING, None
    until = data_until(extent.last_at, min(GRAINS[GrainCode(kpi.grain)], shown.grain), shown.rule)
    assert until is not None
    ended = [place for place, period in enumerate(shown.periods) if period.end <= shown.seen_at]
    complete = [place for place in ended if shown.periods[place].end <= until]
    if ended and ended[-1:] != complete[-1:] and is_overdue(kpi, extent, as_of=as_of, rule=shown.rule):
        return Answer.STALE, None
    return (Answer.VALUE, complete[-1]) if complete else (Answer.NO_COMPLETE_PERIOD, None)


def is_overdue(kpi: Kpi, extent: Extent, *, as_of: datetime, rule: PeriodRule) -> bool:
    """Whether the period after the newest one with data is past its due time, by the grain the KPI is judged by.

    What people enter by hand is due by their working calendar instead.
    """
    if extent.awaited_at is not None:
        return as_of > extent.awaited_at
    if extent.last_at is None:
        return False
    awaited = shift(period_of(GRAINS[GrainCode(kpi.grain)], extent.last_at, rule), 1, rule)
    state = period_state(
        (awaited.start, awaited.end), last_data_at=extent.last_at, as_of=as_of, due_after=timedelta(hours=kpi.due_hours)
    )
    return state is State.STALE


def headline(
    kpi: Kpi,
    shown: Shown,
    extent: Extent,
    found: KpiSeries,
    book: TargetBook,
    window: Window,
    *,
    as_of: datetime,
) -> Headline:
    """The number with status and change.

    found: the series over `window`, the shown periods with one more before them; where that has periods to compare with,
    the change is against those, else against the period before. book: for what is shown; a part has none of the whole's.
    """
    since_text = day_words(extent.last_at, shown.rule)
    if found.lacks_breakdown:
        return Headline(Answer.NOT_SPLIT, since=extent.last_at, since_text=since_text)
    answer, place = answer_of(kpi, shown, extent, as_of=as_of)
    if place is None:
        return Headline(answer, since=extent.last_at, since_text=since_text)
    value = found.values[place + 1]
    period = shown.periods[place]
    target = book.target(period)
    base = found.compared[place + 1] if found.compared else found.values[place]
    against = window.compared or window.periods
    goal = Goal(Direction(kpi.direction), target.low if target else None, target.high if target else None)
    return Headline(
        answer,
        place,
        value,
        full_label(period, shown.rule),
        target,
        assess(value, target),
        change(value, base, goal),
        _("against %(period)s")
        % {"period": full_label(against[place + 1] if window.compared else against[place], shown.rule)},
        extent.last_at,
        since_text,
        brief_label(period, shown.rule),
    )


def tile_of(
    kpi: Kpi,
    unit: Unit,
    made: Headline,
    *,
    spark: Sequence[Decimal | None] = (),
    url: str = "",
    label: str = "",
    fresh_at: datetime | None = None,
) -> Tile:
    """The tile of a headline. Without a number, its words stand in its place."""
    goal = made.target.value if made.target and made.target.direction is not Direction.IN_RANGE else None
    return Tile(
        label=label or kpi.display_name,
        value=made.value,
        unit=unit,
        target=goal,
        change=made.relative,
        direction=ARROWS[kpi.direction],
        status=made.status,
        period=made.period_brief,
        fresh_at=fresh_at,
        url=url,
        spark=spark_line(list(spark), target=goal),
        instead=made.words,
        goal=target_words(made.target, unit) if goal is None else "",
    )


def goal_words(made: Headline, unit: Unit) -> str:
    """The target of the headline's period in short."""
    return target_words(made.target, unit)


def day_words(instant: datetime | None, rule: PeriodRule) -> str:
    """The organization's day of an instant, as people write it."""
    return formats.day(local_day(instant, rule.timezone)) if instant else ""
