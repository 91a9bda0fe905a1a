"""One declaration: what the table shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.safestring import SafeString

from ops_platform.web.columns import CellEdit, Column, Table, order_from
from ops_platform.web.formats import Unit
from ops_platform.web.paging import Order
from ops_platform.web.status import Status


@dataclass(frozen=True)
class Owner:
    name: str


@dataclass(frozen=True)
class Row:
    name: str
    owner: Owner | None
    value: Decimal | None
    due_on: date | None
    status: Status | None


COLUMNS = (
    Column("name", "KPI", sort=("name", "id"), href=lambda row: f"/kpis/?q={row.name}&x=1", is_wide=True),
    Column("owner", "Owner", "owner__name"),
    Column("value", "Value", kind="number", sort=("value", "id"), is_nullable=True, unit=Unit("money", "CNY", 2)),
    Column("due_on", "Due", kind="date"),
    Column("status", "Status", kind="status"),
)


def test_table_draws_cells_with_units_and_escapes_what_people_wrote():
    rows = [Row("<b>A&B</b>", Owner("王小明"), Decimal("-1234.5"), date(2026, 2, 28), Status("bad", "Missed <1"))]
    assert Table(COLUMNS, rows, "KPIs", sprite="/icons.svg").body == (
        '<tr><td class="wide"><a href="/kpis/?q=&lt;b&gt;A&amp;B&lt;/b&gt;&amp;x=1">&lt;b&gt;A&amp;B&lt;/b&gt;</a></td>'
        "<td>王小明</td>"
        '<td class="end">−¥1,234.50</td>'
        '<td class="nowrap">28 Feb 2026</td>'
        '<td class="nowrap"><span class="status status--bad"><svg class="icon" aria-hidden="true">'
        '<use href="/icons.svg#alert-octagon"></use></svg>Missed &lt;1</span></td></tr>'
    )


def test_table_leaves_cells_empty_where_there_is_nothing():
    body = Table(COLUMNS, [Row("A", None, None, None, None)], "KPIs").body
    assert body.endswith('<td></td><td class="end"></td><td class="nowrap"></td><td class="nowrap"></td></tr>')


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("value", Order("value", ("value", "id"), is_nullable=True)),
        ("-value", Order("value", ("value", "id"), is_descending=True, is_nullable=True)),
        ("owner", Order("name", ("name", "id"))),
        ("password", Order("name", ("name", "id"))),
        ("", Order("name", ("name", "id"))),
    ],
)
def test_order_from_takes_sortable_columns_only(sort, expected):
    assert order_from(COLUMNS, sort, Order("name", ("name", "id"))) == expected


def test_heads_offer_the_other_direction_of_the_current_order():
    heads = Table(COLUMNS, [], "KPIs", order=Order("value", ("value", "id"))).heads
    assert [(head.sort, head.aria_sort) for head in heads[:3]] == [("name", ""), ("", ""), ("-value", "ascending")]


def test_column_reads_dicts_and_functions():
    assert Column("n", "N", "owner__name").of({"owner": {"name": "A"}}) == "A"
    assert Column("n", "N", "owner__name").of({"owner__name": "B"}) == "B"
    assert Column("n", "N", lambda row: row * 2).of(4) == 8


def test_rows_that_fold_say_where_each_cell_goes_and_which_figure_is_which():
    columns = (
        Column("name", "KPI", href=lambda _row: "/kpis/1/"),
        Column("value", "Value", kind="number", folded="end"),
        Column("owner", "Owner", "owner__name"),
        Column("due_on", "Due", kind="date", folded="last"),
        Column("status", "Status", kind="status"),
    )
    rows = [Row("A", Owner("B"), Decimal(3), None, None)]

    assert Table(columns, rows, "KPIs", layout="folds").body == (
        '<tr><td class="at-title"><a href="/kpis/1/">A</a></td>'
        '<td class="end at-end">3</td>'
        '<td class="at-line" data-label="Owner">B</td>'
        '<td class="nowrap at-last"></td>'
        '<td class="nowrap at-bare"></td></tr>'
    )


def test_head_of_what_is_left_out_goes_with_its_cells():
    columns = (Column("name", "KPI"), Column("due_on", "Due", kind="date", folded="gone"))

    assert [head.css for head in Table(columns, [], "KPIs", layout="folds").heads] == ["", "nowrap at-gone"]
    assert [head.css for head in Table(columns, [], "KPIs").heads] == ["", "nowrap"]


def test_data_keeps_short_texts_in_one_piece_and_gives_long_ones_room():
    columns = (Column("name", "Product"),)
    rows = [Row("SAL-O", None, None, None, None), Row("x" * 41, None, None, None, None)]

    assert Table(columns, rows, "Rows", layout="data").body == (
        f'<tr><td>SAL-O</td></tr><tr><td class="wide">{"x" * 41}</td></tr>'
    )


def test_indent_of_a_tree_stands_before_the_link():
    column = Column("name", "Department", lambda row: f"\u2003{row.name}", href=lambda _row: "/departments/2/")

    body = Table((column,), [Row("East", None, None, None, None)], "Departments").body

    assert body == '<tr><td>\u2003<a href="/departments/2/">East</a></td></tr>'


def test_what_is_drawn_takes_the_place_of_the_text_on_the_screen_alone():
    column = Column("change", "Change", lambda _row: "+5%", is_figure=True, drawn=lambda _row: SafeString("<b>↗</b>"))

    assert Table((column,), [None], "KPIs").body == '<tr><td class="end"><b>↗</b></td></tr>'
    assert column.of(None) == "+5%"


def test_dates_are_written_as_people_write_them_in_each_language():
    column = Column("due_on", "Due", kind="date")
    row = Row("A", None, None, date(2026, 11, 3), None)

    assert column.text(row) == "3 Nov 2026"
    with translation.override("zh-hans"):
        assert column.text(row) == "2026年11月3日"


def test_table_escapes_whatever_a_row_brings_into_any_kind_of_cell():
    bad = "<i>\"'&"
    columns = (
        Column("name", "Name", kind="link", href=lambda row: f"/?q={row.name}"),
        Column("drawn", "Drawn", drawn=lambda row: row.name),
        Column("plain", "Plain", "name"),
        Column("status", "Status", kind="status"),
    )
    rows = [Row(bad, None, None, None, Status("bad", bad))]

    table = Table(
        columns,
        rows,
        "Names",
        picks=lambda row: (7, row.name),
        edits={"plain": lambda row: CellEdit(f"/?edit={row.name}", row.name, is_focused=True)},
        sprite="/icons.svg",
    )

    shown = "&lt;i&gt;&quot;&#x27;&amp;"
    assert table.body == (
        '<tr><td class="pick"><input type="checkbox" name="pick" value="7" form="bulk" data-pick '
        f'aria-label="Select {shown}"></td>'
        f'<td><a href="/?q={shown}">{shown}</a></td>'
        f"<td>{shown}</td>"
        f'<td><span class="cell__text">{shown}</span><button class="cell__edit" type="button" hx-get="/?edit={shown}" '
        f'hx-target="closest td" hx-swap="innerHTML" aria-label="{shown}" data-focus="true">'
        '<svg class="icon" aria-hidden="true"><use href="/icons.svg#pencil"></use></svg></button></td>'
        '<td class="nowrap"><span class="status status--bad"><svg class="icon" aria-hidden="true">'
        f'<use href="/icons.svg#alert-octagon"></use></svg>{shown}</span></td></tr>'
    )


def test_table_of_data_gives_room_to_cells_of_more_than_forty_letters():
    columns = (Column("name", "Name"),)
    rows = [Row("&" * count, None, None, None, None) for count in (40, 41)]

    assert Table(columns, rows, "Names", layout="data").body == (
        f'<tr><td>{"&amp;" * 40}</td></tr><tr><td class="wide">{"&amp;" * 41}</td></tr>'
    )
