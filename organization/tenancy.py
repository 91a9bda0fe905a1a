"""The first tenancy wall: a scope that doors open, and managers that refuse to work without it.

The second wall is PostgreSQL's row-level security (`ops_platform.database`). Neither is enough alone: the first raises
but does not see raw SQL, the second sees everything but answers with silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from django.db import connection, models, transaction
from django.db.models import BigIntegerField, Expression
from django.db.models.signals import class_prepared
from django.dispatch import receiver
from psycopg2 import extensions

from ops_platform.database.scope import (
    ORGANIZATION_SETTING,
    PERSON_SETTING,
    OutsideOrganization,
    OutsideTransaction,
    current_organization_id,
    organization_var,
    person_var,
)
from ops_platform.database.walls import TenantForeignKey
from organization.personal import Personal
from organization.portable import Travel

__all__ = [
    "ActiveOrganization",
    "OutsideOrganization",
    "OutsideTransaction",
    "TenantForeignKey",
    "TenantManager",
    "TenantModel",
    "TenantQuerySet",
    "current_organization_id",
    "person_context",
    "tenant_context",
    "tenant_transaction",
]


class OrganizationSwitch(RuntimeError):
    """The tenant must not change inside a transaction: what was read before would belong to somebody else."""


@contextmanager
def _scope(variable: Any, setting: str, value: int) -> Iterator[None]:
    previous = variable.get()
    in_transaction = connection.in_atomic_block
    token = variable.set(value)
    try:
        if in_transaction:
            _set_local(setting, str(value))
        yield
    finally:
        variable.reset(token)
        if in_transaction and connection.in_atomic_block and _is_usable():
            _set_local(setting, "" if previous is None else str(previous))


def _is_usable() -> bool:
    """A failed transaction takes no command; it rolls the setting back by itself."""
    raw = connection.connection
    return raw is not None and raw.info.transaction_status != extensions.TRANSACTION_STATUS_INERROR


def _set_local(setting: str, value: str) -> None:
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])


@contextmanager
def tenant_context(organization_id: int) -> Iterator[None]:
    """Open the organization for the block: wall 1 filters by it, new and running transactions carry it for wall 2.

    Raises OrganizationSwitch when another organization is open in a running transaction.
    """
    previous = organization_var.get()
    if previous not in (None, organization_id) and connection.in_atomic_block:
        raise OrganizationSwitch("Another organization is open in this transaction.")
    with _scope(organization_var, ORGANIZATION_SETTING, organization_id):
        yield


@contextmanager
def tenant_transaction(organization_id: int) -> Iterator[None]:
    """`tenant_context` with a transaction inside: for tasks, commands and streaming bodies."""
    with tenant_context(organization_id), transaction.atomic():
        yield


@contextmanager
def person_context(user_id: int) -> Iterator[None]:
    """Let the signed-in person see their own memberships in all organizations, and nothing else of them."""
    with _scope(person_var, PERSON_SETTING, user_id):
        yield


class ActiveOrganization(Expression):
    """Id of the open scope, read when SQL is compiled: a queryset built at import is safe, a forgotten scope raises."""

    output_field = BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        organization_id = current_organization_id()
        if not connection.in_atomic_block:
            raise OutsideTransaction("Tenant rows need a transaction; open one with transaction.atomic().")
        return "%s", [organization_id]


class TenantQuerySet(models.QuerySet):
    """Querysets of tenant models; `visible_to` is where every list, count, chart, export, search and API starts."""

    def visible_to(self, actor: Any, codename: str | None = None) -> Self:
        """The rows on which `actor` holds `codename` (default: the model's view permission)."""
        model: Any = self.model
        return self.filter(actor.rows(model, codename or model.view_permission))

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """As Django's; fills the open organization in and refuses another one."""
        rows = list(objs)
        for row in rows:
            row.adopt_organization()
        return super().bulk_create(rows, *args, **kwargs)


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]  # the base is made at run time
    """Only rows of the open organization; raises when none is open."""

    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(organization_id=ActiveOrganization())

    def none(self) -> TenantQuerySet:
        """An empty answer, which needs no scope."""
        return super().get_queryset().none()


class TenantModel(models.Model):
    """A row that belongs to exactly one organization.

    Subclasses name `view_permission`, and where scopes narrower than the organization make sense the lookups from the
    row to its owner (a member id) and its department. Where rows are shared one by one, `sharing` has a `Sharing`.
    `travel` says how rows go into an export, `personal` what they hold about people.
    """

    view_permission: str = ""
    owner_lookup: str | None = None
    department_lookup: str | None = None
    sharing: Any = None
    travel: Travel = Travel()
    personal: Personal | None = None

    organization = models.ForeignKey("organization.Organization", models.CASCADE, related_name="+", editable=False)

    objects = TenantManager()
    unscoped = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def adopt_organization(self) -> None:
        """Take the open organization, or raise when the row belongs to another one."""
        current = current_organization_id()
        if self.organization_id is None:
            self.organization_id = current
        elif self.organization_id != current:
            raise OutsideOrganization(f"{type(self).__name__} belongs to an organization that is not open.")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.adopt_organization()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        self.adopt_organization()
        return super().delete(*args, **kwargs)


@receiver(class_prepared)
def _scope_base_manager(sender: Any, **_: Any) -> None:
    """Scope foreign keys that are followed, too: Django takes the base manager of the first parent alone."""
    if issubclass(sender, TenantModel):
        sender._meta.base_manager_name = sender._meta.default_manager_name = "objects"
