"""Removing the sample company without a trace: its rows in every table, its accounts, its files."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection, transaction

from metrics.models import ImportBatch
from ops_platform.sample import company
from organization.models import Attachment, User
from organization.tenancy import tenant_transaction

LONGEST = "SET LOCAL statement_timeout = '14min'"
# Runs as the migrator, and refuses every organization that is no sample (organization/migrations/0003).
REMOVE = "SELECT * FROM organization_remove_sample()"


def remove(slug: str) -> bool:
    """Remove the sample company called `slug`; False where there is none. Raises SlugTaken for a real one.

    The app role may not delete from the audit trail; the database function may, for samples alone.
    """
    made = company.found(slug)
    if made is None:
        return False
    with tenant_transaction(made.organization.pk), connection.cursor() as cursor:
        files = _stored_files()
        cursor.execute(LONGEST)
        cursor.execute(REMOVE)
        accounts = [user_id for (user_id,) in cursor.fetchall()]
        _forget_accounts(accounts, domain=f"@{slug}.example")
        transaction.on_commit(partial(_delete_files, files))
    return True


def _stored_files() -> list[str]:
    """Everything that people hung on the company's objects or imported into it."""
    names = [
        *Attachment.objects.values_list("file", flat=True),
        *ImportBatch.objects.values_list("file", flat=True),
        *ImportBatch.objects.values_list("refused_file", flat=True),
    ]
    return [name for name in names if name]


def _delete_files(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _forget_accounts(user_ids: Iterable[int], *, domain: str) -> None:
    """The accounts that the sample made, with their sessions; somebody's own account stays."""
    users = User.objects.filter(pk__in=list(user_ids), email__endswith=domain)
    gone = {str(pk) for pk in users.values_list("pk", flat=True)}
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") in gone:
            session.delete()
    users.delete()
