"""The parts of a number: by each declared property, pair of properties, and down the department tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.choices import KpiKind
from metrics.models import Kpi, KpiVersion
from metrics.queries.figures import ADDITIVE, MOST_BARS, Bar, bars_of, parts_figure, rows_url
from metrics.queries.reader import Reader
from metrics.queries.rows_behind import dimension_texts
from metrics.queries.targets import TargetBook, judgement, target_words
from metrics.queries.windows import Ask, BreakdownColumn, Part, Window
from ops_platform.web import formats
from ops_platform.web.charts import Chart, Payload
from ops_platform.web.formats import Unit
from organization.access import Actor
from organization.engine.periods import Period
from organization.models import Department

MOST_LISTED = 200


@dataclass(frozen=True)
class BreakdownView:
    """One way of splitting the headline. left_out: how many parts are not listed; total: of all parts, listed or not."""

    column: BreakdownColumn
    title: str
    chart: Chart | None
    bars: list[Bar]
    left_out: int
    part_count: int

    @property
    def has_targets(self) -> bool:
        """Whether any department has a target of its own."""
        return any(bar.status for bar in self.bars)

    @property
    def in_chart(self) -> int:
        return min(self.part_count, MOST_BARS)


@dataclass(frozen=True)
class Names:
    """Texts of dictionary codes and names of departments, read once for a page."""

    texts: dict[tuple[int, int], str]
    departments: dict[int, Department]

    def of(self, column: BreakdownColumn, part: Part) -> str:
        """What a part is called."""
        if column.by_department:
            department = self.departments.get(part.key1)
            return department.display_name if department else _("A department you may not see")
        first = self._text(column.column_id, part.key1)
        return f"{first} · {self._text(column.second_id, part.key2)}" if column.second_id else first

    def depth(self, column: BreakdownColumn, part: Part) -> int:
        """How deep a department stands in the tree; 0 for properties."""
        department = self.departments.get(part.key1) if column.by_department else None
        return department.depth if department else 0

    def _text(self, column_id: int, code: int) -> str:
        return self.texts.get((column_id, code), "") or _("(none)")


def split_asks(kpi_id: int, period: Period, columns: Iterable[BreakdownColumn]) -> list[Ask]:
    """What must be loaded to split one period every declared way."""
    return [Ask(kpi_id, Window((period,)), split=column.split) for column in columns]


def names_of(actor: Actor, found: Iterable[tuple[BreakdownColumn, list[Part]]]) -> Names:
    """The names of all parts, in a statement for texts and one for departments where there are any."""
    wanted: dict[int, set[int]] = {}
    has_tree = False
    for column, parts in found:
        if column.by_department:
            has_tree = has_tree or bool(parts)
            continue
        wanted.setdefault(column.column_id, set()).update(part.key1 for part in parts)
        if column.second_id:
            wanted.setdefault(column.second_id, set()).update(part.key2 for part in parts)
    departments = {row.pk: row for row in Department.objects.visible_to(actor)} if has_tree else {}
    return Names(dimension_texts(wanted), departments)


def breakdown_views(
    actor: Actor,
    kpi: Kpi,
    reader: Reader,
    period: Period,
    columns: list[BreakdownColumn],
    total: Decimal | None,
    unit: Unit,
    *,
    rows_base: str,
    book: TargetBook,
) -> list[BreakdownView]:
    """The headline split every declared way. The asks of `split_asks` are loaded."""
    version = reader.in_force_on(kpi.pk, period)
    found = [
        (column, reader.parts(ask) or [])
        for column, ask in zip(columns, split_asks(kpi.pk, period, columns), strict=True)
    ]
    names = names_of(actor, found)
    return [_view(kpi, version, column, parts, names, period, total, unit, rows_base, book) for column, parts in found]


def adds_up(version: KpiVersion | None) -> bool:
    """Whether the parts of a property add up to the whole, as sums and counts do."""
    return version is not None and version.kind == KpiKind.AGGREGATE and version.aggregation in ADDITIVE


def part_facts(column: BreakdownColumn, part: Part) -> dict[str, object]:
    """How an address names a part."""
    if column.by_department:
        return {"tree": column.column_id, "department": part.key1}
    facts: dict[str, object] = {"column": column.column_id, "key": part.key1}
    return facts | ({"column2": column.second_id, "key2": part.key2} if column.second_id else {})


def title_of(column: BreakdownColumn) -> str:
    """What a way of splitting is called."""
    if column.by_department:
        return _("By department")
    if column.second_id:
        return _("By %(first)s and %(second)s") % {"first": column.name, "second": column.second_name}
    if column.is_department:
        return _("By %(property)s code") % {"property": column.name}
    return _("By %(property)s") % {"property": column.name}


def dom_id(column: BreakdownColumn) -> str:
    """A stable id for links and charts."""
    tail = "tree" if column.by_department else (column.second_id or "")
    return f"by-{column.column_id}-{tail}".rstrip("-")


def _view(
    kpi: Kpi,
    version: KpiVersion | None,
    column: BreakdownColumn,
    parts: list[Part],
    names: Names,
    period: Period,
    total: Decimal | None,
    unit: Unit,
    rows_base: str,
    book: TargetBook,
) -> BreakdownView:
    if column.by_department:
        # Down the tree by path, each department with all below it: the parts overlap and have no shares.
        parts = sorted(
            parts, key=lambda part: names.departments[part.key1].path if part.key1 in names.departments else "~"
        )
    bars = bars_of(
        parts[:MOST_LISTED],
        lambda part: names.of(column, part),
        total,
        adds_up=adds_up(version) and not column.by_department,
        url=lambda part: rows_url(rows_base, period, **part_facts(column, part)),
    )
    if column.by_department:
        bars = [
            _judged(bar, part, names.depth(column, part), period, book, unit)
            for bar, part in zip(bars, parts, strict=False)
        ]
    title = title_of(column)
    chart = None
    if bars:
        summary = _("%(kpi)s, %(title)s: %(first)s leads with %(value)s.") % {
            "kpi": kpi.display_name,
            "title": title,
            "first": bars[0].name,
            "value": formats.compact(bars[0].value, unit),
        }
        size = "low" if len(bars) <= 4 else ""
        figure = Payload.of(parts_figure(bars, kpi.display_name, unit))
        chart = Chart(dom_id(column), summary, figure, size=size)
    return BreakdownView(column, title, chart, bars, max(len(parts) - MOST_LISTED, 0), len(parts))


def _judged(bar: Bar, part: Part, depth: int, period: Period, book: TargetBook, unit: Unit) -> Bar:
    """A department's part at its depth in the tree, with the target that was set for it alone."""
    bar = replace(bar, depth=depth)
    target = book.target(period, part.key1)
    if target is None:
        return bar
    status = judgement(book.assess(part.value, period, part.key1))
    return replace(bar, target_text=target_words(target, unit), status=status)
