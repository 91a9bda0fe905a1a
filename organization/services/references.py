"""Human references: KPI-1, KPI-2, ... per organization, without holes under rollback."""

from __future__ import annotations

from django.db import connection

from ops_platform.database.scope import current_organization_id

NEXT = """
INSERT INTO organization_referencecounter (organization_id, prefix, last) VALUES (%s, %s, 1)
ON CONFLICT (organization_id, prefix) DO UPDATE SET last = organization_referencecounter.last + 1
RETURNING last
"""


def next_reference(prefix: str) -> str:
    """The next reference of the open organization. Waits for another transaction that is taking one."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [current_organization_id(), prefix])
        (number,) = cursor.fetchone()
    return f"{prefix}-{number}"
