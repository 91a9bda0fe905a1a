"""Writing everything that one organization has into an archive, as it stood at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import connection
from psycopg2 import sql

from ops_platform.portability.archive import CHUNK, ArchiveWriter, Manifest, Part
from ops_platform.portability.tables import Table, fingerprint, tenant_tables
from organization.models import User
from organization.tenancy import tenant_context

USERS = "users"
USER_COLUMNS = ("id", "email", "name", "language", "timezone")
# Numbers that only the trail still knows: an import must leave room for them too
REMEMBERED = """
SELECT object_type, max(object_id) FROM organization_auditentry WHERE organization_id = %s GROUP BY object_type
UNION ALL
SELECT CASE actor_kind WHEN 'member' THEN 'organization.member' ELSE 'organization.apitoken' END, max(actor_id)
  FROM organization_auditentry WHERE organization_id = %s AND actor_id IS NOT NULL GROUP BY actor_kind
"""
TRAIL = """
SELECT count(*), (SELECT hash FROM organization_auditentry WHERE organization_id = %s ORDER BY id DESC LIMIT 1)
  FROM organization_auditentry WHERE organization_id = %s
"""
SECRETS = "secrets are sealed with a key of the installation"
README = """Ops Platform: everything that one organization has.
manifest.json says what is in here, with numbers and checksums. tables/ holds a CSV a table, files/ what people stored.
Import it with: python3 manage.py import_organization FILE

运营平台：一个组织的全部数据。
manifest.json 列出内容、行数和校验值；tables/ 每张表一个 CSV，files/ 是上传的文件。
导入：python3 manage.py import_organization 文件
"""

Note = Callable[[int], None]


class AlreadyRunning(Exception):
    """Another worker writes this archive now."""


def write_archive(
    organization_id: int,
    target: IO[bytes],
    *,
    now: datetime,
    note: Note | None = None,
    begin: Callable[[], bool] | None = None,
    lock: str = "",
) -> Manifest | None:
    """Write the archive of an organization to `target`, in flat memory and out of one snapshot.

    note: told the rows written so far. begin: asked once the lock is held; None comes out when it says no. lock: a name
    that one process at a time may hold; raises AlreadyRunning.
    """
    with tenant_context(organization_id), _snapshot() as cursor:
        if lock:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
            if cursor.fetchone() == (False,):
                raise AlreadyRunning(lock)
        if begin and not begin():
            return None
        return _Export(organization_id, cursor, ArchiveWriter(target), note).write(now)


def row_count(organization_id: int) -> int:
    """About how many rows an archive will hold."""
    with tenant_context(organization_id), _snapshot() as cursor:
        total = 0
        for table in tenant_tables(cursor):
            if not table.travel.stays and not table.is_tenant:
                statement = sql.SQL("SELECT count(*) FROM {} WHERE organization_id = %s")
                cursor.execute(statement.format(sql.Identifier(table.name)), [organization_id])
                total += cursor.fetchone()[0]
        return total


@contextmanager
def _snapshot() -> Iterator[Any]:
    """A cursor of a connection of its own, whose transaction sees one state of the database and writes nothing."""
    own = connection.copy()
    try:
        own.ensure_connection()
        own.connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        own.set_autocommit(False)
        with own.connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'")
            yield cursor
    finally:
        own.close()


class _Export:
    """One archive on its way."""

    def __init__(self, organization_id: int, cursor: Any, archive: ArchiveWriter, note: Note | None) -> None:
        self._id, self._cursor, self._archive, self._note = organization_id, cursor, archive, note
        self._done = 0

    def write(self, now: datetime) -> Manifest:
        self._tables = tenant_tables(self._cursor)
        carried = [table for table in self._tables if not table.travel.stays]
        manifest = Manifest(
            organization=self._organization(),
            made_at=now.astimezone(UTC).isoformat(),
            schema=fingerprint(self._tables),
            trail=self._trail(),
            left_out=self._left_out(),
        )
        remembered = self._remembered()
        manifest.tables.append(self._users())
        manifest.tables += [self._table(table, remembered) for table in carried]
        for table in carried:
            for column in table.files():
                manifest.files += self._files(table, column, len(manifest.files))
        self._archive.finish(manifest, README)
        return manifest

    def _organization(self) -> dict[str, Any]:
        self._cursor.execute("SELECT id, slug, name, name_zh FROM organization_organization WHERE id = %s", [self._id])
        return dict(zip(("id", "slug", "name", "name_zh"), self._cursor.fetchone(), strict=True))

    def _trail(self) -> dict[str, Any]:
        self._cursor.execute(TRAIL, [self._id, self._id])
        count, last_hash = self._cursor.fetchone()
        return {"count": count, "last_hash": last_hash or ""}

    def _remembered(self) -> dict[str, int]:
        self._cursor.execute(REMEMBERED, [self._id, self._id])
        found: dict[str, int] = {}
        for label, number in self._cursor.fetchall():
            found[label] = max(found.get(label, 0), number or 0)
        return found

    def _left_out(self) -> dict[str, str]:
        found = {table.name: table.travel.stays for table in self._tables if table.travel.stays}
        found |= {f"{table.name}.{column}": SECRETS for table in self._tables for column in table.travel.arrives}
        return found | {"passwords": "people set a new one through the mail that the sign-in page sends"}

    def _users(self) -> Part:
        """The accounts that rows point at: who they are, without what opens them."""
        pointing = [
            sql.SQL("SELECT {} FROM {} WHERE organization_id = {}").format(
                sql.Identifier(column), sql.Identifier(table.name), sql.Literal(self._id)
            )
            for table in self._tables
            for column, model in table.keys().items()
            if model is User and not table.travel.stays
        ]
        query = sql.SQL("SELECT {} FROM organization_user WHERE id IN ({}) ORDER BY id").format(
            _names(USER_COLUMNS), sql.SQL(" UNION ").join(pointing)
        )
        return self._copy(Part(USERS, f"tables/{USERS}.csv", columns=list(USER_COLUMNS)), query)

    def _table(self, table: Table, remembered: dict[str, int]) -> Part:
        part = Part(table.name, f"tables/{table.name}.csv", columns=list(table.carried))
        own = sql.Identifier("id" if table.is_tenant else "organization_id")
        if table.is_numbered:
            query = sql.SQL("SELECT min(id), max(id) FROM {} WHERE {} = %s")
            self._cursor.execute(query.format(sql.Identifier(table.name), own), [self._id])
            part.first, last = self._cursor.fetchone()
            known = remembered.get(table.label, 0)
            part.last = max(last or 0, known) or None
            part.first = part.first if part.first is not None else part.last
        query = sql.SQL("SELECT {} FROM {} WHERE {} = {}").format(
            _names(table.carried), sql.Identifier(table.name), own, sql.Literal(self._id)
        )
        return self._copy(part, query)

    def _copy(self, part: Part, query: sql.Composable) -> Part:
        def note(rows: int) -> None:
            if self._note:
                self._note(self._done + rows)

        with self._archive.member(part, note) as sink:
            self._cursor.copy_expert(sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query), sink)
            part.size = sink.calls - 1
        self._done += part.size
        return part

    def _files(self, table: Table, column: str, already: int) -> list[Part]:
        """What was stored under the names in a column. A name without a file is left out, as it is at home."""
        query = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE organization_id = %s AND {0} <> '' ORDER BY 1")
        self._cursor.execute(query.format(sql.Identifier(column), sql.Identifier(table.name)), [self._id])
        parts: list[Part] = []
        for (name,) in self._cursor.fetchall():
            if not default_storage.exists(name):
                continue
            part = Part(name, f"files/{already + len(parts) + 1:06}")
            with default_storage.open(name) as source, self._archive.member(part) as sink:
                for piece in iter(lambda: source.read(CHUNK), b""):
                    sink.write(piece)
                    part.size += len(piece)
            parts.append(part)
        return parts


def _names(columns: Any) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
