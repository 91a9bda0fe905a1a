"""One declaration of a list's columns that feeds its HTML table, CSV, XLSX and JSON (see exports.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from ops_platform.web import cells, formats
from ops_platform.web.formats import Unit
from ops_platform.web.paging import Order

Kind = Literal["text", "number", "money", "percent", "date", "instant", "link", "status"]
Spot = Literal["title", "end", "line", "bare", "last", "gone"]
Layout = Literal["plain", "folds", "data"]
NUMERIC: frozenset[str] = frozenset({"number", "money", "percent"})
LONG_TEXT = 40


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    key: its name in JSON and in `?sort=`. value: a field name (`owner__name` is followed through dicts and objects), or
    a function of the row. kind decides alignment, format and type in exports; a `status` column gives a `Status`, a
    `link` column a text with `href`. sort: the fields of the order, key last; empty where the list cannot be sorted.
    unit: of a number column; a function of the row where rows differ. is_figure: a text that stands
    at the end as numbers do. drawn: what the screen shows in the place of the text, which stays what files carry.
    folded: where the cell stands once a row of a list folds on a phone. `title` and `end` share its first line; below
    come `line` with its label, `bare` without one and `last` behind them; `gone` is left out, on tablets too. By itself
    the first column is the title, a status is bare and the rest are lines. is_minor: shown on wide screens alone.
    is_extra: shown only to those who choose it, and in files where nothing was chosen. in_files: False for a drawing.
    """

    key: str
    label: str | Promise
    value: str | Callable[[Any], Any] = ""
    kind: Kind = "text"
    sort: tuple[str, ...] = ()
    is_nullable: bool = False
    href: Callable[[Any], str] | None = None
    unit: Unit | Callable[[Any], Unit] | None = None
    is_wide: bool = False
    is_figure: bool = False
    drawn: Callable[[Any], SafeString] | None = None
    folded: Spot | None = None
    is_minor: bool = False
    is_extra: bool = False
    in_files: bool = True

    def of(self, row: Any) -> Any:
        """The value of this column in `row`, unformatted."""
        if callable(self.value):
            return self.value(row)
        found: Any = row
        name = self.value or self.key
        if isinstance(row, dict) and name in row:
            return row[name]
        for part in name.split("__"):
            if found is None:
                return None
            found = found.get(part) if isinstance(found, dict) else getattr(found, part)
        return found

    def reader(self) -> Callable[[Any], Any]:
        """`of`, with what is the same for all rows looked up already."""
        if callable(self.value):
            return self.value
        first, *others = (self.value or self.key).split("__")
        if others:
            return self.of
        return lambda row: row.get(first) if isinstance(row, dict) else None if row is None else getattr(row, first)

    def writer(self) -> Callable[[Any], str]:
        """`text`, likewise."""
        if self.kind not in ("text", "link"):
            return self.text
        of = self.reader()

        def text(row: Any) -> str:
            value = of(row)
            return value if type(value) is str else "" if value is None else str(value)

        return text

    def unit_of(self, row: Any) -> Unit:
        """The unit of the figure in `row`."""
        if self.unit is None:
            return Unit("percent", digits=1) if self.kind == "percent" else Unit()
        return self.unit(row) if callable(self.unit) else self.unit

    def text(self, row: Any) -> str:
        """The value as the screen shows it; empty for nothing."""
        value = self.of(row)
        if value is None or value == "":
            return ""
        if self.kind in NUMERIC:
            return formats.in_unit(value, self.unit_of(row))
        if self.kind == "date":
            return formats.day(value) if isinstance(value, date) else str(value)
        if self.kind == "instant":
            return formats.absolute(value) if isinstance(value, datetime) else str(value)
        return str(value)

    @property
    def css(self) -> str:
        """Classes of the cells: figures stand at the end, dates do not wrap."""
        if self.kind in NUMERIC or self.is_figure:
            return "end"
        if self.kind in ("date", "instant", "status"):
            return "nowrap"
        if self.is_minor:
            return "minor"
        return "wide" if self.is_wide else ""


class CellEdit(NamedTuple):
    """Where the form that changes a cell is fetched, what its button is called, and whether the focus goes there."""

    url: str
    label: str
    is_focused: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one column: `sort` is what `?sort=` becomes when it is pressed."""

    label: str
    css: str
    sort: str
    aria_sort: str
    icon: str


@dataclass(frozen=True, slots=True)
class Table:
    """What `components/table.html` shows.

    target: id of the element that sorting swaps by htmx, if any. layout: the rows of one that `folds` become blocks on a
    phone; one of `data` is as wide as its rows, with codes and instants in one piece, and scrolls sideways.
    picks: key and name of a row, where rows can be picked; the boxes belong to the form with the id "bulk".
    edits: by the key of a column, what changes the row's cell in its place; None for a cell that cannot be.
    """

    columns: Sequence[Column]
    rows: Iterable[Any]
    caption: str
    order: Order | None = None
    target: str = ""
    layout: Layout = "plain"
    picks: Callable[[Any], tuple[int, str]] | None = None
    edits: Mapping[str, Callable[[Any], CellEdit | None]] = field(default_factory=dict)
    sprite: str = field(default_factory=lambda: static("icons.svg"))

    @property
    def heads(self) -> list[Head]:
        """The heads, with the order that the list has now and the one a press leads to."""
        return [self._head(column) for column in self.columns]

    @property
    def has_picks(self) -> bool:
        """Whether rows can be picked. (Templates would call `picks`.)"""
        return self.picks is not None

    @property
    def body(self) -> SafeString:
        """All rows. What the cells of a column share is made once: for each cell anew it is most of what a list costs."""
        found = [self._cell(column) for column in self.columns]
        boxes = [cells.box(self.picks, gettext("Select %(name)s"))] if self.picks else []
        return cells.body([*boxes, *found], self.rows)

    def _head(self, column: Column) -> Head:
        is_current = self.order is not None and self.order.name == column.key
        is_descending = is_current and self.order is not None and self.order.is_descending
        return Head(
            label=str(column.label),
            css=f"{column.css} at-gone".lstrip() if self._is_left_out(column) else column.css,
            sort=(column.key if not is_current or is_descending else f"-{column.key}") if column.sort else "",
            aria_sort=("descending" if is_descending else "ascending") if is_current else "",
            icon=("arrow-down" if is_descending else "arrow-up") if is_current else "arrows-sort",
        )

    def inside(self, column: Column, row: Any) -> SafeString:
        """What stands in a cell, with the button that changes it where the actor may."""
        return SafeString(self._inside(column)(row))

    def _cell(self, column: Column) -> cells.Cell:
        longest = LONG_TEXT if self.layout == "data" else 0
        return cells.framed(self._attributes(column), self._inside(column), wide=_attributes("wide"), longest=longest)

    def _inside(self, column: Column) -> cells.Cell:
        shown, edit_of = self._shown(column), self.edits.get(column.key)
        return cells.editable(shown, edit_of, self.sprite) if edit_of else shown

    def _shown(self, column: Column) -> cells.Cell:
        if column.drawn:
            return cells.plain(column.drawn)
        if column.kind == "status":
            return cells.status(column.reader(), self.sprite)
        if column.kind == "instant":
            return cells.instant(column.reader())
        text, href = column.writer(), column.href
        return cells.linked(text, href) if href else cells.plain(text)

    def _attributes(self, column: Column) -> SafeString:
        """Those that all cells of a column share."""
        if self.layout != "folds":
            return _attributes(column.css)
        spot = column.folded or self._spot(column)
        return _attributes(f"{column.css} at-{spot}".lstrip(), str(column.label) if spot == "line" else "")

    def _is_left_out(self, column: Column) -> bool:
        return self.layout == "folds" and column.folded == "gone"

    def _spot(self, column: Column) -> Spot:
        if column is self.columns[0]:
            return "title"
        return "bare" if column.kind == "status" else "line"


def chosen_columns(columns: Sequence[Column], keys: Iterable[str]) -> list[Column]:
    """The columns of these keys in their own order, the first always; without keys all that are not extra."""
    wanted = {column.key for column in columns} & set(keys)
    if not wanted:
        return [column for column in columns if not column.is_extra]
    return [column for column in columns if column.key in wanted or column is columns[0]]


def file_columns(columns: Sequence[Column], keys: Iterable[str]) -> list[Column]:
    """The columns of a file: exactly what was chosen, or everything; never a drawing."""
    wanted = list(keys)
    found = chosen_columns(columns, wanted) if wanted else columns
    return [column for column in found if column.in_files]


def order_from(columns: Sequence[Column], sort: str, default: Order) -> Order:
    """The order that `?sort=` asks for; `default` where it names no sortable column."""
    name, is_descending = sort.removeprefix("-"), sort.startswith("-")
    for column in columns:
        if column.key == name and column.sort:
            return Order(name, column.sort, is_descending, column.is_nullable)
    return default


def _attributes(css: str, label: str = "") -> SafeString:
    """The attributes of a cell, without those that would be empty."""
    shown = format_html(' class="{}"', css) if css else SafeString()
    return shown + format_html(' data-label="{}"', label) if label else shown
