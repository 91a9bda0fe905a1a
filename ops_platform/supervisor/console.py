"""One log for all processes: each line carries the name of the process that wrote it."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import IO

WIDTH = 8


class Console:
    """Writes whole lines, so that two processes never mix within one."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()

    def say(self, text: str, *, source: str = "run") -> None:
        """Write each line of `text` under the name of its source."""
        with self._lock, contextlib.suppress(BrokenPipeError, ValueError):  # the terminal may be gone already
            for line in text.splitlines() or [""]:
                self._stream.write(f"{source:<{WIDTH}} | {line}\n" if source else f"{line}\n")
            self._stream.flush()

    def follow(self, lines: Iterable[str], source: str, *, skipping: Sequence[str] = ()) -> threading.Thread:
        """Copy a process's output until it ends, leaving out lines that begin with one of `skipping`."""
        thread = threading.Thread(target=self._copy, args=(lines, source, tuple(skipping)), daemon=True)
        thread.start()
        return thread

    def _copy(self, lines: Iterable[str], source: str, skipping: tuple[str, ...]) -> None:
        with contextlib.suppress(ValueError, OSError):  # the pipe is closed when the process is gone
            for line in lines:
                if not line.startswith(skipping):
                    self.say(line.rstrip("\n"), source=source)
