"""The kit for service tickets: requests of customers, how long they took and how they were judged."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from metrics.choices import Aggregation, ColumnRole, Direction, PanelKind, Unit
from metrics.kits.recipes import Kit, KpiRecipe, PanelRecipe, Part, Wording

MEASURE = (ColumnRole.MEASURE,)
SATISFIED_FROM = Decimal(4)

TICKETS = Kit(
    "tickets",
    Wording("Service", "客户服务"),
    _("Service tickets"),
    parts=(
        Part(
            "ticket",
            _("Ticket number"),
            ("ticket", "ticketid", "ticketno", "ticketnumber", "caseid", "工单号", "工单", "工单编号", "*ticketid"),
            (ColumnRole.DIMENSION, ColumnRole.KEY),
        ),
        Part(
            "hours",
            _("Hours until solved"),
            ("resolutionhours", "hours", "solvedhours", "resolutiontime", "处理时长", "解决时长", "*resolutionhours"),
            MEASURE,
        ),
        Part(
            "satisfaction",
            _("Satisfaction, 1 to 5"),
            ("satisfaction", "csat", "rating", "score", "满意度", "评分", "*satisfaction", "*满意度"),
            MEASURE,
        ),
        Part(
            "priority",
            _("Urgency"),
            ("priority", "seriousness", "severity", "urgency", "优先级", "严重程度", "紧急程度", "*priority"),
        ),
        Part(
            "topic",
            _("Topic"),
            ("category", "topic", "type", "servicetype", "product", "类别", "问题类型", "类型", "*category"),
        ),
    ),
    needs=(("ticket", "priority"), ("ticket", "hours"), ("ticket", "satisfaction"), ("ticket", "topic")),
    splits=("priority", "topic"),
    kpis=(
        KpiRecipe(
            "tickets_opened",
            Wording("Tickets", "工单数"),
            Wording("Tickets opened in the period: rows of the dataset.", "期间内新开工单数：数据集的行数。"),
            aggregation=Aggregation.COUNT,
            direction=Direction.LOWER,
        ),
        KpiRecipe(
            "resolution_hours_median",
            Wording("Hours until solved, median", "解决时长中位数"),
            Wording(
                "Half of the tickets of the period were solved faster than this.", "期间内一半工单的解决时间短于此值。"
            ),
            aggregation=Aggregation.MEDIAN,
            expression="{hours}",
            needs=("hours",),
            unit=Unit.HOURS,
            decimals=1,
            direction=Direction.LOWER,
        ),
        KpiRecipe(
            "satisfaction_mean",
            Wording("Satisfaction", "满意度"),
            Wording("Mean of the judgements given, on their own scale.", "已有评分的平均值，按原评分尺度。"),
            aggregation=Aggregation.AVERAGE,
            expression="{satisfaction}",
            needs=("satisfaction",),
            unit=Unit.POINTS,
            decimals=2,
        ),
        KpiRecipe(
            "judgements",
            Wording("Judgements", "评价数"),
            Wording("Tickets that were judged at all.", "有评分的工单数。"),
            aggregation=Aggregation.COUNT,
            filter="not is_missing({satisfaction})",
            needs=("satisfaction",),
        ),
        KpiRecipe(
            "judgements_good",
            Wording("Good judgements", "好评数"),
            Wording("Tickets judged 4 or 5.", "评分为 4 或 5 的工单数。"),
            aggregation=Aggregation.COUNT,
            filter=f"{{satisfaction}} >= {SATISFIED_FROM}",
            needs=("satisfaction",),
        ),
        KpiRecipe(
            "satisfied_share",
            Wording("Satisfied customers", "满意客户占比"),
            Wording(
                "Good judgements divided by all judgements of the same period: a ratio of sums.",
                "同期好评数除以评价数：先求和再相除。",
            ),
            formula="{judgements_good} / {judgements}",
            operands=("judgements_good", "judgements"),
            unit=Unit.PERCENT,
            decimals=1,
        ),
    ),
    panels=(
        PanelRecipe("tickets_opened", PanelKind.BAR),
        PanelRecipe("resolution_hours_median"),
        PanelRecipe("satisfaction_mean"),
        PanelRecipe("satisfied_share"),
        PanelRecipe("tickets_opened", PanelKind.BREAKDOWN, ("priority", "topic")),
        PanelRecipe("tickets_opened", PanelKind.BREAKDOWN, ("topic", "priority")),
    ),
)
