"""Files of imports: kept under a name of ours, looked at and read with all limits. Workbooks are read by another process.

An innocent-looking workbook can cost a gigabyte and a minute; in a process of its own it costs nobody else. Text files
are read in place: their reader counts every byte.
"""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from metrics.engine.tabular import Chunk, Limits, Mapping, MappingError, Preview, TabularError, detect, read_rows

MOST_COLUMNS = 500
HEADS = (b"PK", b"\xd0\xcf\x11\xe0")
EXTENSIONS = {"csv": ".csv", "csv.gz": ".csv.gz", "xlsx": ".xlsx", "xls": ".xls"}
ENGINE = "metrics.engine.tabular"
ALLOWED = {
    *(("datetime", name) for name in ("datetime", "date", "timezone", "timedelta")),
    ("collections", "Counter"),
    (f"{ENGINE}.chunk", "Chunk"),
    (f"{ENGINE}.dates", "OrderEvidence"),
    (f"{ENGINE}.detect", "Preview"),
    (f"{ENGINE}.errors", "Note"),
    (f"{ENGINE}.errors", "Refusal"),
    (f"{ENGINE}.profile", "ColumnProfile"),
    (f"{ENGINE}.workbook_source", "SheetInfo"),
}
COPIED = 1 << 20
RECEIVED_PREFIX = "ops-import-"
MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = {"detect": 15, "read_rows": 300}  # somebody waits for the first, inside a request


def limits() -> Limits:
    """How much of a file is read, by the settings."""
    return Limits(max_bytes=settings.IMPORT_MAX_BYTES, max_rows=settings.IMPORT_MAX_ROWS, max_columns=MOST_COLUMNS)


@contextmanager
def received(upload: IO[bytes]) -> Iterator[Path]:
    """The uploaded bytes as a local file for the block. Raises TabularError when they are too many."""
    most = settings.IMPORT_MAX_BYTES
    with tempfile.NamedTemporaryFile(prefix=RECEIVED_PREFIX) as file:
        size = 0
        while data := upload.read(COPIED):
            size += len(data)
            if size > most:
                raise TabularError("file_too_large", limit=most)
            file.write(data)
        file.flush()
        yield Path(file.name)


@contextmanager
def stored(name: str) -> Iterator[Path]:
    """A stored file as a local one for the block."""
    try:
        local = Path(default_storage.path(name))
    except NotImplementedError:
        with default_storage.open(name) as remote, tempfile.NamedTemporaryFile(prefix=RECEIVED_PREFIX) as copy:
            shutil.copyfileobj(remote, copy)
            copy.flush()
            yield Path(copy.name)
    else:
        yield local


def store(file: IO[bytes], organization_id: int, extension: str) -> str:
    """Keep a file; the name it got is ours."""
    return default_storage.save(f"{organization_id}/imports/{uuid.uuid4().hex}{extension}", File(file))


def look_at(path: Path, **options: Any) -> Preview:
    """What `detect` says of the file; options as there. Raises TabularError."""
    if _is_workbook(path):
        arguments = {"path": str(path), "limits": limits(), "options": options}
        return cast(Preview, next(iter(_from_child("detect", arguments))))
    return detect(path, limits(), **options)


def read_chunks(path: Path, mapping: Mapping, timezone: str) -> Iterator[Chunk]:
    """The rows of the file by `mapping`, local times those of `timezone`. Raises TabularError."""
    if _is_workbook(path):
        arguments = {"path": str(path), "mapping": mapping, "timezone": timezone, "limits": limits()}
        return cast(Iterator[Chunk], _from_child("read_rows", arguments))
    return read_rows(path, mapping, ZoneInfo(timezone), limits())


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(HEADS)


def _from_child(name: str, arguments: dict[str, Any]) -> Iterator[Any]:
    """What the other process answers. When it dies on the way, the file was too costly."""
    child = subprocess.Popen(
        [sys.executable, "-m", "metrics.services.import_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        with child.stdin as requests:
            pickle.dump((name, arguments, MEMORY_BYTES, CPU_SECONDS[name]), requests)
        while True:
            try:
                kind, value = _Answers(child.stdout).load()
            except (EOFError, pickle.UnpicklingError) as error:
                raise TabularError("too_costly") from error
            if kind == "end":
                return
            if kind == "error":
                raise _error(*value)
            yield value
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def _error(class_name: str, code: str, params: dict[str, Any]) -> TabularError:
    return (MappingError if class_name == "MappingError" else TabularError)(code, **params)


class _Answers(pickle.Unpickler):
    """Unpickles plain values and the engine's results only: the other process has read a stranger's file."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in ALLOWED:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")
