"""Following the department tree: which rows count for which department."""

from __future__ import annotations

from django.db.models import Q

from metrics.choices import ColumnRole
from metrics.models import KpiVersion
from metrics.services.dictionary import resolve_departments
from metrics.services.rollups import forget_rollups


def follow_departments() -> int:
    """Resolve the department codes of all rows anew; how many versions of KPIs became stale by it."""
    columns = resolve_departments()
    return _forget(Q(breakdowns__first__in=columns)) if columns else 0


def follow_moved_departments() -> int:
    """After a department moved, with a code that may have changed: every version with a department tree is stale."""
    resolve_departments()
    return _forget(Q(breakdowns__first__role=ColumnRole.DEPARTMENT))


def _forget(condition: Q) -> int:
    found = KpiVersion.objects.filter(condition, breakdowns__by_department=True).values("pk")
    return forget_rollups(KpiVersion.objects.filter(pk__in=found))
