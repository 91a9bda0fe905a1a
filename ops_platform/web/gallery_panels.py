"""What panels draw without a script, with sample content for the gallery."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ops_platform.web import formats
from ops_platform.web.charts import Chart, Payload, Series, line, pareto
from ops_platform.web.formats import Unit
from ops_platform.web.status import Status

YUAN = Unit("money", "CNY", 2)
WEEKS = 26
LEVELS = range(1, 6)
REASONS = ("Damaged on the way", "Wrong size", "Late", "Not as pictured", "尺寸不符", "Other")


def drawings() -> list[tuple[str, str, dict[str, Any]]]:
    """Title, template and content of each."""
    return [
        ("Against the target", "components/drawing_bullet.html", _bullets()),
        ("Funnel", "components/drawing_funnel.html", _funnel()),
        ("Calendar", "components/drawing_calendar.html", _calendar()),
        ("Cohorts", "components/drawing_cohort.html", _cohorts()),
    ]


def charts(wave: list[Decimal | None], weeks: list[date]) -> list[tuple[str, Chart]]:
    """Those that only panels use."""
    area = line(
        weeks, [Series("Net revenue", wave, "current")], unit=YUAN, is_area=True, target=90_000, target_name="Target"
    )
    values = [Decimal(value) for value in (480, 250, 130, 70, 45, 25)]
    shares = [sum(values[: place + 1], Decimal(0)) for place in range(len(values))]
    cumulated = Series("Together", shares, texts=[formats.percent(share / 1000) for share in shares])
    reasons = pareto(
        REASONS, Series("Returns", values), cumulated, whole=1000, vital=3, line=Decimal("0.8"), line_text="80%"
    )
    return [
        ("Area", Chart("chart-area", "Net revenue rises.", Payload.of(area))),
        ("Pareto", Chart("chart-pareto", "3 of 6 reasons make 86%.", Payload.of(reasons))),
    ]


def _bullets() -> dict[str, Any]:
    good, bad = Status("good", "On track"), Status("bad", "Off track")
    teams = (
        ("Sales East", "¥602K", "¥500K", "120%", good, "82", "68"),
        ("线上商城", "¥884K", "¥1.1M", "80%", bad, "62", "77"),
    )
    return {
        "is_single": False,
        "bullets": [
            {
                "name": name, "value_text": value, "target_text": target, "reached": reached, "status": status,
                "start": "0", "width": width, "low": low, "span": "0.00", "url": "",
            }
            for name, value, target, reached, status, width, low in teams
        ],
    }  # fmt: skip


def _funnel() -> dict[str, Any]:
    steps = (
        ("Visits", "92.5K", "100", "", ""),
        ("Carts", "11.2K", "12.1", "12.1%", "12.1%"),
        ("成交", "2,117", "2.3", "18.9%", "2.3%"),
    )
    return {
        "steps": [
            {"name": name, "value_text": value, "exact": value, "width": width, "kept": kept, "total": total, "url": ""}
            for name, value, width, kept, total in steps
        ]
    }


def _calendar() -> dict[str, Any]:
    monday = date(2026, 1, 5)
    days = [
        [
            {
                "level": 1 + int(2 + 2 * math.sin(week / 3 + day)),
                "text": f"{week}",
                "title": f"{monday + timedelta(weeks=week, days=day)}",
            }
            for week in range(WEEKS)
        ]
        for day in range(7)
    ]
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months = [
        {"name": name, "weeks": weeks}
        for name, weeks in zip(("Jan", "Feb", "Mar", "Apr", "May", "Jun"), (4, 4, 5, 4, 4, 5), strict=True)
    ]
    weekdays = [{"name": name, "days": line} for name, line in zip(names, days, strict=True)]
    return {"months": months, "weekdays": weekdays, "low": "37", "high": "313", "levels": LEVELS}


def _cohorts() -> dict[str, Any]:
    lines = []
    for place, name in enumerate(("Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026")):
        shares = [60 - 14 * age - 3 * place for age in range(3 - place)]
        cells = [{"text": f"{share}%", "title": f"{share} of 100", "level": share // 20 + 1} for share in shares]
        lines.append({"name": name, "size": "100", "cells": [*cells, *([None] * (3 - len(cells)))]})
    return {"who": "Customers", "ages": range(1, 4), "lines": lines, "average": ("57.0%", "44.5%", "32.0%")}
