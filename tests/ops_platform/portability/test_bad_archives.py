"""Archives that somebody has made to do harm, or that a bad disk has changed: refused by name, before anything is written."""

from __future__ import annotations

import hashlib
import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops_platform.portability import members
from ops_platform.portability.archive import MANIFEST, ArchiveReader, ArchiveRefused
from ops_platform.portability.arrival import import_archive
from organization.models import Organization
from tests.ops_platform.portability.common import AS_OF, archive_of, counts
from tests.ops_platform.portability.test_refusals import changed, in_manifest, there

__all__ = ["there"]
WHOLE = {
    "organization": {"id": 1, "slug": "a", "name": "A", "name_zh": ""},
    "made_at": "2026-11-24T00:00:00Z",
    "schema": "0" * 64,
    "trail": {"count": 0, "last_hash": ""},
    "tables": [],
    "files": [],
    "left_out": {},
    "format": "ops-platform organization",
    "version": 1,
}


def made(
    path: Path, manifest: bytes = json.dumps(WHOLE).encode(), packed: int = zipfile.ZIP_DEFLATED, **more: bytes
) -> Path:
    """A zip with a manifest and other members; `tables__a` stands for `tables/a`."""
    with zipfile.ZipFile(path, "w", packed) as file:
        file.writestr(MANIFEST, manifest)
        for name, data in more.items():
            file.writestr(name.replace("__", "/"), data)
    return path


def named(path: Path, *names: str) -> Path:
    """A zip whose other members have these names, as they are."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as file:
        warnings.simplefilter("ignore")
        file.writestr(MANIFEST, json.dumps(WHOLE))
        for name in names:
            file.writestr(name, b"a")
    return path


def in_headers(path: Path, *, flags: int = 0, method: int | None = None) -> Path:
    """The same file with other flags or another method in both headers of the last member."""
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(mark) + offset
        old_flags, old_method = struct.unpack_from("<HH", data, at)
        struct.pack_into("<HH", data, at, old_flags | flags, old_method if method is None else method)
    path.write_bytes(bytes(data))
    return path


def cut(path: Path) -> Path:
    """The first bytes of a zip."""
    path.write_bytes(b"PK")
    return path


def described(**values: Any) -> bytes:
    return json.dumps(WHOLE | values).encode()


def part(**values: Any) -> dict[str, Any]:
    return {"name": "a", "member": "tables/a.csv", "size": 0, "sha256": ""} | values


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "lzma": (lambda path: made(path, packed=zipfile.ZIP_LZMA), "The part manifest.json is packed in a way"),
    "bzip2": (lambda path: made(path, packed=zipfile.ZIP_BZIP2), "The part manifest.json is packed in a way"),
    "unknown method": (
        lambda path: in_headers(made(path, tables__a=b"a"), method=97),
        "The part tables/a is packed in a way",
    ),
    "encrypted": (lambda path: in_headers(made(path, tables__a=b"a"), flags=1), "The part tables/a is encrypted."),
    "bomb": (lambda path: made(path, tables__a=bytes(20 << 20)), "The part tables/a would grow more than 300 times"),
    "name twice": (lambda path: named(path, "tables/a", "tables/a"), "The archive holds the part tables/a twice."),
    "up": (
        lambda path: named(path, "tables/../../a"),
        "The part tables/../../a of the archive has a name that leads elsewhere.",
    ),
    "root": (lambda path: named(path, "/etc/passwd"), "The part /etc/passwd of the archive has a name that leads"),
    "drive": (lambda path: named(path, "C:a"), "The part C:a of the archive has a name that leads elsewhere."),
    "backslash": (lambda path: named(path, "a\\..\\b"), "has a name that leads elsewhere."),
    "control": (lambda path: named(path, "a\x1b[2J"), "The part a\N{REPLACEMENT CHARACTER}[2J of the archive"),
    "deep": (lambda path: made(path, b"[" * 200_000), "The part manifest.json is nested too deeply."),
    "latin": (lambda path: made(path, "é".encode("latin-1")), "The part manifest.json is not written in UTF-8."),
    "no json": (lambda path: made(path, b"{"), "The part manifest.json is not written in JSON."),
    "no object": (lambda path: made(path, b"[]"), "This file is no archive of an organization."),
    "part of texts": (
        lambda path: made(path, described(tables=["a"])),
        "The description inside the archive is damaged.",
    ),
    "size as text": (lambda path: made(path, described(files=[part(size="1")])), "The description inside the archive"),
    "no slug": (lambda path: made(path, described(organization={"id": 1})), "The description inside the archive is"),
    "id as text": (lambda path: made(path, described(organization={"id": "1", "slug": "a"})), "The description inside"),
    "missing member": (lambda path: made(path, described(tables=[part()])), "The part tables/a.csv is missing."),
    "member for two": (
        lambda path: made(path, described(tables=[part(member="tables/a"), part(member="tables/a")]), tables__a=b""),
        "The archive holds the part tables/a twice.",
    ),
    "no zip": (
        cut,
        "This file is no archive of an organization, or it is not",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_o10_a_bad_archive_is_refused_with_a_sentence_that_names_the_part(case: str, tmp_path: Path) -> None:
    make, sentence = BAD[case]

    with pytest.raises(ArchiveRefused) as refused:
        ArchiveReader(make(tmp_path / "bad.zip")).check()

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("limit", "value", "sentence"),
    [
        ("MOST_MEMBERS", 2, "The archive has 3 parts; at most 2"),
        ("MOST_BYTES", 1, "Unpacked, the archive is larger than"),
    ],
)
def test_o10_the_number_and_the_whole_size_of_members_have_limits(
    limit: str, value: int, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, limit, value)

    with pytest.raises(ArchiveRefused, match=sentence):
        ArchiveReader(named(tmp_path / "many.zip", "a", "b"))


def test_o10_a_whole_archive_with_nothing_in_it_is_understood(tmp_path: Path) -> None:
    archive = ArchiveReader(made(tmp_path / "good.zip", README__txt=b"Hello"))

    archive.check()

    assert archive.manifest.organization["slug"] == "a"


def with_table(table: str, change: Callable[[bytes], bytes], source: Path, target: Path) -> Path:
    """A copy in which a table holds something else, with the checksum that belongs to it."""
    with zipfile.ZipFile(source) as file:
        data = change(file.read(f"tables/{table}.csv"))

    def swap(name: str, old: bytes) -> bytes:
        if name == f"tables/{table}.csv":
            return data
        if name == MANIFEST:
            manifest = json.loads(old)
            found = next(one for one in manifest["tables"] if one["name"] == table)
            found["sha256"] = hashlib.sha256(data).hexdigest()
            return json.dumps(manifest).encode()
        return old

    return changed(source, target, swap)


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        (
            "organization_department",
            lambda data: data.replace(b"Sales", b"S\xe9les"),
            "The part tables/organization_department.csv cannot be read:",
        ),
        ("users", lambda data: data.replace(b"@", b" at "), "in the list of people is no e-mail address."),
    ],
)
def test_o10_rows_that_cannot_be_read_are_refused_with_their_part(
    table: str, change: Callable[[bytes], bytes], sentence: str, there: Organization, tmp_path: Path
) -> None:
    archive_of(there, tmp_path / "all.zip")
    before = counts()
    wrong = with_table(table, change, tmp_path / "all.zip", tmp_path / "wrong.zip")

    with pytest.raises(ArchiveRefused) as refused:
        import_archive(wrong, slug="here", now=AS_OF)

    assert sentence in str(refused.value)
    assert counts() == before


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
@pytest.mark.parametrize("slug", ["a b", "<script>", "a" * 51, "../a"])
def test_o10_a_short_name_that_is_none_is_refused(slug: str, there: Organization, tmp_path: Path) -> None:
    archive_of(there, tmp_path / "all.zip")
    before = counts()
    facts = {"id": there.pk, "slug": slug, "name": "A", "name_zh": ""}
    wrong = changed(tmp_path / "all.zip", tmp_path / "wrong.zip", in_manifest(organization=facts))

    with pytest.raises(ArchiveRefused, match="cannot be a short name"):
        import_archive(wrong, now=AS_OF)

    assert counts() == before
