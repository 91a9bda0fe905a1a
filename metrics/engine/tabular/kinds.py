"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import re

from .errors import TabularError

HEAD = 4096

# Signature to the word used in the refusal. Order matters only where one begins with another.
_REFUSED = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3", "database"),
    (b"\x7fELF", "program"),
    (b"MZ\x90", "program"),
    (b"{\\rtf", "document"),
)
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|table|script)\b", re.I | re.S)
_XML = re.compile(rb"\s*<(\?xml|svg)\b", re.I)
_JSON = re.compile(rb'\s*(\{\s*"|\[\s*[\[{])')
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def kind_of(head: bytes) -> str:
    """Return `csv`, `gzip`, `zip` or `ole`; raise TabularError for what is certainly no table.

    head: the first bytes (up to HEAD). `zip` and `ole` are only candidates for XLSX and XLS.
    """
    if not head:
        raise TabularError("empty_file")
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    for signature, what in _REFUSED:
        if head.startswith(signature):
            raise TabularError("wrong_kind", kind=what)
    if head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        raise TabularError("wrong_kind", kind="image" if head[8:12] == b"WEBP" else "media")
    _refuse_markup(head)
    return "csv"


def _refuse_markup(head: bytes) -> None:
    plain = head.replace(b"\x00", b"") if head.startswith(_UTF16_BOMS) else head.removeprefix(b"\xef\xbb\xbf")
    plain = plain[2:] if head.startswith(_UTF16_BOMS) else plain
    if _HTML.match(plain):
        raise TabularError("wrong_kind", kind="html")
    if _XML.match(plain):
        raise TabularError("wrong_kind", kind="xml")
    if _JSON.match(plain):
        raise TabularError("wrong_kind", kind="json")
