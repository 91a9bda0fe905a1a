"""Reading KPIs: charts, tables, exports, alerts and the API all come here.

Cost: one statement for the versions of all asked KPIs and their operands, one for all their rollups, whatever the number
of KPIs. Values are Decimals as exact as the store; None where there is none, with the reason in the series.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metrics.models import Kpi
from metrics.queries.known_on import KnownOn, known_on
from metrics.queries.known_reader import reader_of
from metrics.queries.reader import COUNTED, Reader, value_of
from metrics.queries.windows import Ask, Extent, KpiSeries, Part, Slice, Split, Values, Window, window
from organization.engine.periods import Period

__all__ = [
    "COUNTED",
    "Ask",
    "Extent",
    "KnownOn",
    "KpiSeries",
    "Part",
    "Reader",
    "Slice",
    "Split",
    "Values",
    "Window",
    "breakdown",
    "known_on",
    "reader_of",
    "series",
    "value_of",
    "visible_kpis",
    "window",
]


def series(
    kpi_ids: Iterable[int], window: Window, *, only: Slice | None = None, known: KnownOn | None = None
) -> dict[int, KpiSeries]:
    """The series of each KPI, as known then where `known` is given. The caller has checked that the actor may see them."""
    wanted = list(dict.fromkeys(kpi_ids))
    reader = reader_of(wanted, known)
    asks = [Ask(kpi_id, window, only) for kpi_id in wanted]
    reader.load(asks)
    return {ask.kpi_id: reader.series(ask) for ask in asks}


def breakdown(
    kpi_ids: Iterable[int],
    period: Period,
    column_id: int,
    *,
    by_department: bool = False,
    second_id: int | None = None,
    only: Slice | None = None,
    known: KnownOn | None = None,
) -> dict[int, list[Part] | None]:
    """The parts of each KPI in one period, largest first; None where a KPI is not rolled up that way."""
    wanted = list(dict.fromkeys(kpi_ids))
    reader = reader_of(wanted, known)
    split = Split(column_id, by_department, second_id)
    asks = [Ask(kpi_id, Window((period,)), only, split) for kpi_id in wanted]
    reader.load(asks)
    return {ask.kpi_id: reader.parts(ask) for ask in asks}


def visible_kpis(actor: Any) -> Any:
    """The KPIs the actor may see, with owner and department, by reference."""
    return Kpi.objects.visible_to(actor).select_related("owner", "department")
