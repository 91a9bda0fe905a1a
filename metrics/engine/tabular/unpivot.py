"""From wide to long: one row of the file becomes one observation for each period that holds a value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from .blocks import Record
from .chunk import Chunk
from .convert import Converter, to_instant
from .dates import FIRST_YEAR, LAST_YEAR
from .errors import Bad, TabularError
from .limits import Limits
from .mapping import ColumnPlan, Mapping
from .periods import Period, read_period


class Unpivoter:
    """Converts the period columns of each chunk and lays them out below each other."""

    def __init__(self, mapping: Mapping, tz: ZoneInfo, width: int, limits: Limits) -> None:
        unpivot = mapping.unpivot
        if unpivot is None or max((*unpivot.sources, unpivot.year_source or 0)) >= width:
            raise TabularError("mapping_other_header", columns=width)
        self._unpivot = unpivot
        self._tz = tz
        self._names = [mapping.names[source] for source in unpivot.sources]
        self._periods = [self._period(name) for name in self._names]
        self._id_sources = [plan.source for plan in mapping.active]
        if unpivot.year_source is not None and unpivot.year_source not in self._id_sources:
            self._id_sources.append(unpivot.year_source)
        self.converters = []
        for source, name in zip(unpivot.sources, self._names, strict=True):
            plan = ColumnPlan(source, name, unpivot.value_key, name, "measure", unpivot.value_type)
            self.converters.append(Converter(plan, mapping.style(plan), mapping.decimal, tz, limits.max_text))
        self._year_name = mapping.names[unpivot.year_source] if unpivot.year_source is not None else ""
        self._values: list[list[Any]] = []
        self._years: list[int] = []

    def _period(self, name: str) -> Period:
        period = read_period(name)
        if period is None:
            raise TabularError("not_a_period", column=name)
        if not period.year and self._unpivot.year_source is None:
            raise TabularError("period_without_year", column=name)
        return period

    def convert(self, texts: Sequence[Sequence[str]], bad: dict[int, list[tuple[str, str, Bad]]]) -> None:
        """Read the period columns of a chunk, and the year column if there is one, adding what is refused to `bad`."""
        self._values = []
        for converter in self.converters:
            column = texts[converter.plan.source]
            values, refused, _ = converter.convert(column)
            self._values.append(values)
            for index, why in refused:
                bad.setdefault(index, []).append((converter.plan.name, column[index], why))
        if self._unpivot.year_source is None:
            return
        column = texts[self._unpivot.year_source]
        self._years = [_year(text) for text in column]
        for index, year in enumerate(self._years):
            if not year:
                bad.setdefault(index, []).append((self._year_name, column[index], Bad("not_a_year")))

    def fill(
        self,
        chunk: Chunk,
        columns: dict[str, list[Any]],
        records: list[Record],
        numbers: list[int],
        good: list[int] | None,
    ) -> None:
        """Write the long rows of the accepted file rows (`good`; None is all) into `chunk`, period by period."""
        rows = range(len(records)) if good is None else good
        instants: list[datetime] = []
        values: list[Any] = []
        chunk.columns = {key: [] for key in columns}
        for name, source, period, column in zip(
            self._names, self._unpivot.sources, self._periods, self._values, strict=True
        ):
            found = [index for index in rows if column[index] is not None]
            for key, ids in columns.items():
                chunk.columns[key] += [ids[index] for index in found]
            values += [column[index] for index in found]
            instants += [self._instant(period, index) for index in found]
            chunk.numbers += [numbers[index] for index in found]
            chunk.raw += [[*(records[i][c] for c in self._id_sources), name, records[i][source]] for i in found]
        chunk.columns[self._unpivot.instant_key] = instants
        chunk.columns[self._unpivot.value_key] = values

    def _instant(self, period: Period, index: int) -> datetime:
        year = period.year or self._years[index]
        start = datetime(year, period.month, period.day)  # noqa: DTZ001 - local by meaning
        return to_instant(start, self._tz)[0]


def _year(text: str) -> int:
    text = text.strip().removesuffix("年")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else 0
