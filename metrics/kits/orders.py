"""The kit for orders: lines with a quantity and a price or an amount, an order number, a customer, a country."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from metrics.choices import Aggregation, ColumnRole, Direction, GrainCode, PanelKind, Unit
from metrics.kits.recipes import DerivedRecipe, Kit, KpiRecipe, PanelRecipe, Part, Wording

MEASURE = (ColumnRole.MEASURE,)

PARTS = (
    Part(
        "quantity",
        _("Quantity"),
        ("quantity", "qty", "units", "pieces", "数量", "件数", "销量", "购买数量", "*quantity", "*数量"),
        MEASURE,
    ),
    Part(
        "price",
        _("Unit price"),
        ("unitprice", "price", "pricepaid", "单价", "价格", "售价", "*unitprice", "*单价"),
        MEASURE,
    ),
    Part(
        "amount",
        _("Amount of the line"),
        (
            *("amount", "sales", "lineamount", "linetotal", "revenue", "turnover", "total", "netamount"),
            *("金额", "销售额", "订单金额", "实付金额", "成交额", "总价", "小计", "*amount", "*金额", "*销售额"),
        ),
        MEASURE,
    ),
    Part(
        "order",
        _("Order number"),
        (
            *("orderid", "orderno", "ordernumber", "order", "invoiceno", "invoiceid", "invoicenumber", "invoice"),
            *("订单号", "订单编号", "订单", "单号", "发票号", "发票号码", "*orderno", "*invoiceno", "*订单"),
        ),
    ),
    Part(
        "customer",
        _("Customer"),
        (
            *("customerid", "customerno", "customernumber", "customer", "client", "clientid", "buyer", "userid"),
            *("客户编号", "客户号", "客户", "客户id", "顾客", "会员号", "会员", "买家", "*customerid", "*客户"),
        ),
    ),
    Part(
        "place",
        _("Country or region"),
        (
            *("country", "region", "market", "state", "province", "area"),
            *("国家", "地区", "区域", "大区", "省份", "*country", "*region", "*地区"),
        ),
    ),
    Part(
        "group",
        _("Kind of product"),
        (
            *("category", "productcategory", "productgroup", "productline"),
            *("品类", "类别", "类目", "产品类别", "商品分类", "*category", "*品类", "*类别"),
        ),
    ),
)

KPIS = (
    KpiRecipe(
        "net_revenue",
        Wording("Net revenue", "净销售额"),
        Wording(
            "What was sold less what came back: the amounts of all lines, returns with their minus sign.",
            "销售减去退回：所有行的金额之和，退货以负数计入。",
        ),
        expression="{amount}",
        unit=Unit.MONEY,
    ),
    KpiRecipe(
        "gross_sales",
        Wording("Gross sales", "销售总额"),
        Wording("The amounts of all lines that are not returns.", "所有非退货行的金额之和。"),
        expression="{amount}",
        filter="not ({is_return})",
        needs=("is_return",),
        unit=Unit.MONEY,
    ),
    KpiRecipe(
        "returned_value",
        Wording("Returned value", "退货金额"),
        Wording("The amounts of all returns, as a positive number.", "所有退货行的金额之和，以正数表示。"),
        expression="-({amount})",
        filter="{is_return}",
        needs=("is_return",),
        unit=Unit.MONEY,
        direction=Direction.LOWER,
    ),
    KpiRecipe(
        "return_rate",
        Wording("Return rate", "退货率"),
        Wording(
            "Returned value divided by gross sales of the same period: a ratio of sums, so weeks and countries weigh "
            "by their sales. A return counts in the period in which it came back.",
            "同期退货金额除以销售总额：先求和再相除，各周、各地区按销售额加权。退货计入实际退回的期间。",
        ),
        formula="{returned_value} / {gross_sales}",
        operands=("returned_value", "gross_sales"),
        unit=Unit.PERCENT,
        decimals=1,
        direction=Direction.LOWER,
    ),
    KpiRecipe(
        "orders",
        Wording("Orders", "订单数"),
        Wording(
            "Different order numbers among the lines that are not returns; a cancellation is no order.",
            "非退货行中不同订单号的个数；取消单不算订单。",
        ),
        aggregation=Aggregation.DISTINCT,
        subject="{order}",
        filter="not ({is_return})",
        needs=("is_return",),
    ),
    KpiRecipe(
        "average_order_value",
        Wording("Average order value", "平均订单金额"),
        Wording("Gross sales divided by orders of the same period.", "同期销售总额除以订单数。"),
        formula="{gross_sales} / {orders}",
        operands=("gross_sales", "orders"),
        unit=Unit.MONEY,
        decimals=2,
    ),
    KpiRecipe(
        "active_customers",
        Wording("Active customers", "活跃客户数"),
        Wording(
            "Different customers who bought in the period; lines without a customer are not counted. Each period is "
            "counted anew: months do not add up to the year.",
            "期间内购买过的不同客户数；无客户的行不计。各期间独立计数，各月相加不等于全年。",
        ),
        aggregation=Aggregation.DISTINCT,
        subject="{customer}",
        filter="not ({is_return})",
        needs=("is_return", "customer"),
        grain=GrainCode.MONTH,
    ),
    KpiRecipe(
        "repeat_customers",
        Wording("Repeat customers", "复购客户数"),
        Wording("Customers with two or more different orders in the period.", "期间内有两个及以上不同订单的客户数。"),
        aggregation=Aggregation.REPEAT,
        subject="{customer}",
        occasion="{order}",
        filter="not ({is_return})",
        needs=("is_return", "customer"),
        grain=GrainCode.MONTH,
    ),
    KpiRecipe(
        "repurchase_rate",
        Wording("Repurchase rate", "复购率"),
        Wording(
            "Repeat customers divided by active customers of the same period. Look at it by month or longer.",
            "同期复购客户数除以活跃客户数。宜按月或更长期间查看。",
        ),
        formula="{repeat_customers} / {active_customers}",
        operands=("repeat_customers", "active_customers"),
        unit=Unit.PERCENT,
        decimals=1,
        grain=GrainCode.MONTH,
    ),
    KpiRecipe(
        "units_sold",
        Wording("Units sold", "销售件数"),
        Wording("The quantities of all lines that are not returns.", "所有非退货行的数量之和。"),
        expression="{quantity}",
        filter="not ({is_return})",
        needs=("is_return", "quantity"),
    ),
)

ORDERS = Kit(
    "orders",
    Wording("Sales", "销售"),
    _("Orders"),
    parts=PARTS,
    needs=(("order", "amount"), ("order", "quantity", "price")),
    splits=("place", "group"),
    derived=(
        DerivedRecipe(
            "amount",
            ("quantity", "price"),
            "line_amount",
            Wording("Amount of the line", "行金额"),
            "{quantity} * {price}",
            Unit.MONEY,
        ),
    ),
    kpis=KPIS,
    panels=(
        PanelRecipe("net_revenue"),
        PanelRecipe("orders", PanelKind.BAR),
        PanelRecipe("average_order_value"),
        PanelRecipe("return_rate"),
        PanelRecipe("active_customers", PanelKind.BAR),
        PanelRecipe("repurchase_rate"),
        PanelRecipe("net_revenue", PanelKind.BREAKDOWN, ("place", "group")),
        PanelRecipe("returned_value", PanelKind.BREAKDOWN, ("place", "group")),
    ),
    terms=("is_return",),
)
