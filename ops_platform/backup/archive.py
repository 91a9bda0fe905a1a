"""One file with everything: a tar of a manifest, the database as pg_dump writes it, and the stored files."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from ops_platform.backup import mark, programs
from ops_platform.roles import DISPATCHER_POLICY

FORMAT = "ops-platform backup 1"
DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"
CHUNK = 1 << 20
IS_EMPTY = """
SELECT NOT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S'))
"""


class CannotRestore(Exception):
    """The file or the database is not what it must be; the message says what to do."""


def backup(target: Path, *, admin: str, files: Path) -> int:
    """Write the installation to `target` and return its bytes. It stands there whole or not at all.

    The database is one snapshot. Files come after it: what is stored meanwhile is extra, and nothing named is missing.
    """
    partial = target.with_name(f"{target.name}.part")
    server = _server(admin)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        dump = Path(folder) / DUMP
        program = programs.find("pg_dump", server=server)
        programs.run([program, "--format=custom", "--compress=3", f"--file={dump}", f"--dbname={admin}"])
        manifest = {"format": FORMAT, "made_at": datetime.now(UTC).isoformat(), "server": server, "dump": _sha256(dump)}
        (Path(folder) / MANIFEST).write_text(json.dumps(manifest))
        try:
            with tarfile.open(partial, "w") as archive:
                archive.add(Path(folder) / MANIFEST, MANIFEST)
                archive.add(dump, DUMP)
                if files.is_dir():
                    archive.add(files, FILES)
            partial.chmod(0o600)
            partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)
    return target.stat().st_size


def restore(source: Path, *, admin: str, files: Path) -> None:
    """Bring an installation back into an empty database and an empty folder of files. Raises CannotRestore.

    The mark goes away with the caller's `finish`, after privileges were given.
    """
    if files.is_dir() and any(files.iterdir()):
        raise CannotRestore(f"The folder {files} holds files already. Restore into an empty one.")
    with tempfile.TemporaryDirectory(dir=source.parent, prefix=".restore-") as folder:
        manifest = _unpack(source, Path(folder))
        dump = Path(folder) / DUMP
        if _sha256(dump) != manifest["dump"]:
            raise CannotRestore(f"{source} is damaged: its database is not what was written. Copy the file again.")
        with psycopg2.connect(admin) as connection, connection.cursor() as cursor:
            if mark.is_marked(cursor):
                raise CannotRestore(mark.SENTENCE)
            cursor.execute(IS_EMPTY)
            if cursor.fetchone() == (False,):
                raise CannotRestore("The database holds tables already. Restore into an empty one.")
            mark.put(cursor)
        connection.close()
        _restore_database(dump, admin, Path(folder))
        if (Path(folder) / FILES).is_dir():
            files.parent.mkdir(parents=True, exist_ok=True)
            if files.is_dir():
                files.rmdir()
            _move(Path(folder) / FILES, files)


def finish(*, admin: str) -> None:
    """Take the mark away: from now on the installation may serve."""
    with psycopg2.connect(admin) as connection, connection.cursor() as cursor:
        mark.take_away(cursor)
    connection.close()


def _restore_database(dump: Path, admin: str, folder: Path) -> None:
    """Owner and privileges follow from the new server's own roles; so do the policies that name one of them."""
    program = programs.find("pg_restore", server=_server(admin))
    listed = programs.run([program, "--list", str(dump)]).decode()
    kept = [line for line in listed.splitlines() if not _names_a_role(line)]
    (folder / "list").write_text("\n".join(kept))
    programs.run(
        [
            program, "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges",
            f"--use-list={folder / 'list'}", f"--dbname={admin}", str(dump),
        ]
    )  # fmt: skip


def _names_a_role(line: str) -> bool:
    return f" {DISPATCHER_POLICY} " in f"{line} " and " POLICY " in line


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["format"] != FORMAT:
            raise CannotRestore(f"{source} was written in another format: {manifest['format']}.")
    except (tarfile.TarError, OSError, KeyError, ValueError, EOFError) as error:
        raise CannotRestore(f"{source} is no backup, or it is not complete: {error}") from error
    return manifest


def _move(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:  # another disk
        shutil.copytree(source, target)


def _server(admin: str) -> int:
    connection = psycopg2.connect(admin, connect_timeout=5)
    version = connection.info.server_version // 10_000
    connection.close()
    return version


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
