"""How the figures of a KPI are written."""

from __future__ import annotations

from django.utils.translation import pgettext

from metrics.choices import Direction, Unit
from metrics.models import Kpi
from ops_platform.web.formats import Unit as Written
from ops_platform.web.stat import Direction as Arrow

DURATIONS = {Unit.MINUTES: "minutes", Unit.HOURS: "hours", Unit.DAYS: "days"}
ARROWS: dict[str, Arrow] = {Direction.HIGHER: "up", Direction.LOWER: "down", Direction.IN_RANGE: "none"}


def written_unit(unit: str, digits: int | None, currency: str) -> Written:
    """A unit of metrics as the screen writes it."""
    if unit == Unit.MONEY:
        return Written("money", currency, digits)
    if unit == Unit.PERCENT:
        return Written("percent", digits=digits)
    if unit in DURATIONS:
        return Written("duration", DURATIONS[Unit(unit)], digits)
    return Written("number", pgettext("unit", "points") if unit == Unit.POINTS else "", digits)


def unit_of(kpi: Kpi, currency: str) -> Written:
    """The unit of a KPI's values."""
    return written_unit(kpi.unit, kpi.decimals, currency)
