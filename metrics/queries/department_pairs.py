"""Which departments the codes in a column count for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from metrics.choices import ColumnRole
from metrics.models import DatasetColumn, DimensionValue
from organization.models import Department


def department_pairs(columns: Iterable[DatasetColumn]) -> dict[int, list[tuple[int, int]]]:
    """Per department column: each dictionary code with the id of every department whose subtree holds it."""
    wanted = [column.pk for column in columns if column.role == ColumnRole.DEPARTMENT]
    if not wanted:
        return {}
    paths = dict(Department.objects.values_list("pk", "path"))
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = DimensionValue.objects.filter(column__in=wanted, department__isnull=False)
    for column_id, code, department_id in rows.values_list("column_id", "code", "department_id"):
        for ancestor in paths[department_id].strip("/").split("/"):
            pairs[column_id].append((code, int(ancestor)))
    return dict(pairs)
