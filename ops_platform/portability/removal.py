"""Deleting a closed organization for good: its files, its rows in every table, and who belonged to nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection, models
from django.utils import timezone

from ops_platform.database.walls import is_tenant_model
from organization.models import Organization, User
from organization.services.sign_in import forget_failures
from organization.tenancy import tenant_transaction

log = structlog.get_logger(__name__)
BATCH = 50_000
LONGEST = "SET LOCAL statement_timeout = 0"


def remove_closed(*, batch: int = BATCH) -> None:
    """Delete every organization whose time to come back has passed. May be interrupted anywhere and begun again."""
    due = Organization.objects.using("dispatcher").filter(delete_after__lte=timezone.now())
    for organization_id in list(due.order_by("pk").values_list("pk", flat=True)):
        remove_organization(organization_id, batch=batch)


def remove_organization(organization_id: int, *, batch: int = BATCH) -> None:
    """Delete one: files first, then big tables in batches, then the rest with its accounts in one transaction."""
    with tenant_transaction(organization_id):
        files = stored_files()
    for name in files:
        default_storage.delete(name)
    while _clear(organization_id, batch):
        continue
    with tenant_transaction(organization_id), connection.cursor() as cursor:
        cursor.execute(LONGEST)
        cursor.execute("SELECT * FROM organization_remove_closed()")
        forget_accounts([user_id for (user_id,) in cursor.fetchall()])
    log.info("organization.deleted", organization=organization_id)


def _clear(organization_id: int, batch: int) -> int:
    with tenant_transaction(organization_id), connection.cursor() as cursor:
        cursor.execute(LONGEST)
        cursor.execute("SELECT organization_clear_closed(%s)", [batch])
        return cursor.fetchone()[0]


def stored_files() -> list[str]:
    """Everything that the open organization has stored, by the file columns of all models."""
    names: list[str] = []
    for model in _models():
        for field in model._meta.local_fields:
            if isinstance(field, models.FileField):
                names += model._default_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
    return [name for name in names if name]


def forget_accounts(user_ids: Iterable[int], *, domain: str = "") -> None:
    """Accounts with all that hangs on them, and their sessions. domain: only those whose address ends like this."""
    users = User.objects.filter(pk__in=list(user_ids), email__endswith=domain)
    gone = {str(pk): email for pk, email in users.values_list("pk", "email")}
    forget_sessions(gone)
    for email in gone.values():
        forget_failures(email)
    users.delete()


def forget_sessions(user_ids: Iterable[str]) -> None:
    """Sign these people out everywhere."""
    gone = set(user_ids)
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") in gone:
            session.delete()


def _models() -> list[Any]:
    return [model for model in apps.get_models() if is_tenant_model(model)]
