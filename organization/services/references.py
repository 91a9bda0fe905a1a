"""Human references: KPI-1, KPI-2, ... per organization, without holes under rollback."""

from __future__ import annotations

from django.db import connection

from ops_platform.database.scope import current_organization_id

NEXT = """
INSERT INTO organization_referencecounter (organization_id, prefix, last) VALUES (%s, %s, %s)
ON CONFLICT (organization_id, prefix) DO UPDATE SET last = organization_referencecounter.last + excluded.last
RETURNING last
"""


def next_reference(prefix: str) -> str:
    """The next reference of the open organization. Waits for another transaction that is taking one."""
    return next_references(prefix, 1)[0]


def next_references(prefix: str, count: int) -> list[str]:
    """So many references in a row, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [current_organization_id(), prefix, count])
        (last,) = cursor.fetchone()
    return [f"{prefix}-{number}" for number in range(last - count + 1, last + 1)]
