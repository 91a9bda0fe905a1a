"""Targets as series, and the dashboards."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from metrics.choices import GrainCode, PanelKind
from ops_platform.sample.texts import Text

DAY, WEEK, MONTH = GrainCode.DAY, GrainCode.WEEK, GrainCode.MONTH
LINE, BAR, BREAKDOWN = PanelKind.LINE, PanelKind.BAR, PanelKind.BREAKDOWN


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
class Board:
    """A dashboard, owned by the head of a department. panels: (KPI, kind, column that it is broken down by)."""

    name: Text
    department: str
    period: str
    panels: tuple[tuple[str, str, str], ...] = field(default_factory=tuple)


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

BOARDS = (
    Board(
        Text("Company at a glance", "公司概览"),
        "GM",
        "last-12-months",
        (
            ("net_revenue", LINE, ""),
            ("gross_margin", LINE, ""),
            ("orders", BAR, ""),
            ("return_rate", LINE, ""),
            ("on_time_rate", LINE, ""),
            ("satisfaction", LINE, ""),
            ("net_revenue", BREAKDOWN, "region"),
            ("engagement", LINE, ""),
        ),
    ),
    Board(
        Text("Sales", "销售"),
        "SAL",
        "last-90-days",
        (
            ("net_revenue", LINE, ""),
            ("orders", BAR, ""),
            ("average_order_value", LINE, ""),
            ("gross_margin", LINE, ""),
            ("active_customers", BAR, ""),
            ("repurchase_rate", LINE, ""),
            ("conversion_rate", LINE, ""),
            ("web_visits", LINE, ""),
            ("net_revenue", BREAKDOWN, "channel"),
            ("net_revenue", BREAKDOWN, "category"),
        ),
    ),
    Board(
        Text("Customer service", "客户服务"),
        "SVC",
        "last-90-days",
        (
            ("tickets", BAR, ""),
            ("complaints", BAR, ""),
            ("complaint_rate", LINE, ""),
            ("first_response", LINE, ""),
            ("resolution_p90", LINE, ""),
            ("satisfaction", LINE, ""),
            ("tickets", BREAKDOWN, "topic"),
            ("complaints", BREAKDOWN, "region"),
        ),
    ),
    Board(
        Text("Operations", "运营"),
        "OPS",
        "last-90-days",
        (
            ("deliveries", BAR, ""),
            ("on_time_rate", LINE, ""),
            ("stock_value", LINE, ""),
            ("stock_outs", BAR, ""),
            ("on_time_rate", BREAKDOWN, "region"),
            ("stock_value", BREAKDOWN, "warehouse"),
        ),
    ),
    Board(
        Text("Quality", "质量"),
        "QA",
        "last-90-days",
        (
            ("return_rate", LINE, ""),
            ("returned_value", BAR, ""),
            ("rejection_rate", LINE, ""),
            ("complaint_rate", LINE, ""),
            ("returned_value", BREAKDOWN, "return_reason"),
            ("returned_value", BREAKDOWN, "region"),
            ("lots_rejected", BREAKDOWN, "supplier"),
        ),
    ),
)
