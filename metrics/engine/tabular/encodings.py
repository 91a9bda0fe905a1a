"""Which encoding a text file is in, decided by all of its bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from .errors import TabularError

ESCAPE = "tabular-escape"
# What a mapping may name. UTF-7, punycode, rot13 and the like decode to surprises and are not on the list.
KNOWN = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "gb18030",
    "big5",
    "cp1252",
    "cp1250",
    "cp1251",
    "latin-1",
    "shift_jis",
    "euc-kr",
)

_HIGH = bytes(range(0x80, 0x100))
_GB2312_RUN = re.compile(rb"(?:[\xb0-\xf7\xa1-\xa9][\xa1-\xfe])+")
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 26})


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Keep undecodable bytes as lone surrogates, for any codec (surrogateescape cannot do UTF-16)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(ESCAPE, _escape)


class EncodingVote:
    """Feed it the file in blocks; `decide` names the codec.

    UTF-8 is tried strictly over the whole file, so an accent in the last line still counts. Of the rest, GB18030
    and Windows-1252 are told apart by how many high bytes stand in pairs of the common Chinese plane: an accented
    Latin letter stands alone between ASCII letters.
    """

    def __init__(self, head: bytes) -> None:
        self._marked = _marked_or_wide(head)
        self._utf8 = codecs.getincrementaldecoder("utf-8")("strict")
        self._utf8_ok = True
        self._high = self._paired = self._sequences = self._nul = self._control = self._size = 0

    def feed(self, block: bytes) -> None:
        """Count one block."""
        self._size += len(block)
        if self._marked and self._marked.startswith("utf-16"):
            return
        self._nul += block.count(0)
        self._control += len(block) - len(block.translate(None, _CONTROLS))
        if self._utf8_ok:
            self._utf8_ok = _decodes(self._utf8, block)
        if block.isascii():
            return
        self._high += len(block) - len(block.translate(None, _HIGH))
        self._sequences += sum(map(len, _UTF8_SEQUENCE.findall(block)))
        self._paired += sum(map(len, _GB2312_RUN.findall(block)))

    def decide(self) -> str:
        """The codec name. Raises TabularError for what is no text."""
        if self._marked:
            return self._marked
        if self._nul + self._control > max(8, self._size // 50):
            raise TabularError("wrong_kind", kind="binary")
        if (self._utf8_ok and _decodes(self._utf8, b"", final=True)) or self._sequences > 0.9 * self._high:
            return "utf-8"  # in the second case a few bytes are damaged: their cells are refused, not the file
        if self._paired > 0.8 * self._high:
            return "gb18030"
        return "cp1252"


def detect_encoding(blocks: Iterable[bytes], head: bytes) -> str:
    """Name the codec of the text in `blocks`; `head` is its beginning."""
    vote = EncodingVote(head)
    for block in blocks:
        vote.feed(block)
    return vote.decide()


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _marked_or_wide(head: bytes) -> str:
    """The codec a byte order mark names, or UTF-16 told by zero bytes on one side of most pairs; else ""."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise TabularError("unknown_encoding", encoding="utf-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0::2], head[1::2]
    if len(head) < 4 or not odd:
        return ""
    # Separators and line ends are ASCII even in a Chinese table, and ASCII text has no zero byte at all.
    zero_even, zero_odd = even.count(0) / len(even), odd.count(0) / len(odd)
    if zero_odd > 0.1 and zero_even < 0.01:
        return "utf-16-le" if _reads_as(head, "utf-16-le") else ""
    if zero_even > 0.1 and zero_odd < 0.01:
        return "utf-16-be" if _reads_as(head, "utf-16-be") else ""
    return ""


def _reads_as(head: bytes, codec: str) -> bool:
    text = head[: len(head) // 2 * 2].decode(codec, ESCAPE)
    odd = sum(1 for char in text if not (char.isprintable() or char in "\t\r\n\u3000\xa0"))
    return odd <= len(text) // 50
