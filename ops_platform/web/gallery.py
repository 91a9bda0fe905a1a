"""One page with every component, in the running theme and language: what a page is put together from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ops_platform.web import gallery_panels
from ops_platform.web.charts import Chart, Mark, Payload, Series, bar, breakdown, line, stacked_bar
from ops_platform.web.columns import Column, Table, order_from
from ops_platform.web.formats import Unit
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order, Page
from ops_platform.web.stat import Tile, spark_line
from ops_platform.web.status import Status

YUAN = Unit("money", "CNY", 2)
SHARE = Unit("percent", digits=1)
MINUTES = Unit("duration", "minutes", 0)
MONDAY = date(2026, 8, 3)
STATUSES = (
    Status("good", "On target"),
    Status("watch", "Near the limit"),
    Status("bad", "Missed"),
    Status("info", "Running"),
    Status("neutral", "No target"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the sample table."""

    name: str
    department: str
    value: Decimal
    unit: Unit
    status: Status
    due_on: date | None


class SampleForm(forms.Form):
    """A field of each kind; sent in half, it shows its errors."""

    name = forms.CharField(label="Name", help_text="As it stands in lists and reports.")
    direction = forms.ChoiceField(label="Good is", choices=[("up", "More"), ("down", "Less")])
    since = forms.DateField(label="In force from", widget=forms.DateInput(attrs={"type": "date"}))
    target = forms.DecimalField(label="Target", required=False)
    grains = forms.MultipleChoiceField(
        label="Shown by",
        choices=[("day", "Day"), ("week", "Week"), ("month", "Month")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = forms.CharField(label="Why it is measured", widget=forms.Textarea, required=False)
    is_shared = forms.BooleanField(label="Everybody may see it", required=False)
    file = forms.FileField(label="Drop a file here, or choose one", required=False)


COLUMNS = (
    Column("name", "KPI", sort=("name",), href=lambda row: f"#{row.unit.kind}", is_wide=True),
    Column("department", "Department"),
    Column("value", "Value", kind="number", sort=("value", "name"), unit=lambda row: row.unit),
    Column("status", "Status", kind="status"),
    Column("due_on", "Due", kind="date", sort=("due_on", "name"), is_nullable=True),
)
ROWS = (
    Sample("Net revenue", "Sales", Decimal("1284530.75"), YUAN, STATUSES[0], date(2026, 12, 1)),
    Sample("准时交付率", "华东仓储与配送部", Decimal("0.9342"), SHARE, STATUSES[1], date(2026, 11, 30)),
    Sample("Order lead time", "Logistics", Decimal("1415"), MINUTES, STATUSES[2], None),
    Sample("客户投诉处理时长", "客户服务部", Decimal("85"), MINUTES, STATUSES[3], date(2027, 1, 15)),
    Sample("Return rate <2 %", "Quality & returns", Decimal("-0.004"), SHARE, STATUSES[4], date(2026, 12, 31)),
)


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component with sample content. Made for those who build pages; it reads and writes nothing."""
    faulty = {"name": "", "grains": ["day"], "since": "2026-02-31"}
    form = SampleForm(faulty if "errors" in request.GET else None)
    table = Table(
        COLUMNS,
        ROWS,
        caption="Sample KPIs",
        order=order_from(COLUMNS, request.GET.get("sort", ""), Order("name", ("name",))),
        layout="folds",
    )
    context = {
        "form": form,
        "table": table,
        "page": Page(list(ROWS), previous_cursor="newer", next_cursor="older", count="10,000+"),
        "tiles": _tiles(),
        "charts": [*_charts(), *gallery_panels.charts(_wave(16, 92_000, 14_000, 2_500), _weeks())],
        "drawings": gallery_panels.drawings(),
        "statuses": STATUSES,
        "trail": [("Metrics", "#"), ("KPIs", "#")],
        "levels": ("good", "watch", "bad", "info"),
    }
    return render_page(request, "web/gallery.html", context)


def _weeks() -> list[date]:
    return [MONDAY + timedelta(weeks=i) for i in range(16)]


def _wave(count: int, base: float, swing: float, lift: float = 0.0) -> list[Decimal | None]:
    """A season with a trend and some unrest, the same on every call."""
    return [
        Decimal(str(round(base + lift * i + swing * math.sin(i / 2.3) + swing * 0.4 * math.sin(i * 2.1), 4)))
        for i in range(count)
    ]


def _tiles() -> list[Tile]:
    fresh = timezone.now() - timedelta(minutes=7)
    return [
        Tile(
            "Net revenue",
            Decimal("1284530.75"),
            YUAN,
            target=Decimal(1_200_000),
            change=Decimal("0.083"),
            direction="up",
            status=STATUSES[0],
            period="Nov 2026",
            fresh_at=fresh,
            url="#charts",
            spark=spark_line(_wave(30, 40, 6, 0.4), target=44),
        ),
        Tile(
            "准时交付率",
            Decimal("0.934"),
            SHARE,
            target=Decimal("0.95"),
            change=Decimal("-0.012"),
            direction="up",
            status=STATUSES[1],
            period="2026年11月",
            fresh_at=fresh,
            spark=spark_line(_wave(30, 0.95, 0.02), target=Decimal("0.95")),
        ),
        Tile(
            "Order lead time",
            Decimal("1415"),
            MINUTES,
            target=Decimal(1200),
            change=Decimal("0.061"),
            direction="down",
            status=STATUSES[2],
            period="week of 16 Nov 2026",
            fresh_at=fresh,
            spark=spark_line(_wave(30, 1300, 90, 4)),
        ),
        Tile("Repeat customers", None, period="Nov 2026", status=STATUSES[4]),
    ]


def _charts() -> list[tuple[str, Chart]]:
    weeks = _weeks()
    names = ["United Kingdom", "Germany", "法国", "Éire & <Ireland>", "Netherlands (incl. Caribbean parts)", "Spain"]
    revenue = line(
        weeks,
        [
            Series("This year", _wave(16, 92_000, 14_000, 2_500), "current", url="#rows-{x}"),
            Series("Last year", _wave(16, 86_000, 9_000, 900), "comparison"),
        ],
        unit=YUAN,
        target=Decimal(120_000),
        target_name="Target",
        marks=[Mark(weeks[6], "Version 2 in force")],
        partial_name="so far",
    )
    orders = bar(
        weeks,
        Series("Orders", _wave(16, 540, 90, 12), "current", url="#rows-{x}"),
        target=600,
        target_name="目标",
        partial_name="so far",
    )
    channels = stacked_bar(
        weeks,
        [
            Series("Web", _wave(16, 300, 40)),
            Series("门店", _wave(16, 180, 30)),
            Series("Partner", _wave(16, 90, 12)),
        ],
    )
    shares = Series("Net revenue", [Decimal(x) for x in (812_400, 214_050, 180_200, 96_310, 41_007, 8_250)])
    countries = breakdown(names, shares, unit=YUAN)
    return [
        (
            "Net revenue by week",
            Chart(
                "chart-revenue",
                "Net revenue by week rises from 92,000 to 120,000 yuan and stays under its target.",
                Payload.of(revenue),
                note="Weeks from Monday, Asia/Shanghai",
            ),
        ),
        (
            "Orders by week",
            Chart("chart-orders", "Orders by week stay near 600.", Payload.of(orders), note="The last week is running"),
        ),
        (
            "Orders by channel",
            Chart("chart-channels", "Web brings over half of the orders.", Payload.of(channels)),
        ),
        (
            "Revenue by country",
            Chart("chart-countries", "The United Kingdom brings three fifths.", Payload.of(countries)),
        ),
    ]
