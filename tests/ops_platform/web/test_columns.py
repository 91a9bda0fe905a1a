"""One declaration: what the table shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from ops_platform.web.columns import Column, Table, order_from
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
        '<td class="nowrap">2026-02-28</td>'
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
