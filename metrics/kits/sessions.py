"""The kit for web sessions: visits, one a row, with whether they bought."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from metrics.choices import Aggregation, ColumnRole, Direction, PanelKind, Unit
from metrics.kits.recipes import Kit, KpiRecipe, PanelRecipe, Part, Wording

MEASURE = (ColumnRole.MEASURE,)

SESSIONS = Kit(
    "sessions",
    Wording("Web shop", "网店"),
    _("Web sessions"),
    parts=(
        Part(
            "bought",
            _("Whether the visit bought"),
            ("bought", "purchased", "converted", "conversion", "transaction", "revenue", "purchase", "成交", "购买"),
            (ColumnRole.MEASURE, ColumnRole.DIMENSION),
        ),
        Part(
            "pages",
            _("Pages seen"),
            ("pages", "pageviews", "productrelated", "pagesviewed", "views", "页面数", "浏览页数", "访问页数"),
            MEASURE,
        ),
        Part("bounce", _("Bounce rate"), ("bouncerates", "bouncerate", "bounce", "跳出率", "*bounce"), MEASURE),
        Part(
            "visitor",
            _("Kind of visitor"),
            ("visitortype", "visitor", "usertype", "访客类型", "用户类型", "*visitortype"),
        ),
        Part(
            "source",
            _("Source"),
            ("channel", "source", "traffictype", "medium", "device", "渠道", "来源", "设备", "*channel", "*traffic"),
        ),
    ),
    needs=(("bought", "pages"), ("bought", "bounce"), ("bought", "visitor"), ("pages", "bounce")),
    splits=("visitor", "source"),
    kpis=(
        KpiRecipe(
            "web_sessions",
            Wording("Web sessions", "网站访问次数"),
            Wording("Visits to the site: rows of the dataset.", "网站访问次数：数据集的行数。"),
            aggregation=Aggregation.COUNT,
        ),
        KpiRecipe(
            "web_purchases",
            Wording("Visits with a purchase", "成交访问次数"),
            Wording("Visits that ended with a purchase.", "以购买结束的访问次数。"),
            aggregation=Aggregation.COUNT,
            filter="{has_bought}",
            needs=("has_bought",),
        ),
        KpiRecipe(
            "web_conversion",
            Wording("Conversion rate", "转化率"),
            Wording(
                "Visits with a purchase divided by all visits of the same period: a ratio of sums.",
                "同期成交访问次数除以全部访问次数：先求和再相除。",
            ),
            formula="{web_purchases} / {web_sessions}",
            operands=("web_purchases", "web_sessions"),
            unit=Unit.PERCENT,
            decimals=2,
        ),
        KpiRecipe(
            "web_pages_seen",
            Wording("Pages seen", "浏览页数"),
            Wording("Pages seen in all visits together.", "所有访问的浏览页数之和。"),
            expression="{pages}",
            needs=("pages",),
        ),
        KpiRecipe(
            "web_pages_per_session",
            Wording("Pages per visit", "每次访问页数"),
            Wording("Pages seen divided by visits of the same period.", "同期浏览页数除以访问次数。"),
            formula="{web_pages_seen} / {web_sessions}",
            operands=("web_pages_seen", "web_sessions"),
            decimals=1,
        ),
        KpiRecipe(
            "web_bounce_rate",
            Wording("Bounce rate", "跳出率"),
            Wording("Mean of the visits' bounce rates.", "各次访问跳出率的平均值。"),
            aggregation=Aggregation.AVERAGE,
            expression="{bounce}",
            needs=("bounce",),
            unit=Unit.PERCENT,
            decimals=1,
            direction=Direction.LOWER,
        ),
    ),
    panels=(
        PanelRecipe("web_sessions"),
        PanelRecipe("web_purchases", PanelKind.BAR),
        PanelRecipe("web_conversion"),
        PanelRecipe("web_pages_per_session"),
        PanelRecipe("web_bounce_rate"),
        PanelRecipe("web_sessions", PanelKind.BREAKDOWN, ("source", "visitor")),
        PanelRecipe("web_conversion", PanelKind.BREAKDOWN, ("visitor", "source")),
    ),
    terms=("has_bought",),
)
