"""The tables that hold an organization's rows, as the database has them and as the models describe them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models

from organization.models import Organization
from organization.portable import Through, Travel

COLUMNS = """
SELECT relname, attname, format_type(atttypid, atttypmod)
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
   AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
   AND (relname = %s OR EXISTS (SELECT 1 FROM pg_attribute tenant WHERE tenant.attrelid = pg_class.oid
                                   AND tenant.attname = 'organization_id' AND NOT tenant.attisdropped))
 ORDER BY relname, attnum
"""
TENANT = Organization._meta.db_table


class UnknownTable(RuntimeError):
    """A table holds an organization's rows and no model describes it: nobody knows how they travel."""


@dataclass(frozen=True)
class Table:
    """One table with its model. columns: (name, type) of all, in the order of the database."""

    name: str
    model: Any
    columns: tuple[tuple[str, str], ...]

    @cached_property
    def travel(self) -> Travel:
        return getattr(self.model, "travel", Travel())

    @cached_property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def is_tenant(self) -> bool:
        """Whether it is the table of organizations itself."""
        return self.name == TENANT

    @property
    def is_numbered(self) -> bool:
        """Whether rows have an id of their own that must be a new one elsewhere."""
        return not self.is_tenant and self.model._meta.pk.column == "id"

    @cached_property
    def carried(self) -> tuple[str, ...]:
        """The columns that an archive holds."""
        at_home = {"organization_id", *self.travel.arrives} if not self.is_tenant else {"delete_after"}
        return tuple(name for name, _type in self.columns if name not in at_home)

    @property
    def types(self) -> dict[str, str]:
        return dict(self.columns)

    def keys(self) -> dict[str, Any]:
        """Foreign key columns but the organization's, with the models that they point at."""
        return {
            name: field.related_model
            for name, field in self._fields()
            if isinstance(field, models.ForeignKey) and field.name != "organization"
        }

    def files(self) -> list[str]:
        """Columns with names of stored files."""
        return [name for name, field in self._fields() if isinstance(field, models.FileField)]

    def _fields(self) -> list[tuple[str, Any]]:
        return [(str(field.column), field) for field in self.model._meta.local_fields]

    @property
    def waits(self) -> bool:
        """Whether renumbering its rows needs rows of other tables."""
        return any(isinstance(target, Through) for target in self.travel.numbers.values())


def tenant_tables(cursor: Any) -> list[Table]:
    """Every table with an organization's rows, those that wait for others last. Raises UnknownTable."""
    by_table = {model._meta.db_table: model for model in apps.get_models()}
    cursor.execute(COLUMNS, [TENANT])
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in cursor.fetchall():
        found.setdefault(table, []).append((column, kind))
    if unknown := sorted(found.keys() - by_table.keys()):
        raise UnknownTable(", ".join(unknown))
    tables = [Table(name, by_table[name], tuple(columns)) for name, columns in found.items()]
    return sorted(tables, key=lambda table: (not table.is_tenant, table.waits, table.name))


def fingerprint(tables: Sequence[Table]) -> str:
    """SHA-256 over the names and types of what is carried: archives go between equal ones only."""
    shape = sorted(
        (table.name, [[name, table.types[name]] for name in sorted(table.carried)])
        for table in tables
        if not table.travel.stays
    )
    return hashlib.sha256(json.dumps(shape, separators=(",", ":")).encode()).hexdigest()
