"""What a panel is while it is made: what it will read, what it shows, and the same numbers as rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, cast

from django.utils.translation import get_language

from metrics.engine.panel_settings import PanelSettings
from metrics.models import DashboardPanel, Kpi
from metrics.queries.annotations import Note
from metrics.queries.breakdowns import Names
from metrics.queries.dashboard_filter import Reach
from metrics.queries.headlines import Answer, Headline
from metrics.queries.periods import Shown
from metrics.queries.reader import Reader
from metrics.queries.targets import TargetBook
from metrics.queries.windows import Ask, BreakdownColumn, Extent, KpiSeries
from ops_platform.web.charts import Payload
from ops_platform.web.columns import Column
from ops_platform.web.formats import Unit
from ops_platform.web.stat import Tile
from organization.access import Actor
from organization.engine.periods import PeriodRule


@dataclass(frozen=True)
class Sheet:
    """The numbers of a panel as rows: for the table beside it and for files. Rows are dicts by column key."""

    columns: Sequence[Column]
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Drawing:
    """What the server draws itself. template: that of the kind; it finds the drawing as `drawing`.

    is_scrolled: it may be larger than its panel.
    """

    template: ClassVar[str] = ""

    is_scrolled: bool = field(default=False, kw_only=True)

    @property
    def printed(self) -> list[list[str]]:
        """The same for paper: heads, then rows; empty where it is no table."""
        return []


@dataclass(frozen=True)
class PanelFigure:
    """What a panel shows, apart from where it links to: this part is kept in the cache.

    payload: for plotly; drawing: made here. notice: why there is neither. reference: of the failure in the log. reach: what
    a filter of the page means for it, where that must be said.
    """

    tile: Tile | None = None
    payload: Payload | None = None
    drawing: Drawing | None = None
    summary: str = ""
    note: str = ""
    notice: str = ""
    has_number: bool = False
    reference: str = ""
    reach: str = ""


@dataclass(frozen=True)
class Step:
    """A KPI that follows in a funnel, as far as the viewer may see it."""

    kpi: Kpi
    rows_base: str
    ask: Ask
    reach: Reach


@dataclass(frozen=True)
class Plan:
    """A panel before anything of its rollups is read.

    ask: its course; split: its parts, if it shows some; days: the periods of a calendar or of cohorts; steps: the KPIs
    that follow in a funnel, None for one that may not be seen. sees: what of the viewer's rights names in it depend on.
    refusal: why the kind cannot be drawn, which is known before. reach: what the filter of the page means for the KPI;
    where it does not reach it, nothing is read and no number shown.
    """

    panel: DashboardPanel
    options: PanelSettings
    extent: Extent
    shown: Shown
    ask: Ask
    answer: Answer
    place: int | None
    rows_base: str
    comparison: str
    targets: list[dict[str, Any]]
    rows_facts: dict[str, object] = field(default_factory=dict)
    split: Ask | None = None
    column: BreakdownColumn | None = None
    days: Shown | None = None
    days_ask: Ask | None = None
    steps: tuple[Step | None, ...] = ()
    sees: tuple[object, ...] = ()
    refusal: str = ""
    reach: Reach = field(default_factory=Reach)

    @property
    def kpi(self) -> Kpi:
        """The KPI that the panel shows: only texts have none, and no plan."""
        return cast(Kpi, self.panel.kpi)

    @property
    def asks(self) -> list[Ask]:
        """All that it reads."""
        if self.reach.unfit:
            return []
        found = [self.ask, self.split, self.days_ask, *(step.ask for step in self.steps if step)]
        return [ask for ask in found if ask is not None]

    def cache_key(self, rule: PeriodRule, currency: str, departments: str, notes: str = "") -> str:
        """Everything that what the panel shows depends on; the organization first.

        departments: a digest of them all; notes: of the notes on charts.
        """
        panel, there = self.panel, self.shown
        ends = (there.periods[0].start, there.periods[-1].end) if there.periods else ()
        days = (self.days.grain, self.days.periods[0].start, self.days.periods[-1].end) if self.days else ()
        followed = [step and (step.kpi.pk, step.kpi.version, step.rows_base) for step in self.steps]
        parts = (
            panel.pk, panel.version, panel.kind, panel.settings, panel.column_id, self.kpi.version, self.targets,
            self.extent, ends, there.grain, there.running is None, self.ask.only, self.split, days, followed,
            self.comparison, self.sees, self.answer, self.place, rule, currency, self.rows_base, self.refusal, notes,
            self.reach, get_language(), departments if self.column is not None and self.column.by_department else "",
        )  # fmt: skip
        digest = hashlib.sha256(repr(parts).encode()).hexdigest()
        return f"{panel.organization_id}:panel:{digest}"


@dataclass(frozen=True)
class Scene:
    """All that a kind is drawn from. figure: the number, to which the kind adds its drawing."""

    actor: Actor
    plan: Plan
    reader: Reader
    names: Names
    series: KpiSeries
    made: Headline
    book: TargetBook
    unit: Unit
    currency: str
    figure: PanelFigure
    notes: Sequence[Note] = ()

    @property
    def own_book(self) -> TargetBook:
        """The targets that what is shown is judged by: those of the whole, or of the one department that is left."""
        return own_book(self.plan, self.book)

    @property
    def name(self) -> str:
        """What the values are called."""
        return self.plan.kpi.display_name

    @property
    def total(self) -> Decimal | None:
        """The number itself."""
        return self.made.value

    def shows(self, sheet: Sheet | None = None, **what: Any) -> tuple[PanelFigure, Sheet | None]:
        """The figure with what the kind draws, and the same numbers as rows."""
        return replace(self.figure, **what), sheet


def own_book(plan: Plan, book: TargetBook) -> TargetBook:
    """The targets for what the filter leaves. Those of the KPI are for the whole, so a part of it has none."""
    if plan.reach.target_of is not None:
        return book.of_department(plan.reach.target_of)
    return book if plan.ask.only is None else TargetBook(book.direction, ())


Made = tuple[PanelFigure, Sheet | None]
