"""Counted byte streams: no file grows past its limit while it is read, and no line is endless."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from .errors import TabularError
from .limits import Limits

Source = str | PathLike[str] | BinaryIO
BLOCK = 1 << 18


class CountedStream(io.RawIOBase):
    """Read-only view of `inner` that raises TabularError past `max_bytes` or past `max_line` bytes in one line.

    Damaged compression also ends in a TabularError, wherever in the file it is met.
    """

    def __init__(self, inner: BinaryIO | gzip.GzipFile, limits: Limits) -> None:
        self._inner = inner
        self._limits = limits
        self._total = 0
        self._unbroken = 0

    def readable(self) -> bool:
        """Always true; io asks."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`, counting."""
        try:
            data = self._inner.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as broken:
            raise TabularError("gzip_broken") from broken
        self._count(data)
        buffer[: len(data)] = data
        return len(data)

    def _count(self, data: bytes) -> None:
        self._total += len(data)
        if self._total > self._limits.max_bytes:
            raise TabularError("file_too_large", limit=self._limits.max_bytes)
        last_break = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._unbroken = len(data) - 1 - last_break if last_break >= 0 else self._unbroken + len(data)
        if self._unbroken > self._limits.max_line:
            raise TabularError("line_too_long", limit=self._limits.max_line)


@contextmanager
def open_binary(source: Source) -> Iterator[BinaryIO]:
    """Open a path, or rewind a seekable binary file and leave it open afterwards."""
    if isinstance(source, str | PathLike):
        with Path(source).open("rb") as file:
            yield file
    else:
        source.seek(0)
        yield source


@contextmanager
def open_plain(source: Source, limits: Limits, *, gzipped: bool) -> Iterator[io.BufferedReader]:
    """The bytes of a text file, decompressed if `gzipped`, counted against `limits`."""
    with open_binary(source) as file:
        inner = gzip.GzipFile(fileobj=file, mode="rb") if gzipped else file
        yield io.BufferedReader(CountedStream(inner, limits), BLOCK)
