"""The second tenancy wall as a migration operation: row-level security and compound foreign keys.

`BuildWalls()` stands last in each app's migration. It walks the tenant models of the app as the migration sees them and
adds what Django cannot express. Running it again adds only what is missing, so a later migration that brings new models
ends with it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.migrations.operations.base import Operation

POLICY = "tenant"
SETTING = "(SELECT NULLIF(current_setting('app.organization_id', true), '')::bigint)"


class TenantForeignKey(models.ForeignKey):
    """A foreign key between two tenant tables.

    Its database constraint is compound, `(organization_id, x_id) -> x (organization_id, id)`, since foreign keys ignore
    row-level security: a plain one would accept another tenant's id. `BuildWalls` makes it; deletion is PROTECTed or
    handled by a service, never cascaded by the database.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


def is_tenant_model(model: Any) -> bool:
    """Whether the rows of `model` (historical models included) belong to one organization."""
    return any(field.name == "organization" and field.is_relation for field in model._meta.local_fields)


def tenant_keys(model: Any) -> list[TenantForeignKey]:
    """The foreign keys of `model` that need a compound constraint."""
    return [field for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]


def constraint_name(model: Any, field: models.Field) -> str:
    """A stable name of the compound constraint, within PostgreSQL's 63 bytes."""
    return f"{model._meta.db_table}_{field.column}_tenant_fk"[-63:].lstrip("_")


class BuildWalls(Operation):
    """Row-level security with a policy on every tenant table of the app, and its compound keys.

    tables: tenant tables that the migration made by SQL. The state knows unmanaged models without their foreign keys, so
    these would be passed over.
    """

    reduces_to_sql = False
    reversible = True

    def __init__(self, tables: Sequence[str] = ()) -> None:
        self.tables = tuple(tables)

    def state_forwards(self, app_label: str, state: Any) -> None:
        return None

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        tenant_models = [
            model for model in to_state.apps.get_app_config(app_label).get_models() if is_tenant_model(model)
        ]
        with schema_editor.connection.cursor() as cursor:
            for table in self.tables:
                self._protect(cursor, table)
            for model in tenant_models:
                self._protect(cursor, model._meta.db_table)
                self._make_referable(cursor, model)
            for model in tenant_models:
                for field in tenant_keys(model):
                    self._tie(cursor, model, field)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        return None  # policies and constraints go with their tables

    def describe(self) -> str:
        return "Row-level security and compound keys of the tenant tables"

    def _protect(self, cursor: Any, table: str) -> None:
        cursor.execute("SELECT 1 FROM pg_policies WHERE tablename = %s AND policyname = %s", [table, POLICY])
        if not cursor.fetchone():
            cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            cursor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            cursor.execute(
                f'CREATE POLICY {POLICY} ON "{table}" '
                f"USING (organization_id = {SETTING}) WITH CHECK (organization_id = {SETTING})"
            )

    def _make_referable(self, cursor: Any, model: Any) -> None:
        table = model._meta.db_table
        if model._meta.pk.column == "id":
            name = f"{table}_tenant_id"
            cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s", [name])
            if not cursor.fetchone():
                cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE (organization_id, id)')

    def _tie(self, cursor: Any, model: Any, field: Any) -> None:
        name, target = constraint_name(model, field), field.remote_field.model._meta.db_table
        cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(
                f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{name}" '
                f'FOREIGN KEY (organization_id, "{field.column}") REFERENCES "{target}" (organization_id, id) '
                "DEFERRABLE INITIALLY DEFERRED"
            )
