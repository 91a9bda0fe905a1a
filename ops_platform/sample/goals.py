"""Targets as series, and the dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from metrics.choices import GrainCode, PanelKind
from ops_platform.sample.texts import Text

DAY, WEEK, MONTH = GrainCode.DAY, GrainCode.WEEK, GrainCode.MONTH
LINE, BAR, AREA, NUMBER, STACKED = PanelKind.LINE, PanelKind.BAR, PanelKind.AREA, PanelKind.NUMBER, PanelKind.STACKED
BREAKDOWN, BULLET, PARETO, CALENDAR = PanelKind.BREAKDOWN, PanelKind.BULLET, PanelKind.PARETO, PanelKind.CALENDAR
COHORT, FUNNEL, TABLE = PanelKind.COHORT, PanelKind.FUNNEL, PanelKind.TABLE


Aim = Decimal | tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Goal:
    """What a KPI should reach: at first, and from the change on. A pair is a range. margin: percent of the target."""

    kpi: str
    grains: tuple[int, ...]
    first: Aim
    then: Aim | None = None
    margin: int = 5
    department: str = ""


@dataclass(frozen=True)
class Laid:
    """A panel: a KPI, how it is drawn, the column that it is broken down by, what it is called, and how large it is."""

    kpi: str
    kind: str = LINE
    split: str = ""
    title: Text | None = None
    width: int | None = None
    height: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Board:
    """A dashboard, owned by the head of a department."""

    name: Text
    department: str
    period: str
    panels: tuple[Laid, ...] = field(default_factory=tuple)


def _goal(kpi: str, grains: tuple[int, ...], first: str, then: str = "", margin: int = 5, department: str = "") -> Goal:
    return Goal(kpi, grains, Decimal(first), Decimal(then) if then else None, margin, department)


ANY = (DAY, WEEK, MONTH)
# The second value holds from the half-year before today on: targets move when a year goes well.
GOALS = (
    _goal("net_revenue", (MONTH,), "2200000", "2450000"),
    _goal("net_revenue", (WEEK,), "520000", "570000"),
    _goal("net_revenue", (DAY,), "75000", "82000", 15),
    _goal("net_revenue", (MONTH,), "450000", "500000", department="SAL-E"),
    _goal("net_revenue", (MONTH,), "320000", "350000", department="SAL-S"),
    _goal("net_revenue", (MONTH,), "260000", "285000", department="SAL-N"),
    _goal("net_revenue", (MONTH,), "1000000", "1100000", department="SAL-O"),
    _goal("return_rate", ANY, "0.045", "0.04", 15),
    _goal("gross_margin", ANY, "0.385", "0.39", 3),
    _goal("average_order_value", ANY, "590", "600", 4),
    _goal("orders", (DAY,), "130", "140", 15),
    _goal("orders", (WEEK,), "900", "980"),
    _goal("orders", (MONTH,), "3900", "4250"),
    _goal("active_customers", (MONTH,), "2300", "2700"),
    _goal("repurchase_rate", (MONTH,), "0.30", "0.31", 10),
    _goal("conversion_rate", ANY, "0.0235", "0.024"),
    _goal("complaint_rate", ANY, "40", "35", 20),
    _goal("first_response", ANY, "35", "30", 20),
    _goal("resolution_p90", ANY, "36", "32", 15),
    _goal("satisfaction", ANY, "4.2", "4.25", 3),
    _goal("on_time_rate", ANY, "0.93", "0.94", 3),
    Goal("stock_value", ANY, (Decimal(900_000), Decimal(1_200_000)), None, 10),
    _goal("stock_outs", ANY, "1", "0", 0),
    _goal("rejection_rate", ANY, "0.03", "0.025", 40),
    _goal("engagement", (MONTH,), "7.0", "7.2"),
)

BY_MONTH, BY_WEEK = {"grain": "month"}, {"grain": "week"}


def _number(kpi: str, **settings: Any) -> Laid:
    return Laid(kpi, NUMBER, settings=settings)


BOARDS = (
    Board(
        Text("Company at a glance", "公司概览"),
        "GM",
        "last-12-months",
        (
            _number("net_revenue", grain="month"),
            _number("gross_margin", grain="month"),
            _number("orders", grain="month"),
            _number("on_time_rate", grain="month"),
            Laid("net_revenue", AREA, "", Text("Revenue against target", "销售额与目标"), 8, 2, BY_MONTH),
            Laid(
                "net_revenue",
                BULLET,
                "department",
                Text("Teams against their targets", "各团队目标达成"),
                4,
                2,
                BY_MONTH,
            ),
            Laid("net_revenue", CALENDAR, "", Text("Every day of the year", "全年每日销售额"), 12, 2),
            Laid("gross_sales", STACKED, "category", Text("What we sell", "销售构成"), 6, 2, BY_MONTH),
            Laid("returned_value", PARETO, "return_reason", Text("Why goods come back", "退货原因"), 6, 2, BY_MONTH),
            Laid("return_rate", LINE, "", None, 4, 2),
            Laid("satisfaction", LINE, "", None, 4, 2),
            Laid(
                "web_visits",
                FUNNEL,
                "",
                Text("From visit to purchase", "从访问到成交"),
                4,
                2,
                BY_MONTH | {"steps": ["web_engaged", "web_purchases"]},
            ),
            Laid("gross_sales", COHORT, "customer", Text("Who comes back", "客户留存"), 12, 3),
            Laid("net_revenue", TABLE, "", Text("Month by month", "逐月数据"), 8, 2, BY_MONTH),
            Laid("engagement", LINE, "", None, 4, 2),
        ),
    ),
    Board(
        Text("Sales", "销售"),
        "SAL",
        "last-90-days",
        (
            _number("net_revenue", grain="week"),
            _number("orders", grain="week"),
            _number("average_order_value", grain="week"),
            _number("conversion_rate", grain="week"),
            Laid("net_revenue", LINE, "", None, 8, 2),
            Laid(
                "net_revenue",
                BULLET,
                "department",
                Text("Teams against their targets", "各团队目标达成"),
                4,
                2,
                BY_MONTH,
            ),
            Laid("gross_sales", STACKED, "channel", Text("Sales by channel", "各渠道销售额"), 6, 2, BY_WEEK),
            Laid(
                "gross_sales",
                STACKED,
                "region",
                Text("Share of the regions", "各地区占比"),
                6,
                2,
                BY_WEEK | {"as_share": True},
            ),
            Laid("net_revenue", PARETO, "product", Text("Which products carry us", "支柱商品"), 6, 2, BY_MONTH),
            Laid("net_revenue", BREAKDOWN, "category", None, 6, 2, BY_MONTH),
            Laid("gross_margin", LINE, "", None, 4, 2),
            Laid("repurchase_rate", LINE, "", None, 4, 2),
            Laid("active_customers", BAR, "", None, 4, 2),
        ),
    ),
    Board(
        Text("Customer service", "客户服务"),
        "SVC",
        "last-90-days",
        (
            _number("tickets", grain="week"),
            _number("first_response", grain="week"),
            _number("resolution_p90"),
            _number("satisfaction"),
            Laid("tickets", CALENDAR, "", Text("Tickets by day", "每日工单"), 12, 2),
            Laid("tickets", STACKED, "priority", Text("Tickets by priority", "各优先级工单"), 6, 2, BY_WEEK),
            Laid("tickets", PARETO, "topic", Text("What customers ask about", "客户关心什么"), 6, 2, BY_MONTH),
            Laid("complaints", BAR, "", None, 4, 2, BY_WEEK),
            Laid("complaint_rate", LINE, "", None, 4, 2),
            Laid("complaints", BREAKDOWN, "region", None, 4, 2, BY_MONTH),
            Laid("first_response", LINE, "", None, 6, 2),
            Laid("satisfaction", TABLE, "", None, 6, 2),
        ),
    ),
    Board(
        Text("Operations", "运营"),
        "OPS",
        "last-90-days",
        (
            _number("deliveries", grain="week"),
            _number("on_time_rate"),
            Laid("stock_value", BULLET, "", None, 6, 1),
            Laid("deliveries", STACKED, "carrier", Text("Deliveries by carrier", "各承运商配送量"), 8, 2, BY_WEEK),
            Laid("on_time_rate", BREAKDOWN, "region", None, 4, 2),
            Laid("stock_value", LINE, "", None, 8, 2),
            Laid("stock_value", BREAKDOWN, "warehouse", None, 4, 2),
            Laid("on_time_rate", LINE, "", None, 6, 2),
            Laid("stock_outs", BAR, "", None, 6, 2),
        ),
    ),
    Board(
        Text("Quality", "质量"),
        "QA",
        "last-90-days",
        (
            Laid("return_rate", LINE, "", None, 8, 2),
            Laid("returned_value", PARETO, "return_reason", Text("Why goods come back", "退货原因"), 4, 2, BY_MONTH),
            Laid("returned_value", BAR, "", None, 6, 2, BY_WEEK),
            Laid("returned_value", BREAKDOWN, "region", None, 6, 2, BY_MONTH),
            Laid("rejection_rate", LINE, "", None, 4, 2),
            Laid(
                "lots_rejected",
                PARETO,
                "supplier",
                Text("Suppliers with rejected lots", "拒收批次来自哪些供应商"),
                4,
                2,
                BY_MONTH,
            ),
            Laid("complaint_rate", LINE, "", None, 4, 2),
        ),
    ),
)
