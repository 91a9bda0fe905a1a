"""The KPIs of the sample company."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from metrics.choices import Aggregation, Direction, GrainCode, Unit
from ops_platform.sample.texts import Text


@dataclass(frozen=True)
class Indicator:
    """A KPI to define: counted from a dataset, or a formula over other ones."""

    key: str
    name: Text
    why: Text
    department: str
    dataset: str = ""
    aggregation: str = Aggregation.SUM
    expression: str = ""
    filter: str = ""
    subject: str = ""
    occasion: str = ""
    formula: str = ""
    splits: tuple[tuple[str, ...], ...] = ()
    unit: str = Unit.NUMBER
    decimals: int = 0
    direction: str = Direction.HIGHER
    grain: int = GrainCode.DAY
    due_hours: int = 24


SOLD, BACK = "quantity > 0", "quantity < 0"
ORDERS = (("region",), ("channel",), ("category",), ("department",))
LOWER = Direction.LOWER
NINETY = Decimal(90)

INDICATORS = (
    Indicator(
        "net_revenue",
        Text("Net revenue", "净销售额"),
        Text("What was sold less what came back.", "销售额减去退货额。"),
        "SAL",
        "orders",
        expression="amount",
        splits=(*ORDERS, ("product",), ("region", "category")),
        unit=Unit.MONEY,
    ),
    Indicator(
        "gross_sales",
        Text("Gross sales", "销售总额"),
        Text("What was sold, before returns.", "退货前的销售额。"),
        "SAL",
        "orders",
        expression="amount",
        filter=SOLD,
        splits=ORDERS,
        unit=Unit.MONEY,
    ),
    Indicator(
        "returned_value",
        Text("Returned value", "退货金额"),
        Text("Lines with a negative quantity, as a positive amount.", "数量为负的行，以正数表示。"),
        "QA",
        "orders",
        expression="-amount",
        filter=BACK,
        splits=(*ORDERS, ("return_reason",)),
        unit=Unit.MONEY,
        direction=LOWER,
    ),
    Indicator(
        "return_rate",
        Text("Return rate", "退货率"),
        Text("Returned value divided by gross sales: a ratio of sums.", "退货金额除以销售总额：先求和再相除。"),
        "QA",
        formula="returned_value / gross_sales",
        unit=Unit.PERCENT,
        decimals=1,
        direction=LOWER,
        grain=GrainCode.WEEK,
    ),
    Indicator(
        "gross_profit",
        Text("Gross profit", "毛利"),
        Text("Net revenue less the cost of the goods.", "净销售额减去商品成本。"),
        "SAL",
        "orders",
        expression="profit",
        splits=ORDERS,
        unit=Unit.MONEY,
    ),
    Indicator(
        "gross_margin",
        Text("Gross margin", "毛利率"),
        Text("Gross profit divided by net revenue.", "毛利除以净销售额。"),
        "FIN",
        formula="gross_profit / net_revenue",
        unit=Unit.PERCENT,
        decimals=1,
        grain=GrainCode.WEEK,
    ),
    Indicator(
        "orders",
        Text("Orders", "订单数"),
        Text("Different order numbers; returns are no orders.", "不同订单号的个数；退货不算订单。"),
        "SAL",
        "orders",
        Aggregation.DISTINCT,
        filter=SOLD,
        subject="order_no",
        splits=(("region",), ("channel",), ("department",)),
    ),
    Indicator(
        "average_order_value",
        Text("Average order value", "平均订单金额"),
        Text("Gross sales divided by orders.", "销售总额除以订单数。"),
        "SAL",
        formula="gross_sales / orders",
        unit=Unit.MONEY,
        decimals=2,
    ),
    Indicator(
        "active_customers",
        Text("Active customers", "活跃客户数"),
        Text("Different customers who bought in the period.", "期间内购买过的不同客户数。"),
        "SAL",
        "orders",
        Aggregation.DISTINCT,
        filter=SOLD,
        subject="customer",
        splits=(("region",),),
        grain=GrainCode.MONTH,
    ),
    Indicator(
        "repeat_customers",
        Text("Repeat customers", "复购客户数"),
        Text("Customers with two or more orders in the period.", "期间内有两个及以上订单的客户数。"),
        "SAL",
        "orders",
        Aggregation.REPEAT,
        filter=SOLD,
        subject="customer",
        occasion="order_no",
        splits=(("region",),),
        grain=GrainCode.MONTH,
    ),
    Indicator(
        "repurchase_rate",
        Text("Repurchase rate", "复购率"),
        Text("Repeat customers divided by active customers.", "复购客户数除以活跃客户数。"),
        "SAL",
        formula="repeat_customers / active_customers",
        unit=Unit.PERCENT,
        decimals=1,
        grain=GrainCode.MONTH,
    ),
    Indicator(
        "web_visits",
        Text("Visits to the web shop", "网店访问次数"),
        Text("A fall within a day is an outage.", "日内骤降通常意味着宕机。"),
        "SAL-O",
        "web_sessions",
        expression="sessions",
        splits=(("source",), ("device",)),
        grain=GrainCode.HOUR,
        due_hours=3,
    ),
    Indicator(
        "web_engaged",
        Text("Visits of several pages", "深度访问次数"),
        Text("Visits that went on after the first page.", "首页之后继续浏览的访问。"),
        "SAL-O",
        "web_sessions",
        expression="sessions - bounced",
        splits=(("source",), ("device",)),
    ),
    Indicator(
        "web_purchases",
        Text("Online purchases", "线上成交次数"),
        Text("Visits that ended with an order.", "以下单结束的访问。"),
        "SAL-O",
        "web_sessions",
        expression="purchases",
        splits=(("source",), ("device",)),
    ),
    Indicator(
        "conversion_rate",
        Text("Conversion rate", "转化率"),
        Text("Online purchases divided by visits.", "线上成交次数除以访问次数。"),
        "SAL-O",
        formula="web_purchases / web_visits",
        unit=Unit.PERCENT,
        decimals=2,
    ),
    Indicator(
        "tickets",
        Text("Service tickets", "服务工单数"),
        Text("What customers had to ask us.", "客户提出的请求数。"),
        "SVC",
        "tickets",
        Aggregation.COUNT,
        splits=(("topic",), ("priority",), ("region",), ("department",)),
        direction=LOWER,
    ),
    Indicator(
        "complaints",
        Text("Complaints about quality", "质量投诉数"),
        Text("Tickets of the topic quality.", "主题为商品质量的工单。"),
        "SVC",
        "tickets",
        Aggregation.COUNT,
        filter="topic = {quality}",
        splits=(("region",), ("department",)),
        direction=LOWER,
    ),
    Indicator(
        "complaint_rate",
        Text("Complaints per 1,000 orders", "千单投诉数"),
        Text("Complaints divided by orders, times 1,000.", "质量投诉数除以订单数再乘以一千。"),
        "SVC",
        formula="complaints / orders * 1000",
        decimals=1,
        direction=LOWER,
        grain=GrainCode.WEEK,
    ),
    Indicator(
        "first_response",
        Text("First answer, median", "首次响应时间（中位数）"),
        Text("Half of the customers waited longer.", "一半客户等待时间更长。"),
        "SVC",
        "tickets",
        Aggregation.MEDIAN,
        "first_response",
        splits=(("department",),),
        unit=Unit.MINUTES,
        direction=LOWER,
    ),
    Indicator(
        "resolution_p90",
        Text("Solved within, 90 of 100", "解决时长（第 90 百分位）"),
        Text("Nine tickets of ten were solved faster than this.", "九成工单的解决时间短于此值。"),
        "SVC",
        "tickets",
        Aggregation.PERCENTILE,
        "hours",
        splits=(("topic",),),
        unit=Unit.HOURS,
        decimals=1,
        direction=LOWER,
        grain=GrainCode.WEEK,
    ),
    Indicator(
        "satisfaction",
        Text("Satisfaction", "客户满意度"),
        Text("Mean of the judgements from 1 to 5.", "1 至 5 分评价的平均值。"),
        "SVC",
        "tickets",
        Aggregation.AVERAGE,
        "satisfaction",
        splits=(("topic",), ("region",), ("department",)),
        unit=Unit.POINTS,
        decimals=2,
        grain=GrainCode.WEEK,
    ),
    Indicator(
        "deliveries",
        Text("Deliveries", "配送单数"),
        Text("Parcels that arrived.", "已送达包裹数。"),
        "WH",
        "deliveries",
        Aggregation.COUNT,
        splits=(("carrier",), ("region",)),
    ),
    Indicator(
        "on_time_deliveries",
        Text("Deliveries on time", "准时配送单数"),
        Text("Parcels that arrived within the three days promised.", "承诺三天内送达的包裹数。"),
        "WH",
        "deliveries",
        Aggregation.COUNT,
        filter="late = 0",
        splits=(("carrier",), ("region",)),
    ),
    Indicator(
        "on_time_rate",
        Text("On-time rate", "准时交付率"),
        Text("Deliveries on time divided by all deliveries.", "准时配送单数除以全部配送单数。"),
        "WH",
        formula="on_time_deliveries / deliveries",
        unit=Unit.PERCENT,
        decimals=1,
        grain=GrainCode.WEEK,
    ),
    Indicator(
        "stock_value",
        Text("Stock value", "库存金额"),
        Text(
            "At cost, at the end of the period. Too much ties up money, too little sells out.", "期末按成本计的库存。"
        ),
        "WH",
        "stock",
        Aggregation.LAST,
        "value",
        splits=(("warehouse",), ("category",)),
        unit=Unit.MONEY,
        direction=Direction.IN_RANGE,
        due_hours=36,
    ),
    Indicator(
        "stock_outs",
        Text("Articles out of stock", "缺货品项数"),
        Text("Articles of which a warehouse had none at the end of the period.", "期末某仓库库存为零的品项数。"),
        "WH",
        "stock",
        Aggregation.LAST,
        "if(on_hand = 0, 1, 0)",
        splits=(("warehouse",),),
        direction=LOWER,
        due_hours=36,
    ),
    Indicator(
        "lots_inspected",
        Text("Lots inspected", "检验批次数"),
        Text("Lots that were inspected on arrival.", "到货检验的批次数。"),
        "QA",
        "inspections",
        Aggregation.COUNT,
        splits=(("supplier",),),
    ),
    Indicator(
        "lots_rejected",
        Text("Lots rejected", "拒收批次数"),
        Text("Lots that were sent back.", "被拒收的批次数。"),
        "QA",
        "inspections",
        expression="rejected",
        splits=(("supplier",),),
        direction=LOWER,
    ),
    Indicator(
        "rejection_rate",
        Text("Rejection rate", "批次拒收率"),
        Text("Lots rejected divided by lots inspected.", "拒收批次数除以检验批次数。"),
        "QA",
        formula="lots_rejected / lots_inspected",
        unit=Unit.PERCENT,
        decimals=1,
        direction=LOWER,
        grain=GrainCode.WEEK,
    ),
    Indicator(
        "engagement",
        Text("Employee engagement", "员工敬业度"),
        Text("How willing people are to recommend working here, 0 to 10.", "员工推荐在此工作的意愿，0 至 10 分。"),
        "HR",
        "survey",
        Aggregation.LAST,
        "score",
        unit=Unit.POINTS,
        decimals=1,
        grain=GrainCode.MONTH,
        due_hours=10 * 24,
    ),
)
