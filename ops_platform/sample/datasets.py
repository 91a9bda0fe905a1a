"""The datasets of the sample company, as somebody would have declared them."""

from __future__ import annotations

from dataclasses import dataclass

from metrics.choices import ColumnRole, Unit
from metrics.services.datasets import ColumnSpec
from ops_platform.sample.texts import Text


@dataclass(frozen=True)
class Table:
    """A dataset to make. unit: the department that answers for it."""

    key: str
    name: Text
    what: Text
    department: str
    columns: tuple[ColumnSpec, ...]
    is_daily: bool = False


def _measure(key: str, name: str, name_zh: str, unit: str = Unit.NUMBER, expression: str = "") -> ColumnSpec:
    return ColumnSpec(key, ColumnRole.MEASURE, name=name, name_zh=name_zh, unit=unit, expression=expression)


def _property(key: str, name: str, name_zh: str) -> ColumnSpec:
    return ColumnSpec(key, ColumnRole.DIMENSION, name=name, name_zh=name_zh)


def _frame(instant: Text, key: Text) -> tuple[ColumnSpec, ...]:
    """What every table has: when, which row, whose."""
    return (
        ColumnSpec("at", ColumnRole.INSTANT, name=instant.en, name_zh=instant.zh),
        ColumnSpec("id", ColumnRole.KEY, name=key.en, name_zh=key.zh),
        ColumnSpec("department", ColumnRole.DEPARTMENT, name="Department", name_zh="部门"),
    )


REGION = _property("region", "Region", "区域")
CATEGORY = _property("category", "Category", "品类")
PRODUCT = _property("product", "Product", "商品")

TABLES = (
    Table(
        "orders",
        Text("Order lines", "订单明细"),
        Text(
            "Every line of every order, and a line with a negative quantity for each return.",
            "每个订单的每一行；退货为数量为负的行。",
        ),
        "SAL",
        (
            *_frame(Text("Ordered at", "下单时间"), Text("Line", "行号")),
            _measure("quantity", "Quantity", "数量"),
            _measure("unit_price", "Unit price", "单价", Unit.MONEY),
            _measure("unit_cost", "Unit cost", "单位成本", Unit.MONEY),
            _property("order_no", "Order number", "订单号"),
            _property("customer", "Customer", "客户"),
            PRODUCT,
            CATEGORY,
            _property("channel", "Channel", "渠道"),
            REGION,
            _property("return_reason", "Reason of return", "退货原因"),
            _measure("amount", "Amount", "金额", Unit.MONEY, "quantity * unit_price"),
            _measure("profit", "Gross profit", "毛利", Unit.MONEY, "quantity * (unit_price - unit_cost)"),
        ),
    ),
    Table(
        "web_sessions",
        Text("Web sessions", "网站访问"),
        Text("Visits to the web shop by hour, source and device.", "网店访问量，按小时、来源和设备汇总。"),
        "SAL-O",
        (
            *_frame(Text("Hour", "小时"), Text("Row", "行号")),
            _measure("sessions", "Visits", "访问次数"),
            _measure("bounced", "Visits of one page", "跳出次数"),
            _measure("pages", "Pages seen", "浏览页数"),
            _measure("purchases", "Purchases", "成交次数"),
            _property("source", "Source", "来源"),
            _property("device", "Device", "设备"),
        ),
    ),
    Table(
        "tickets",
        Text("Service tickets", "服务工单"),
        Text("Requests of customers, with waiting times and their judgement.", "客户请求及其等待时间与评价。"),
        "SVC",
        (
            *_frame(Text("Opened at", "创建时间"), Text("Ticket", "工单号")),
            _measure("first_response", "Minutes until the first answer", "首次响应分钟数", Unit.MINUTES),
            _measure("hours", "Hours until solved", "解决时长（小时）", Unit.HOURS),
            _measure("satisfaction", "Satisfaction, 1 to 5", "满意度（1–5）", Unit.POINTS),
            _property("topic", "Topic", "问题类型"),
            _property("priority", "Urgency", "优先级"),
            REGION,
        ),
    ),
    Table(
        "deliveries",
        Text("Deliveries", "配送记录"),
        Text("Parcels on the day of their arrival.", "包裹送达记录，按送达日期。"),
        "WH",
        (
            *_frame(Text("Delivered at", "送达时间"), Text("Parcel", "包裹号")),
            _measure("lead_days", "Days from order to door", "配送天数", Unit.DAYS),
            _measure("days_late", "Days late", "延迟天数", Unit.DAYS),
            _measure("late", "Late (1) or not (0)", "是否延迟（1/0）"),
            _measure("freight", "Freight", "运费", Unit.MONEY),
            _property("order_no", "Order number", "订单号"),
            _property("carrier", "Carrier", "承运商"),
            REGION,
        ),
    ),
    Table(
        "stock",
        Text("Stock levels", "库存快照"),
        Text("What lay in each warehouse at the end of each day.", "各仓库每日期末库存。"),
        "WH",
        (
            *_frame(Text("Counted at", "盘点时间"), Text("Row", "行号")),
            _measure("on_hand", "On hand", "现有数量"),
            _measure("value", "Value at cost", "库存金额", Unit.MONEY),
            _property("warehouse", "Warehouse", "仓库"),
            PRODUCT,
            CATEGORY,
        ),
    ),
    Table(
        "inspections",
        Text("Incoming inspections", "来料检验"),
        Text("Lots inspected on arrival.", "到货批次的检验记录。"),
        "QA",
        (
            *_frame(Text("Inspected at", "检验时间"), Text("Lot", "批次号")),
            _measure("lot_size", "Pieces in the lot", "批量"),
            _measure("rejected", "Rejected (1) or not (0)", "是否拒收（1/0）"),
            _property("supplier", "Supplier", "供应商"),
        ),
    ),
    Table(
        "survey",
        Text("Employee survey", "员工调查"),
        Text("One figure a month, entered by hand.", "每月手工录入一个数值。"),
        "HR",
        (
            *_frame(Text("Asked on", "调查日期"), Text("Row", "行号")),
            _measure("score", "Score, 0 to 10", "得分（0–10）", Unit.POINTS),
        ),
        is_daily=True,
    ),
)
