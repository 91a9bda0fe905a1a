"""What a file is, by its content. The name and type that people send are not believed."""

import zipfile
from dataclasses import dataclass
from io import BytesIO

MOST_ENTRIES = 1_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 100
SNIFFED = 2_048
# What a browser might run: refused even as text, since somebody may open the saved file.
ACTIVE_STARTS = ("<!doctype", "<html", "<svg", "<?xml", "<script", "<head", "<body", "<iframe", "<math")


class UnknownFile(ValueError):
    """The content is of no kind that is accepted."""


@dataclass(frozen=True)
class FileType:
    """A kind of file: its media type, our extension, and whether it is an image to be drawn anew."""

    content_type: str
    extension: str
    is_image: bool = False


JPEG = FileType("image/jpeg", ".jpg", is_image=True)
PNG = FileType("image/png", ".png", is_image=True)
WEBP = FileType("image/webp", ".webp", is_image=True)
PDF = FileType("application/pdf", ".pdf")
TEXT = FileType("text/plain", ".txt")
OFFICE = {
    "word/document.xml": FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/workbook.xml": FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "ppt/presentation.xml": FileType(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"
    ),
}


def file_type(content: bytes) -> FileType:
    """The type of `content`: JPEG, PNG, WebP, PDF, an Office file without macros, or plain text. Raises UnknownFile."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _text(content)


def _office(content: bytes) -> FileType:
    try:
        entries = zipfile.ZipFile(BytesIO(content)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
        raise UnknownFile("a broken archive") from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * len(content):
        raise UnknownFile("an archive that unpacks to too much")
    names = {entry.filename for entry in entries}
    if any("vbaproject" in name.lower() for name in names):
        raise UnknownFile("a document with macros")
    for marker, kind in OFFICE.items():
        if marker in names and "[Content_Types].xml" in names:
            return kind
    raise UnknownFile("an archive")


def _text(content: bytes) -> FileType:
    if b"\0" in content:
        raise UnknownFile("binary data")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        start = text[:SNIFFED].lstrip("\ufeff \t\r\n\f").lower()
        if start.startswith("<!--") or any(mark in start for mark in ACTIVE_STARTS):
            raise UnknownFile("a page or drawing that a browser would run")
        return TEXT
    raise UnknownFile("binary data")
