"""Ends every child when the parent is gone, even by `kill -9`. Run as a program of its own; standard library only.

The parent writes one JSON line for each process that starts or ends. When the pipe closes, the parent has died, and the
leash does what it would have done: stop the processes in their order, then remove the folders it was told to remove.
A pipe works on every system and for every kind of death; Linux' parent-death signal is lost when a child changes its
user.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    """One process group to end: higher ranks go first, `stop_signal` comes `grace` seconds before SIGKILL."""

    pid: int
    stop_signal: int
    grace: float
    rank: int


def stop_in_order(entries: Iterable[Entry], is_alive: Callable[[int], bool]) -> None:
    """End the processes rank by rank, and whatever is left of each one's process group."""
    waiting = list(entries)
    for rank in sorted({entry.rank for entry in waiting}, reverse=True):
        group = [entry for entry in waiting if entry.rank == rank]
        for entry in group:
            _send(os.kill, entry.pid, entry.stop_signal)
        began = time.monotonic()
        while True:
            passed = time.monotonic() - began
            if not any(passed < entry.grace and is_alive(entry.pid) for entry in group):
                break
            time.sleep(0.02)
        for entry in group:
            _send(os.killpg, entry.pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether the process still runs; a zombie that nobody has collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True


def _send(deliver: Callable[[int, int], None], pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # it may have ended already
        deliver(pid, number)


def main() -> None:
    """Read what the parent says until it is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    entries: dict[int, Entry] = {}
    folders: list[str] = []
    for line in sys.stdin:
        message = json.loads(line)
        if "start" in message:
            entry = Entry(*message["start"])
            entries[entry.pid] = entry
        elif "remove" in message:
            folders.append(message["remove"])
        else:
            entries.pop(message["end"], None)
    stop_in_order(entries.values(), is_alive)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
