"""What the tools above a list are drawn from, told by one short statement, so that they need not be drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from organization.models import SavedView
from organization.tenancy import current_organization_id

# Every change of a row moves it to another place (ctid) or gives it another transaction (xmin)
ROWS = (
    "(SELECT count(*) || ':' || coalesce(sum(hashtextextended(id || ':' || xmin::text || ctid::text, 0)), 0)"
    " FROM {table} WHERE organization_id = %(organization)s)"
)
VIEWS = (
    "EXISTS (SELECT FROM {table} WHERE organization_id = %(organization)s AND list_name = %(list)s"
    " AND removed_at IS NULL AND (is_shared OR owner_id = %(member)s))"
)


def state_of_tools(models: Sequence[Any], *, list_name: str, member_id: int) -> str:
    """A text that changes with every row of these (short) tables; empty where the member has saved views of the list."""
    parts = [VIEWS.format(table=SavedView._meta.db_table), *(ROWS.format(table=one._meta.db_table) for one in models)]
    facts: dict[str, str | int] = {"organization": current_organization_id(), "list": list_name, "member": member_id}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", facts)
        has_views, *states = cursor.fetchone()
    return "" if has_views else f"{list_name} {' '.join(states)}"
