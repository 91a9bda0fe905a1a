"""Charts of KPIs from their series: the trend with comparison, target and version switches; the parts of a breakdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from metrics.choices import Aggregation, Direction, PanelKind
from metrics.models import Kpi
from metrics.queries.annotations import Note, placed
from metrics.queries.periods import Shown, full_label, period_start, short_label
from metrics.queries.targets import TargetBook
from metrics.queries.windows import KpiSeries, Part
from ops_platform.web import charts, formats
from ops_platform.web.charts import Figure, Label, Mark, Payload, Series
from ops_platform.web.formats import Unit
from ops_platform.web.status import Status as Judgement
from organization.engine.periods import Grain, Period, PeriodRule

MOST_BARS = 12
MOST_NAMES = 7
ADDITIVE = frozenset({Aggregation.SUM, Aggregation.COUNT})
BY_DATE = (Grain.DAY, Grain.WEEK)
BY_LABEL = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True)
class Bar:
    """One part of a breakdown as chart and table show it. share: of the total where parts add up to it.

    target_text, status: of a department that has a target of its own in the period.
    """

    name: str
    value: Decimal | None
    share: Decimal | None = None
    count: int | None = None
    url: str = ""
    depth: int = 0
    target_text: str = ""
    status: Judgement | None = None


def rows_url(base: str, period: Period, **facts: object) -> str:
    """The address of the rows behind the value of a period; empty where there is no base."""
    if not base:
        return ""
    return f"{base}?{urlencode({'grain': period.grain.value, 'start': period_start(period), **facts}, doseq=True)}"


def trend(
    kpi: Kpi,
    unit: Unit,
    shown: Shown,
    found: KpiSeries,
    book: TargetBook | None,
    *,
    kind: str = PanelKind.LINE,
    comparison: str = "",
    rows_base: str = "",
    rows_facts: dict[str, object] | None = None,
    from_zero: bool = False,
    notes: Sequence[Mark] = (),
) -> Figure:
    """The KPI over the shown periods, which begin with the second of `found`; the running one is drawn as partial.

    book: None draws no target. rows_base: the address of the rows behind; a click on a point leads there. notes: what
    people noted at a point of the axis, beside the marks of new versions.
    """
    values, compared, numbers = found.values[1:], found.compared[1:], found.versions[1:]
    x = axis(shown.periods, shown.rule)
    own = _own_series(kpi.display_name, values, shown, rows_base, rows_facts or {})
    other = Series(comparison_words(comparison), compared, "comparison") if any_known(compared) else None
    lines = _target_lines(kpi, shown, book)
    marks = [*version_marks(x, numbers), *notes]
    partial = _("so far") if shown.running and values[-1] is not None else ""
    target, target_name = lines[0] if lines else (None, "")
    if kind == PanelKind.BAR:
        figure = charts.bar(
            x,
            own,
            unit=unit,
            target=target,
            target_name=target_name,
            comparison=other,
            marks=marks,
            partial_name=partial,
        )
    else:
        series = [own, *([other] if other else []), *(Series(name, line, "target") for line, name in lines[1:])]
        figure = charts.line(
            x,
            series,
            unit=unit,
            target=target,
            target_name=target_name,
            marks=marks,
            partial_name=partial,
            from_zero=from_zero,
            is_area=kind == PanelKind.AREA,
        )
    named_days(figure, shown, x)
    if shown.grain in BY_LABEL:
        # Names stand level; the browser leaves some out rather than tilting them.
        figure["layout"]["xaxis"] |= {"tickangle": 0, "nticks": MOST_NAMES}
    return figure


def named_days(figure: Figure, shown: Shown, x: Sequence[Label]) -> None:
    """Let a figure know the first days of its points where what stands below them is a name."""
    if shown.grain in BY_LABEL:
        days = {str(name): period.first_on.isoformat() for name, period in zip(x, shown.periods, strict=True)}
        figure["layout"]["meta"] = {"days": days}


def notes_on(shown: Shown, notes: Sequence[Note]) -> tuple[list[Mark], list[Note]]:
    """The marks of annotations on a chart of the shown periods, and the annotations to be listed below it."""
    return placed(notes, shown.periods, axis(shown.periods, shown.rule))


def parts_figure(bars: Sequence[Bar], name: str, unit: Unit, *, most: int = MOST_BARS) -> Figure:
    """Horizontal bars, the largest first."""
    shown = list(bars[:most])
    texts = [formats.named(bar.name, formats.in_unit(bar.value, unit)) for bar in shown]
    urls = [bar.url for bar in shown] if any(bar.url for bar in shown) else ()
    values = [bar.value for bar in shown]
    return charts.breakdown([bar.name for bar in shown], Series(name, values, texts=texts, urls=urls), unit=unit)


def bars_of(
    parts: Sequence[Part],
    names: Callable[[Part], str],
    total: Decimal | None,
    *,
    adds_up: bool,
    url: Callable[[Part], str] = lambda _part: "",
) -> list[Bar]:
    """The parts with names, shares where they add up, and the address of their rows."""
    whole = total if adds_up and total else None
    return [
        Bar(
            name=names(part),
            value=part.value,
            share=part.value / whole if whole and part.value is not None else None,
            count=part.count,
            url=url(part),
        )
        for part in parts
    ]


def axis(periods: Sequence[Period], rule: PeriodRule) -> list[Label]:
    """What stands below the points: instants in the organization's time for hours, days, names from months on."""
    if not periods:
        return []
    grain = periods[0].grain
    if grain is Grain.HOUR:
        zone = ZoneInfo(rule.timezone)
        return [_wall(period.start, zone) for period in periods]
    if grain in BY_LABEL:
        return [short_label(period, rule) for period in periods]
    days: list[date] = [period.first_on for period in periods]
    return list(days)


def version_marks(x: Sequence[Label], numbers: Sequence[int | None]) -> list[Mark]:
    """A mark at each point from which another version of the definition counts."""
    marks = []
    before: int | None = None
    for at, number in zip(x, numbers, strict=True):
        if number is not None and before is not None and number != before:
            marks.append(Mark(at, _("Version %(number)d") % {"number": number}))
        before = number if number is not None else before
    return marks


def comparison_words(comparison: str) -> str:
    """What the comparison line is called."""
    return {"previous": pgettext("period", "Before"), "year": _("A year earlier")}.get(comparison, "")


def any_known(values: Sequence[Decimal | None]) -> bool:
    """Whether there is anything to draw."""
    return any(value is not None for value in values)


def summary_of(kpi: Kpi, shown: Shown, found: KpiSeries, unit: Unit) -> str:
    """One sentence for those who do not see the chart."""
    known = [
        (period, value) for period, value in zip(shown.periods, found.values[1:], strict=True) if value is not None
    ]
    if not known:
        return _("%(kpi)s: no values.") % {"kpi": kpi.display_name}
    lowest = min(known, key=lambda pair: pair[1])
    highest = max(known, key=lambda pair: pair[1])
    return _("%(kpi)s, %(range)s: from %(low)s (%(low_period)s) to %(high)s (%(high_period)s).") % {
        "kpi": kpi.display_name,
        "range": shown.words(),
        "low": formats.compact(lowest[1], unit),
        "low_period": full_label(lowest[0], shown.rule),
        "high": formats.compact(highest[1], unit),
        "high_period": full_label(highest[0], shown.rule),
    }


def payload(figure: Figure) -> Payload:
    """The figure for the page."""
    return Payload.of(figure)


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _own_series(
    name: str, values: Sequence[Decimal | None], shown: Shown, rows_base: str, facts: dict[str, object]
) -> Series:
    if not rows_base:
        return Series(name, values, "current")
    if shown.grain in BY_DATE:
        # The browser puts the day of the point in: 365 addresses would outweigh the figures.
        query = urlencode({"grain": shown.grain.value, **facts}, doseq=True)
        return Series(name, values, "current", url=f"{rows_base}?{query}&start={{x}}")
    urls = [
        rows_url(rows_base, period, **facts) if value is not None else ""
        for value, period in zip(values, shown.periods, strict=True)
    ]
    return Series(name, values, "current", urls=urls)


def _target_lines(kpi: Kpi, shown: Shown, book: TargetBook | None) -> list[tuple[list[Decimal | None], str]]:
    if book is None:
        return []
    names = (
        {"low": _("Lowest"), "high": _("Highest")} if kpi.direction == Direction.IN_RANGE else {"value": _("Target")}
    )
    lines = [(book.line(shown.periods, bound), name) for bound, name in names.items()]
    return [line for line in lines if any_known(line[0])]
