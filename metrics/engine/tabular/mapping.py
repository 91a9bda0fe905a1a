"""What each column of a file means: a plain value that a person can correct, and that is kept as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from .dates import DateStyle
from .slugs import signature

KINDS = ("csv", "csv.gz", "xlsx", "xls")
ROLES = ("instant", "key", "measure", "dimension", "ignore")
TYPES = ("number", "date", "datetime", "boolean", "text")
TOTALS = ("keep", "skip")


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """What one column is.

    source: its position in the file, from 0. name: its header, unique in the file. key: the name programs use.
    role: `instant` (when it happened), `key` (tells one row from another), `measure`, `dimension`, or `ignore`.
    required: a row without a value here is refused.
    """

    source: int
    name: str
    key: str
    label: str
    role: str
    type: str
    required: bool = False
    date_order: str = "dmy"
    pivot: int = 1950


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Turn columns that are periods into rows.

    sources: their positions. value_key: key of the resulting measure; the instant's key is `instant_key`.
    year_source: the column that holds the year where the names are only months or quarters.
    """

    sources: tuple[int, ...]
    value_key: str = "value"
    instant_key: str = "period"
    value_type: str = "number"
    year_source: int | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How to read one shape of file. Rows are 0-based records, as the delimiter cuts them."""

    kind: str
    columns: tuple[ColumnPlan, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    header_rows: tuple[int, ...] = (0,)
    skip_rows: int = 1  # records before the first data record, header included
    decimal: str = "."
    epoch_1904: bool = False
    totals: str = "keep"
    unpivot: Unpivot | None = None
    names: tuple[str, ...] = field(default=())  # unique names of all columns, ignored ones too

    @property
    def date_order(self) -> str:
        """Order of the instant column, or of the first date column."""
        dated = [plan for plan in self.columns if plan.type in ("date", "datetime")]
        dated.sort(key=lambda plan: plan.role != "instant")
        return dated[0].date_order if dated else "dmy"

    @property
    def signature(self) -> str:
        """The same for every file with the same header."""
        return signature(self.names)

    @property
    def active(self) -> tuple[ColumnPlan, ...]:
        """Columns that are read."""
        return tuple(plan for plan in self.columns if plan.role != "ignore")

    def style(self, plan: ColumnPlan) -> DateStyle:
        """How `plan` writes its dates."""
        return DateStyle(plan.date_order, plan.pivot, self.epoch_1904)

    def to_json(self) -> str:
        """JSON text that `from_json` reads back to an equal mapping."""
        return json.dumps({"version": 1, **asdict(self)}, ensure_ascii=False, sort_keys=True)
