"""What went wrong at the sample company, in days before today: what a dashboard should let a stranger find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ops_platform.sample.texts import Text


@dataclass(frozen=True)
class Trouble:
    """A stretch of days, both included, counted back from the day the sample is made."""

    begins_before: int
    ends_before: int
    what: Text

    def days(self, as_of: date) -> tuple[date, date]:
        """Its first and last day."""
        return as_of - timedelta(days=self.begins_before), as_of - timedelta(days=self.ends_before)

    def mask(self, days: list[date], as_of: date) -> NDArray[np.bool_]:
        """On which of the days it was going on."""
        first, last = self.days(as_of)
        return np.array([first <= day <= last for day in days])


PRICING = Trouble(
    152,
    146,
    Text(
        "A decimal slipped: the cast-iron pot sold online at a tenth of its price. Average order value and margin fell.",
        "价格小数点错误：铸铁锅在线上以十分之一价格出售，平均订单金额与毛利率下降。",
    ),
)
SUPPLIER = Trouble(
    74,
    44,
    Text(
        "The lighting supplier failed: lamps came late and faulty, worst in the South. On-time rate fell, returns rose.",
        "灯具供应商失控：灯具延迟且有缺陷，华南最严重；准时交付率下降，退货率上升。",
    ),
)
COMPLAINTS = Trouble(
    62,
    34,
    Text(
        "A wave of complaints about quality from the South: slower first answers, lower satisfaction.",
        "华南质量投诉激增：首次响应变慢，满意度下降。",
    ),
)
STOCK_OUT = Trouble(
    33,
    26,
    Text(
        "The best-selling chair was out of stock in Hangzhou: the East sold none of it for a week.",
        "畅销餐椅在杭州仓断货：华东一周无销售。",
    ),
)
OUTAGE = Trouble(
    20,
    20,
    Text(
        "The web shop was down from 10:00 to 16:00: hardly any visits, no orders online.",
        "网店 10:00 至 16:00 宕机：几乎没有访问，线上无订单。",
    ),
)
OUTAGE_HOURS = range(10, 16)
SILENT = Trouble(
    18,  # more than a week and its due time, so that weekly KPIs are overdue too
    0,
    Text(
        "Incoming inspection sends no data any more: its KPIs say since when there is no value.",
        "来料检验停止上报数据：相关指标显示自何时起无数值。",
    ),
)
ALL = (PRICING, SUPPLIER, COMPLAINTS, STOCK_OUT, OUTAGE, SILENT)
