"""Panels of parts: the bars of one period, the Pareto of one period, and parts put on each other over time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.engine.panel_settings import BreakdownSettings, ParetoSettings, StackedSettings
from metrics.engine.shares import CONTEXT, pareto
from metrics.queries.annotations import numbered_words, placed
from metrics.queries.breakdowns import adds_up, part_facts, title_of
from metrics.queries.dashboard_filter import facts_of, with_part
from metrics.queries.figures import BY_LABEL, MOST_NAMES, Bar, axis, bars_of, named_days, parts_figure, rows_url
from metrics.queries.panel_base import Made, Plan, Scene, Sheet
from metrics.queries.periods import full_label
from metrics.queries.places import Key
from metrics.queries.reader import Reader
from metrics.queries.windows import Part, Term, Where
from ops_platform.web import charts, formats
from ops_platform.web.charts import Payload, Series
from ops_platform.web.columns import Column
from ops_platform.web.formats import Unit
from organization.engine.periods import Period

ZERO = Decimal(0)
# How many bars a panel of 1 to 4 rows holds without one covering the next
BARS_IN = (3, 7, 13, 20)
SHARE = Unit("percent", digits=1)


def found_parts(scene: Scene) -> list[Part] | None:
    """The parts of the number that the viewer may see by name; None where the KPI is not kept so."""
    plan = scene.plan
    assert plan.split is not None
    assert plan.column is not None
    parts = scene.reader.parts(plan.split)
    if parts is not None and plan.column.by_department:
        parts = [part for part in parts if part.key1 in scene.names.departments]
        if within := plan.reach.departments:
            parts = [part for part in parts if scene.names.departments[part.key1].path.startswith(within)]
    return parts


def named_parts(reader: Reader, plan: Plan) -> list[Part]:
    """The parts of a loaded plan whose names will be read."""
    if plan.split is None:
        return []
    if isinstance(plan.options, StackedSettings):
        sizes = _sizes(reader.parts_over(plan.split, plan.shown.periods) or [])
        return [Part(*key, None, None) for key in list(sizes)[: plan.options.parts]]
    return reader.parts(plan.split) or []


def bars_from(scene: Scene, parts: Sequence[Part], period: Period) -> list[Bar]:
    """The parts as bars with shares and links."""
    plan, column = scene.plan, scene.plan.column
    assert column is not None
    return bars_of(
        parts,
        lambda part: scene.names.of(column, part),
        scene.total,
        adds_up=adds_up(scene.reader.in_force_on(plan.kpi.pk, period)) and not column.by_department,
        url=lambda part: rows_url(plan.rows_base, period, **both(plan, part_facts(column, part))),
    )


def draw_breakdown(scene: Scene) -> Made:
    """The largest parts of the number as bars."""
    plan = scene.plan
    if plan.split is None or plan.column is None:
        return scene.figure, None
    options = plan.options
    assert isinstance(options, BreakdownSettings)
    parts = found_parts(scene)
    if parts is None:
        return scene.shows(notice=_("Not kept by both properties together, so the parts are not shown."))
    bars = bars_from(scene, parts, plan.split.window.periods[0])
    if not bars:
        return scene.figure, None
    shown, title = bars[: _room(plan, options.parts)], title_of(plan.column)
    summary = _("%(kpi)s, %(title)s: %(first)s leads with %(value)s.") % {
        "kpi": scene.name,
        "title": title,
        "first": bars[0].name,
        "value": formats.compact(bars[0].value, scene.unit),
    }
    return scene.shows(
        parts_sheet(scene, bars),
        payload=Payload.of(parts_figure(shown, scene.name, scene.unit, most=len(shown))),
        summary=summary,
        note=_note(title, len(shown), len(bars)),
    )


def draw_pareto(scene: Scene) -> Made:
    """The largest parts with what they make together, and where that passes the line."""
    plan = scene.plan
    if plan.split is None or plan.column is None:
        return scene.figure, None
    options = plan.options
    assert isinstance(options, ParetoSettings)
    parts = found_parts(scene)
    if parts is None:
        return scene.shows(notice=_("Not kept by both properties together, so the parts are not shown."))
    period = plan.split.window.periods[0]
    bars = [bar for bar in bars_from(scene, parts, period) if bar.value]
    if not bars:
        return scene.figure, None
    whole = sum((bar.value for bar in bars if bar.value is not None), ZERO)
    line = Decimal(options.line) / 100
    found = pareto([bar.value or ZERO for bar in bars], whole, line)
    if found is None:
        return scene.shows(notice=_("Some parts are below zero, so they have no share of the whole."))
    shown = bars[: _room(plan, options.parts)]
    unit, reached = scene.unit, found.cumulated
    figure = charts.pareto(
        [bar.name for bar in shown],
        Series(
            scene.name,
            [bar.value for bar in shown],
            urls=[bar.url for bar in shown] if any(bar.url for bar in shown) else (),
            texts=[formats.named(bar.name, formats.in_unit(bar.value, unit)) for bar in shown],
        ),
        Series(
            _("Together"),
            [share * whole for share in reached[: len(shown)]],
            texts=[formats.percent(share) for share in reached[: len(shown)]],
        ),
        whole=whole,
        vital=min(found.vital, len(shown)) or len(shown),
        line=line,
        line_text=formats.percent(line, 0),
        unit=unit,
    )
    summary = ngettext(
        "%(kpi)s, %(title)s: %(count)d of %(all)d parts makes %(share)s.",
        "%(kpi)s, %(title)s: %(count)d of %(all)d parts make %(share)s.",
        found.vital,
    ) % {
        "kpi": scene.name,
        "title": title_of(plan.column),
        "count": found.vital,
        "all": len(bars),
        "share": formats.percent(reached[found.vital - 1]),
    }
    note = ngettext("%(count)d of %(all)d makes %(share)s", "%(count)d of %(all)d make %(share)s", found.vital) % {
        "count": found.vital,
        "all": len(bars),
        "share": formats.percent(reached[found.vital - 1]),
    }
    sheet = parts_sheet(scene, bars)
    for row, share in zip(sheet.rows, reached, strict=True):
        row["together"] = share
    together = Column("together", _("Together"), kind="percent", unit=SHARE)
    return scene.shows(
        Sheet([*sheet.columns, together], sheet.rows),
        payload=Payload.of(figure),
        summary=summary,
        note=f"{title_of(plan.column)} · {note}",
    )


def draw_stacked(scene: Scene) -> Made:
    """The largest parts over time on each other, the others together."""
    plan, column = scene.plan, scene.plan.column
    if plan.split is None or column is None:
        return scene.figure, None
    options = plan.options
    assert isinstance(options, StackedSettings)
    periods = plan.shown.periods
    found = scene.reader.parts_over(plan.split, periods)
    if found is None:
        return scene.shows(notice=_("Not kept by both properties together, so the parts are not shown."))
    by_period = [{(part.key1, part.key2): part for part in parts} for parts in found]
    sizes = _sizes(found)
    keys = list(sizes)
    if not keys:
        return scene.figure, None
    whole = [sum((part.value or ZERO for part in parts.values()), ZERO) for parts in by_period]
    lines = [(key, [_value_in(parts, key) for parts in by_period]) for key in keys[: options.parts]]
    rest = [
        sum((part.value or ZERO for key, part in parts.items() if key in set(keys[options.parts :])), ZERO)
        for parts in by_period
    ]
    named = [
        (scene.names.of(column, Part(*key, None, None)), _urls(scene, key, periods), values) for key, values in lines
    ]
    series = [
        Series(name, _shares(values, whole) if options.as_share else values, urls=urls) for name, urls, values in named
    ]
    left = len(keys) - options.parts
    others = ngettext("%(count)d other", "%(count)d others", left) % {"count": left}
    if len(keys) > options.parts:
        shown = keys[: options.parts]
        series.append(
            Series(
                others,
                _shares(rest, whole) if options.as_share else rest,
                "muted",
                urls=_other_urls(scene, shown, periods),
            )
        )
    unit = SHARE if options.as_share else scene.unit
    x = axis(periods, plan.shown.rule)
    marks, noted = placed(scene.notes, periods, x)
    figure = charts.stacked_bar(x, series, unit=unit, marks=marks)
    named_days(figure, plan.shown, x)
    if plan.shown.grain in BY_LABEL:
        figure["layout"]["xaxis"] |= {"tickangle": 0, "nticks": MOST_NAMES}
    first = series[0].name
    summary = _("%(kpi)s, %(title)s, %(range)s: %(first)s is the largest part with %(share)s of all.") % {
        "kpi": scene.name,
        "title": title_of(column),
        "range": plan.shown.words(),
        "first": first,
        "share": formats.percent(_ratio(sizes[keys[0]], sum(whole, ZERO))),
    }
    return scene.shows(
        _stacked_sheet(scene, [*((name, values) for name, _urls, values in named), (others, rest)], whole),
        payload=Payload.of(figure),
        summary=summary,
        note=" · ".join(filter(None, (title_of(column), numbered_words(noted)))),
    )


def parts_sheet(scene: Scene, bars: Sequence[Bar]) -> Sheet:
    """All parts with their shares, where they have any."""
    column = scene.plan.column
    assert column is not None
    rows: list[dict[str, Any]] = [
        {"name": bar.name, "value": bar.value, "share": bar.share, "url": bar.url} for bar in bars
    ]
    columns = [
        Column("name", column.name, is_wide=True),
        Column("value", scene.name, kind="number", unit=scene.unit, href=lambda row: row["url"]),
    ]
    if any(bar.share is not None for bar in bars):
        columns.append(Column("share", _("Share"), kind="percent", unit=SHARE))
    return Sheet(columns, rows)


def both(plan: Plan, facts: dict[str, object]) -> dict[str, object]:
    """The address of a part within a slice names both."""
    return with_part(plan.split.only if plan.split else plan.ask.only, facts)


def _room(plan: Plan, parts: int) -> int:
    return min(parts, BARS_IN[plan.panel.height - 1])


def _note(title: str, shown: int, there: int) -> str:
    if there <= shown:
        return title
    return _("%(title)s, the first %(shown)d of %(all)d") % {"title": title, "shown": shown, "all": there}


def _sizes(found: Sequence[Sequence[Part]]) -> dict[Key, Decimal]:
    """What each part has in all periods together, the largest first."""
    sizes: dict[Key, Decimal] = {}
    for parts in found:
        for part in parts:
            key = part.key1, part.key2
            sizes[key] = sizes.get(key, ZERO) + (part.value or ZERO)
    return {key: sizes[key] for key in sorted(sizes, key=lambda key: (-sizes[key], key))}


def _value_in(parts: dict[tuple[int, int], Part], key: tuple[int, int]) -> Decimal | None:
    return parts[key].value if key in parts else None


def _shares(values: Sequence[Decimal | None], whole: Sequence[Decimal]) -> list[Decimal | None]:
    return [_ratio(value, base) for value, base in zip(values, whole, strict=True)]


def _ratio(value: Decimal | None, base: Decimal) -> Decimal | None:
    return None if value is None or not base else CONTEXT.divide(value, base)


def _urls(scene: Scene, key: tuple[int, int], periods: Sequence[Period]) -> list[str]:
    plan, column = scene.plan, scene.plan.column
    assert column is not None
    if not plan.rows_base:
        return []
    facts = both(plan, part_facts(column, Part(*key, None, None)))
    return [rows_url(plan.rows_base, period, **facts) for period in periods]


def _other_urls(scene: Scene, shown: Sequence[Key], periods: Sequence[Period]) -> list[str]:
    """Where the rows stand that belong to none of the shown parts."""
    plan, column = scene.plan, scene.plan.column
    assert column is not None
    if not plan.rows_base or column.by_department or column.second_id:
        return []
    other = Term(((column.column_id, tuple(key[0] for key in shown)),), is_other=True)
    terms = plan.reach.where.terms if plan.reach.where else ()
    facts = facts_of(Where((*terms, other)))
    return [rows_url(plan.rows_base, period, **facts) for period in periods]


def _stacked_sheet(
    scene: Scene, named: Sequence[tuple[str, Sequence[Decimal | None]]], whole: Sequence[Decimal]
) -> Sheet:
    used = [(f"part{number}", name, values) for number, (name, values) in enumerate(named) if any(values)]
    rows = []
    for place, period in enumerate(scene.plan.shown.periods):
        row: dict[str, Any] = {"period": full_label(period, scene.plan.shown.rule), "whole": whole[place]}
        rows.append(row | {key: values[place] for key, _name, values in used})
    return Sheet(
        [
            Column("period", _("Period"), kind="date", is_wide=True),
            *(Column(key, name, kind="number", unit=scene.unit) for key, name, _values in used),
            Column("whole", _("Together"), kind="number", unit=scene.unit),
        ],
        rows,
    )
