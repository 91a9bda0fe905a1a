"""Removing the sample company without a trace: its rows in every table, its accounts, its files."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.core.files.storage import default_storage
from django.db import connection, transaction

from ops_platform.portability.removal import forget_accounts, stored_files
from ops_platform.sample import company
from organization.tenancy import tenant_transaction

LONGEST = "SET LOCAL statement_timeout = '14min'"
# Runs as the migrator, and refuses every organization that is no sample (organization/migrations/0003).
REMOVE = "SELECT * FROM organization_remove_sample()"


def remove(slug: str) -> bool:
    """Remove the sample company called `slug`; False where there is none. Raises SlugTaken for a real one.

    The app role may not delete from the audit trail; the database function may, for samples alone. Accounts that the
    sample made go with it; somebody's own account stays.
    """
    made = company.found(slug)
    if made is None:
        return False
    with tenant_transaction(made.organization.pk), connection.cursor() as cursor:
        files = stored_files()
        cursor.execute(LONGEST)
        cursor.execute(REMOVE)
        forget_accounts([user_id for (user_id,) in cursor.fetchall()], domain=f"@{slug}.example")
        transaction.on_commit(partial(_delete_files, files))
    return True


def _delete_files(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
