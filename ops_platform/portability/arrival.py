"""Bringing an archive into this installation: all of it in one transaction, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.validators import validate_email
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg2 import sql

from metrics.models import Observation
from ops_platform.portability.archive import ArchiveReader, ArchiveRefused, Part, damaged
from ops_platform.portability.export import USER_COLUMNS, USERS
from ops_platform.portability.members import shown
from ops_platform.portability.numbers import PEOPLE, Shifts, expressions, renumber_json, renumber_queries, reserve
from ops_platform.portability.tables import Table, fingerprint, tenant_tables
from organization.access import system_actor
from organization.models import AuditEntry, ImportedTrail, Organization, User
from organization.queries.audit import chain_check
from organization.services import audit
from organization.services.organizations import NEXT_ID
from organization.tenancy import tenant_context

REASON = "archive"
STORED = re.compile(r"[0-9]+((?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+)")
MONTHS = sql.SQL(
    "SELECT metrics_ensure_partition(month) FROM (SELECT DISTINCT date_trunc('month', observed_at) FROM {}) AS m (month)"
)
ARRIVING = sql.Identifier("arriving")
Say = Callable[[str], None]


def import_archive(path: Path, *, slug: str = "", now: datetime, say: Say | None = None) -> Organization:
    """Make the organization of an archive here, under new numbers. Raises ArchiveRefused; then nothing was written.

    slug: its short name here, its own one where none is given. People are found by e-mail; who is new has no password.
    """
    archive = ArchiveReader(path)
    say = say or _silently
    slug = slug or archive.manifest.organization["slug"]
    _refuse(Organization._meta.get_field("slug").run_validators, slug or " ", _("“%(value)s” cannot be a short name."))
    say("Checking the archive.")
    archive.check()
    with transaction.atomic(), connection.cursor() as cursor:
        tables = tenant_tables(cursor)
        parts = _fitting(archive, tables)
        cursor.execute(NEXT_ID)
        (organization_id,) = cursor.fetchone()
        there = archive.manifest.organization["id"]
        shifts = {table.label: 0 for table in tables}
        shifts |= {table.label: reserve(cursor, table, parts[table.name]) for table in tables if table.name in parts}
    shifts["organization.organization"] = organization_id - there
    with tenant_context(organization_id), _stored_files() as stored, transaction.atomic():
        arrival = _Arrival(archive, parts, shifts, organization_id, say)
        arrival.bring(tables, slug)
        arrival.bring_trail(now)
        arrival.bring_files(stored)
        return arrival.finish()


def _fitting(archive: ArchiveReader, tables: list[Table]) -> dict[str, Part]:
    """The parts by table, when archive and installation have the same shape."""
    parts = {part.name: part for part in archive.manifest.tables}
    wanted = {table.name: list(table.carried) for table in tables if not table.travel.stays}
    wanted[USERS] = list(USER_COLUMNS)
    if archive.manifest.schema != fingerprint(tables) or {n: p.columns for n, p in parts.items()} != wanted:
        raise ArchiveRefused(
            _("The archive was made by another version of Ops Platform. Import it with that version, then upgrade.")
        )
    return parts


@contextmanager
def _stored_files() -> Iterator[list[str]]:
    """Takes away the files that were stored when the rows are not kept."""
    stored: list[str] = []
    try:
        yield stored
    except BaseException:
        for name in stored:
            default_storage.delete(name)
        raise


def _refuse_numbers_beyond(cursor: Any, table: Table, part: Part) -> None:
    """Only the block from `first` to `last` was reserved: a row beyond it would take a number that others will need."""
    if not table.is_numbered or table.is_tenant:
        return
    beyond = sql.SQL("SELECT 1 FROM {} WHERE (id BETWEEN %s AND %s) IS NOT TRUE LIMIT 1").format(ARRIVING)
    cursor.execute(beyond, [part.first, part.last])
    if cursor.fetchone():
        raise damaged(part)


def _refuse(check: Callable[[str], None], value: str, sentence: Any) -> None:
    """Raise ArchiveRefused with the sentence, which names `value`, when the check does not let it pass."""
    try:
        check(value)
    except ValidationError as error:
        raise ArchiveRefused(sentence % {"value": shown(value)}) from error


@contextmanager
def _rows_of(part: Part) -> Iterator[None]:
    """Names the part whose rows the database does not understand: bad UTF-8, too few columns, no number."""
    try:
        with connection.wrap_database_errors:
            yield
    except DataError as error:
        raise ArchiveRefused(
            _("The part %(member)s cannot be read: %(reason)s")
            % {"member": part.member, "reason": shown(str(error).splitlines()[0])}
        ) from error


def _silently(text: str) -> None:
    """Progress that nobody reads."""


class _Arrival:
    """One archive on its way in."""

    def __init__(
        self, archive: ArchiveReader, parts: dict[str, Part], shifts: Shifts, organization_id: int, say: Say
    ) -> None:
        self._archive, self._parts, self._shifts = archive, parts, shifts
        self._id, self._say = organization_id, say
        self._there = archive.manifest.organization["id"]

    def bring(self, tables: list[Table], slug: str) -> None:
        """Insert the rows of every table under their new numbers."""
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL timezone = 'UTC'")
            try:
                self._people(cursor)
                for table in tables:
                    if table.name in self._parts:
                        self._table(cursor, table, slug)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            except (DataError, IntegrityError) as error:
                if "organization_organization_slug" in str(error):
                    raise ArchiveRefused(
                        _("There is an organization called “%(slug)s” here already. Choose another short name.")
                        % {"slug": slug}
                    ) from error
                reason = str(error).splitlines()[0]
                raise ArchiveRefused(
                    _("The rows of the archive do not fit: %(reason)s") % {"reason": reason}
                ) from error

    def bring_trail(self, now: datetime) -> None:
        """Note how far the imported trail reaches and what was added to its numbers; its chain must hold.

        An organization that moves for the second time brings such notes with it, which grow by what is added now.
        """
        reach = 0
        for era in ImportedTrail.objects.order_by("last_entry_id"):
            labels = era.shifts.keys() | self._shifts.keys()
            era.shifts = {label: era.shifts.get(label, 0) + self._shifts.get(label, 0) for label in sorted(labels)}
            era.save(update_fields=["shifts"])
            reach = era.last_entry_id
        last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
        if last is not None and last > reach:
            ImportedTrail.objects.create(last_entry_id=last, shifts=dict(self._shifts), imported_at=now)
        found, said = chain_check(), self._archive.manifest.trail
        if (said["count"] or found.count) and (
            not found.is_whole or (found.count, found.last_hash) != (said["count"], said["last_hash"])
        ):
            raise ArchiveRefused(
                _("The audit trail in the archive is broken: somebody changed it after it was written.")
            )

    def bring_files(self, stored: list[str]) -> None:
        """Store the files, and add their names here to `stored`."""
        for part in self._archive.manifest.files:
            name = self._here(part.name)
            with self._archive.open(part) as source:
                kept = default_storage.save(name, File(source, name=name))
            stored.append(kept)
            if kept != name:
                raise ArchiveRefused(_("The archive is damaged: it holds one file twice."))

    def finish(self) -> Organization:
        """Write the import into the trail that it continues."""
        organization = Organization.objects.get(pk=self._id)
        actor = system_actor(self._id, REASON)
        rows = sum(part.size for part in self._archive.manifest.tables)
        audit.record(actor, "organization.organization.imported", organization, rows=rows)
        return organization

    def _people(self, cursor: Any) -> None:
        people = sql.Identifier(PEOPLE)
        cursor.execute(
            sql.SQL(
                "CREATE TEMP TABLE {} (there bigint PRIMARY KEY, email text, name text, language text, timezone text, "
                "here bigint) ON COMMIT DROP"
            ).format(people)
        )
        part = self._parts[USERS]
        with self._archive.open(part) as source:
            copy = sql.SQL("COPY {} (there, email, name, language, timezone) FROM STDIN (FORMAT csv, HEADER)")
            with _rows_of(part):
                cursor.copy_expert(copy.format(people), source)
        if cursor.rowcount != part.size:
            raise damaged(part)
        cursor.execute(sql.SQL("SELECT there, email, name, language, timezone FROM {}").format(people))
        for there, email, name, language, timezone in cursor.fetchall():
            _refuse(validate_email, email or "", _("“%(value)s” in the list of people is no e-mail address."))
            user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(
                email, None, name=name, language=language, timezone=timezone
            )
            cursor.execute(sql.SQL("UPDATE {} SET here = %s WHERE there = %s").format(people), [user.pk, there])

    def _table(self, cursor: Any, table: Table, slug: str) -> None:
        part = self._parts[table.name]
        if not part.size:
            return
        self._say(f"{part.size:>12,}  {table.name}")
        columns = sql.SQL(", ").join(map(sql.Identifier, table.carried))
        name = sql.Identifier(table.name)
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                ARRIVING, columns, name
            )
        )
        with self._archive.open(part) as source:
            copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER)").format(ARRIVING, columns)
            with _rows_of(part):
                cursor.copy_expert(copy, source)
        _refuse_numbers_beyond(cursor, table, part)
        renumber_json(cursor, ARRIVING, table, self._shifts)
        renumber_queries(cursor, ARRIVING, table, self._shifts)
        if table.model is Observation:
            cursor.execute(MONTHS.format(ARRIVING))
        self._insert(cursor, table, part, slug)
        cursor.execute(sql.SQL("DROP TABLE {}").format(ARRIVING))

    def _insert(self, cursor: Any, table: Table, part: Part, slug: str) -> None:
        own = {column: self._file_name(column) for column in table.files()}
        columns, values = list(table.carried), []
        if table.is_tenant:
            own |= {"id": sql.Literal(self._id), "slug": sql.Literal(slug)}
        values = expressions(table, self._shifts, own)
        if not table.is_tenant:
            columns.append("organization_id")
            values.append(sql.Literal(self._id))
            columns += table.travel.arrives
            values += [sql.SQL(text) for text in table.travel.arrives.values()]
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
                sql.Identifier(table.name),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(values),
                ARRIVING,
            )
        )
        if cursor.rowcount != part.size:
            raise damaged(part)
        for column in table.files():
            self._refuse_foreign_files(cursor, table, column)

    def _file_name(self, column: str) -> sql.Composable:
        return sql.SQL("regexp_replace({}, '^[0-9]+/', {})").format(sql.Identifier(column), sql.Literal(f"{self._id}/"))

    def _refuse_foreign_files(self, cursor: Any, table: Table, column: str) -> None:
        """A name in the rows must lie in the organization's own folder: it would open somebody else's file."""
        statement = sql.SQL("SELECT 1 FROM {0} WHERE organization_id = %s AND {1} <> '' AND {1} !~ %s LIMIT 1")
        inside = rf"^{self._id}(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$"
        cursor.execute(statement.format(sql.Identifier(table.name), sql.Identifier(column)), [self._id, inside])
        if cursor.fetchone():
            raise ArchiveRefused(_("The archive names a file outside the organization's own folder."))

    def _here(self, name: str) -> str:
        found = STORED.fullmatch(name)
        if found is None:
            raise ArchiveRefused(_("The archive names a file outside the organization's own folder."))
        return f"{self._id}{found[1]}"
