"""Dictionary coding of dimensions: each text is stored once and stands in the observations as a number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import F, Max, OuterRef, Q, Subquery

from metrics.choices import ColumnRole
from metrics.models import DatasetColumn, DimensionValue
from organization.models import Department

MISSING = "\\N"
BATCH = 5000
LEARN = """
INSERT INTO metrics_dimensionvalue (organization_id, column_id, code, value, department_id)
SELECT %s, %s, fresh.code, fresh.value, fresh.department_id
  FROM unnest(%s::integer[], %s::text[], %s::bigint[]) AS fresh (code, value, department_id)
"""


class Dictionary:
    """Codes of the values of some columns, read as they are asked for. The caller holds the dataset's load lock."""

    def __init__(self, columns: Sequence[DatasetColumn]) -> None:
        self._known: dict[int, dict[str | None, str]] = {column.pk: {None: MISSING} for column in columns}
        self._next: dict[int, int] = {}

    def codes(self, column: DatasetColumn, values: Iterable[str | None]) -> dict[str | None, str]:
        """The code of each value as text for COPY; new values get the next free codes."""
        known = self._known[column.pk]
        unknown = sorted(value for value in set(values) if value is not None and value not in known)
        for start in range(0, len(unknown), BATCH):
            self._learn(column, unknown[start : start + BATCH], known)
        return known

    def _learn(self, column: DatasetColumn, values: list[str], known: dict[str | None, str]) -> None:
        rows = DimensionValue.objects.filter(column=column, value__in=values).values_list("value", "code")
        known.update((value, str(code)) for value, code in rows)
        fresh = [value for value in values if value not in known]
        if not fresh:
            return
        if column.pk not in self._next:
            highest = DimensionValue.objects.filter(column=column).aggregate(highest=Max("code"))["highest"]
            self._next[column.pk] = (highest or 0) + 1
        first = self._next[column.pk]
        self._next[column.pk] = first + len(fresh)
        departments = department_ids(fresh) if column.role == ColumnRole.DEPARTMENT else {}
        codes = list(range(first, first + len(fresh)))
        with connection.cursor() as cursor:
            owners = [departments.get(value) for value in fresh]
            cursor.execute(LEARN, [column.organization_id, column.pk, codes, fresh, owners])
        known.update((value, str(code)) for code, value in enumerate(fresh, first))


def department_ids(codes: Iterable[str]) -> dict[str, int]:
    """Department ids by code, for the codes that exist."""
    return dict(Department.objects.filter(code__in=list(codes)).values_list("code", "pk"))


def resolve_departments() -> set[int]:
    """Point each department code in the open organization at the department that bears it now; the columns that changed."""
    bearer = Department.objects.filter(code=OuterRef("value")).values("pk")[:1]
    values = DimensionValue.objects.filter(column__role=ColumnRole.DEPARTMENT).annotate(bearer=Subquery(bearer))
    came, went = Q(bearer__isnull=False, department=None), Q(bearer__isnull=True, department__isnull=False)
    moved = list(values.filter(came | went | ~Q(bearer=F("department_id"))))
    for value in moved:
        value.department_id = value.bearer
    DimensionValue.objects.bulk_update(moved, ["department"], batch_size=BATCH)
    return {value.column_id for value in moved}
