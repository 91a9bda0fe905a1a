"""A backup goes into an empty server, and everything there is what it was."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection

from ops_platform.backup import mark
from ops_platform.backup.archive import CannotRestore, restore
from ops_platform.embedded.postgres import SUPERUSER, EmbeddedPostgres
from ops_platform.guard import PrivilegedRole, _check
from ops_platform.supervisor.children import SERVICE, Children, Program
from ops_platform.testing.database import as_migrator

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "one-password"
ROWS = """
INSERT INTO metrics_observation (organization_id, observed_at, dataset_id, batch_id, row_key, m1)
SELECT 1, timestamptz '2026-03-01 00:00Z' + day * interval '1 day', 1, 1, day::text, 1.230 * day FROM generate_series(0, 9) day
"""
# What makes up a database besides its rows
SHAPES = {
    "policies": "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies",
    "walls": "SELECT relname, relkind, relispartition, relrowsecurity, relforcerowsecurity FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT oid::regprocedure::text, pg_get_functiondef(oid), prosecdef FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace",
    "rights": "SELECT relname, array(SELECT unnest(coalesce(relacl, acldefault("
    "CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", relowner)))::text ORDER BY 1)::text FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')",
    "calls": "SELECT oid::regprocedure::text, array(SELECT unnest(proacl)::text ORDER BY 1)::text FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferred FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "columns": "SELECT table_name, column_name, data_type, column_default, is_nullable, collation_name "
    "FROM information_schema.columns WHERE table_schema = 'public'",
    "counters": "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'",
}


def plain(row: tuple[Any, ...]) -> str:
    """PostgreSQL writes the casts of a condition in other places once it has read them back."""
    return re.sub(r"[()\[\]]|::character varying|::text", "", str(row))


class Server:
    """A PostgreSQL of its own with an empty database, and the environment of an installation on it."""

    def __init__(self, folder: Path, children: Children) -> None:
        cluster = EmbeddedPostgres.in_folder(folder / "postgres", durable=False)
        cluster.initialise(PASSWORD)
        program = Program("postgres", tuple(cluster.command()), rank=SERVICE, stop_signal=signal.SIGINT)
        with (folder / "log").open("a") as output:
            children.start(program, output=output)
        deadline = time.monotonic() + 30
        while not cluster.is_ready(PASSWORD):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.admin = cluster.url(SUPERUSER, PASSWORD, "ops")
        opened = psycopg2.connect(cluster.url(SUPERUSER, PASSWORD, "postgres"))
        opened.autocommit = True
        opened.cursor().execute("CREATE DATABASE ops")
        opened.close()
        self.files = folder / "data" / "files"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "DISPATCHER"))}
        self.environment = kept | {
            "DATABASE_ADMIN_URL": self.admin,
            "DATABASE_URL": cluster.url("ops_app", "a", "ops"),
            "DISPATCHER_DATABASE_URL": cluster.url("ops_dispatcher", "d", "ops"),
            "DATA_DIR": str(folder / "data"),
            "SECRET_KEY": "x" * 60,
            "OWNER_PASSWORD": "a-long-password-1",
        }

    def manage(self, *arguments: str, fails: bool = False) -> str:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        opened = psycopg2.connect(self.admin)
        with opened, opened.cursor() as cursor:
            cursor.execute(sql)
            rows = cursor.fetchall() if cursor.description else []
        opened.close()
        return rows

    def picture(self) -> dict[str, Any]:
        """Everything to compare: a digest of the rows of each table, and the shapes around them."""
        tables = self.ask(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
        )
        rows = {
            name: self.ask(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{name}\" t")
            for (name,) in tables
        }
        return {"rows": rows} | {name: sorted(map(plain, self.ask(sql))) for name, sql in SHAPES.items()}


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    with Children() as started:
        yield started


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, children: Children) -> Server:
    """An installation with an organization, rows in partitions, and a file."""
    server = Server(tmp_path_factory.mktemp("a"), children)
    server.manage("prepare_database", "--verbosity=0")
    server.manage("found_organization", "云禾家居", "--slug=yunhe", "--owner=owner@example.com")
    server.ask("SELECT metrics_ensure_partition('2026-03-01')")
    server.ask(ROWS)
    (server.files / "1").mkdir(parents=True)
    (server.files / "1" / "note.txt").write_text("备注")
    return server


@pytest.mark.processes
def test_o10_a_backup_restored_into_an_empty_server_is_the_same_installation(
    full: Server, tmp_path: Path, children: Children
) -> None:
    before = full.picture()
    full.manage("backup", str(tmp_path / "all.tar"))
    (tmp_path / "b").mkdir()
    other = Server(tmp_path / "b", children)

    other.manage("restore", str(tmp_path / "all.tar"))

    after = other.picture()
    assert before["rows"]["metrics_observation_202603"][0][0] == 10
    assert {part: (set(before[part]) ^ set(after[part])) for part in SHAPES if before[part] != after[part]} == {}
    assert after == before
    assert (other.files / "1" / "note.txt").read_text() == "备注"
    assert (tmp_path / "all.tar").stat().st_mode & 0o077 == 0
    assert "holds files already" in other.manage("restore", str(tmp_path / "all.tar"), fails=True)
    (other.files / "1" / "note.txt").unlink()
    (other.files / "1").rmdir()
    assert "holds tables already" in other.manage("restore", str(tmp_path / "all.tar"), fails=True)


@pytest.mark.processes
def test_o10_a_restore_that_stops_half_way_is_found_and_does_not_serve(
    full: Server, tmp_path: Path, children: Children
) -> None:
    full.manage("backup", str(tmp_path / "all.tar"))
    (tmp_path / "b").mkdir()
    other = Server(tmp_path / "b", children)
    (tmp_path / "b" / "data").write_text("no folder: the files find no place")

    with pytest.raises(OSError, match="data"):
        restore(tmp_path / "all.tar", admin=other.admin, files=other.files)

    (tmp_path / "b" / "data").unlink()
    assert other.ask("SELECT count(*) FROM organization_member") == [(1,)]
    assert mark.SENTENCE in other.manage("prepare_database", fails=True)
    assert mark.SENTENCE in other.manage("restore", str(tmp_path / "all.tar"), fails=True)


@pytest.mark.django_db(transaction=True)
def test_o10_the_role_that_serves_sees_the_mark() -> None:
    with connection.cursor() as cursor:
        assert not mark.is_marked(cursor)
    with as_migrator(), connection.cursor() as cursor:
        mark.put(cursor)
    try:
        with pytest.raises(PrivilegedRole, match="did not finish"):
            _check(connection=connection)
    finally:
        with as_migrator(), connection.cursor() as cursor:
            mark.take_away(cursor)


def test_o10_what_is_no_backup_or_damaged_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.tar").write_bytes(b"no tar")
    with tarfile.open(tmp_path / "other.tar", "w"):
        pass

    for name in ("no.tar", "other.tar"):
        with pytest.raises(CannotRestore, match="is no backup, or it is not complete"):
            restore(tmp_path / name, admin="postgresql://nobody@127.0.0.1:1/none", files=tmp_path / "files")
