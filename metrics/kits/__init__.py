"""Starter kits: which KPIs a dataset of a known shape asks for. Data alone; `services.kits` recognises and applies them."""

from metrics.kits.orders import ORDERS
from metrics.kits.recipes import DerivedRecipe, Kit, KpiRecipe, PanelRecipe, Part, Wording
from metrics.kits.sessions import SESSIONS
from metrics.kits.tickets import TICKETS

KITS: dict[str, Kit] = {kit.key: kit for kit in (ORDERS, SESSIONS, TICKETS)}

__all__ = ["KITS", "DerivedRecipe", "Kit", "KpiRecipe", "PanelRecipe", "Part", "Wording"]
