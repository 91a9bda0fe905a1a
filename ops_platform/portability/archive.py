"""The file: a zip with a manifest, a CSV of every table, and the stored files. docs/portability.md describes it."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from ops_platform.portability.members import ArchiveRefused, examine, shown

__all__ = ["ArchiveReader", "ArchiveRefused", "ArchiveWriter", "Manifest", "Part", "damaged"]

FORMAT, VERSION = "ops-platform organization", 1
MANIFEST, README = "manifest.json", "README.txt"
CHUNK = 1 << 20
MOST_MANIFEST_BYTES = 256 << 20
# What zipfile raises for a file that is cut, changed, or from the future; NotImplementedError is a RuntimeError
UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)


@dataclass
class Part:
    """One member of the zip. name: the table, or where the file was stored; size: rows, or bytes."""

    name: str
    member: str
    size: int = 0
    sha256: str = ""
    columns: list[str] = field(default_factory=list)
    first: int | None = None
    last: int | None = None


@dataclass
class Manifest:
    """What an archive holds. left_out: what it does not, with the reason."""

    organization: dict[str, Any]
    made_at: str
    schema: str
    trail: dict[str, Any]
    tables: list[Part] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    format: str = FORMAT
    version: int = VERSION


class Hashed:
    """Passes bytes on to a sink (or to nowhere) in large pieces, and knows their SHA-256, number and calls.

    COPY hands over a row a call, so `calls` counts rows and the header. note: told the number of calls now and then.
    """

    def __init__(self, sink: Any = None, note: Callable[[int], None] | None = None) -> None:
        self._sink, self._note = sink, note
        self._hash = hashlib.sha256()
        self._waiting = bytearray()
        self.size = self.calls = 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        self.calls += 1
        if len(self._waiting) >= CHUNK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Pass on what waits."""
        piece = bytes(self._waiting)
        self._waiting.clear()
        self._hash.update(piece)
        self.size += len(piece)
        if self._sink is not None:
            self._sink.write(piece)
        if self._note:
            self._note(self.calls)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class ArchiveWriter:
    """Writes members one after the other, in flat memory; the manifest comes last."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3)

    @contextmanager
    def member(self, part: Part, note: Callable[[int], None] | None = None) -> Iterator[Hashed]:
        """Where the bytes of one member go; its checksum stands in `part` afterwards."""
        with self._zip.open(part.member, "w", force_zip64=True) as sink:
            hashed = Hashed(sink, note)
            yield hashed
            hashed.flush()
        part.sha256 = hashed.sha256

    def finish(self, manifest: Manifest, readme: str) -> None:
        """Write what describes the rest, and close the file."""
        self._zip.writestr(README, readme)
        self._zip.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1, ensure_ascii=False))
        self._zip.close()


class ArchiveReader:
    """An archive that was opened and understood. Raises ArchiveRefused wherever it is not what it should be."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            examine(self._zip.infolist())
            info = self._zip.getinfo(MANIFEST)
            if info.file_size > MOST_MANIFEST_BYTES:
                raise ArchiveRefused(_("This file is no archive of an organization."))
            text = self._zip.read(MANIFEST)
        except (*UNREADABLE, KeyError) as error:
            raise ArchiveRefused(
                _("This file is no archive of an organization, or it is not complete. Copy it again.")
            ) from error
        values = _described(text)
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise ArchiveRefused(_("This file is no archive of an organization."))
        if values.get("version") != VERSION:
            raise ArchiveRefused(
                _("The archive has format %(theirs)s; this installation reads format %(ours)s.")
                % {"theirs": values.get("version"), "ours": VERSION}
            )
        try:
            parts: dict[str, Any] = {name: [Part(**part) for part in values.pop(name)] for name in ("tables", "files")}
            self.manifest = Manifest(**values, **parts)
        except (TypeError, KeyError, AttributeError) as error:
            raise ArchiveRefused(_("The description inside the archive is damaged.")) from error
        self._understand()

    def _understand(self) -> None:
        """Refuse a description that does not say what it should, or names a member that is not there, or two."""
        manifest, parts = self.manifest, (*self.manifest.tables, *self.manifest.files)
        whole = {"id": int, "slug": str}, {"count": int, "last_hash": str}
        said = zip((manifest.organization, manifest.trail), whole, strict=True)
        is_plain = all(
            isinstance(facts, dict) and all(type(facts.get(key)) is kind for key, kind in kinds.items())
            for facts, kinds in said
        )
        if not is_plain or not all(map(_is_whole, parts)):
            raise ArchiveRefused(_("The description inside the archive is damaged."))
        there, seen = set(self._zip.namelist()), set[str]()
        for part in parts:
            if part.member not in there:
                raise ArchiveRefused(_("The part %(member)s is missing.") % {"member": shown(part.member)})
            if part.member in seen:
                raise ArchiveRefused(_("The archive holds the part %(member)s twice.") % {"member": shown(part.member)})
            seen.add(part.member)

    def check(self, note: Callable[[int], None] | None = None) -> None:
        """Read every member once and compare it with its checksum. Raises ArchiveRefused."""
        for part in (*self.manifest.tables, *self.manifest.files):
            hashed = Hashed(note=note)
            with self.open(part) as source:
                try:
                    while chunk := source.read(CHUNK):
                        hashed.write(chunk)
                except UNREADABLE as error:
                    raise damaged(part) from error
            hashed.flush()
            if hashed.sha256 != part.sha256:
                raise damaged(part)

    @contextmanager
    def open(self, part: Part) -> Iterator[IO[bytes]]:
        """The bytes of one member."""
        try:
            source = self._zip.open(part.member)
        except (*UNREADABLE, KeyError) as error:
            raise damaged(part) from error
        with source:
            yield source


def _described(text: bytes) -> Any:
    facts = {"member": MANIFEST}
    try:
        return json.loads(text.decode())
    except RecursionError as error:
        raise ArchiveRefused(_("The part %(member)s is nested too deeply.") % facts) from error
    except UnicodeDecodeError as error:
        raise ArchiveRefused(_("The part %(member)s is not written in UTF-8.") % facts) from error
    except ValueError as error:
        raise ArchiveRefused(_("The part %(member)s is not written in JSON.") % facts) from error


def _is_whole(part: Part) -> bool:
    """Whether everything in it is of the kind that it should be."""
    texts = (part.name, part.member, part.sha256, *part.columns) if isinstance(part.columns, list) else (None,)
    numbers = (part.size, part.first or 0, part.last or 0)
    return all(type(text) is str for text in texts) and all(type(number) is int for number in numbers)


def damaged(part: Part) -> ArchiveRefused:
    """The refusal that names the damaged part."""
    return ArchiveRefused(
        _("The archive is damaged: %(part)s is not what was written. Copy the file again.") % {"part": shown(part.name)}
    )
