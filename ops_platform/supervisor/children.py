"""Starting and ending child processes so that none outlives its parent."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ops_platform.supervisor import leash

ROOT = Path(__file__).resolve().parents[2]
SERVICE, APPLICATION = 0, 1
ORPHAN_GRACE = 2.0


@dataclass(frozen=True)
class Program:
    """One command to keep running. Applications are stopped before the services they use.

    `environment` replaces ours; lines of its output that begin with one of `unspoken` stay out of the log.
    """

    name: str
    command: tuple[str, ...]
    rank: int = APPLICATION
    stop_signal: int = signal.SIGTERM
    grace: float = 15.0
    environment: Mapping[str, str] | None = None
    unspoken: tuple[str, ...] = ()


class Children:
    """The running programs of one parent. Use it as a context: leaving it ends them all."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[Program, subprocess.Popen[str]]] = {}
        self._leash = subprocess.Popen(
            [sys.executable, "-S", "-E", str(Path(leash.__file__))],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd="/",
        )

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, program: Program, *, output: int | IO[Any] | None = None) -> subprocess.Popen[str]:
        """Run `program` in a process group of its own, out of reach of the terminal's Ctrl-C."""
        process = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            env=program.environment,
            cwd=ROOT,
            start_new_session=True,
            text=True,
            errors="replace",
            bufsize=1,
        )
        self._running[process.pid] = (program, process)
        # With us gone, what a program prints on its way out breaks its pipe, and it may hang: less patience then.
        grace = min(program.grace, ORPHAN_GRACE) if program.rank == APPLICATION else program.grace
        self._tell(start=[process.pid, program.stop_signal, grace, program.rank])
        return process

    def forget(self, process: subprocess.Popen[str]) -> None:
        """Note that `process` has ended, and end what it left in its group."""
        leash.stop_in_order([leash.Entry(process.pid, signal.SIGTERM, 0, 0)], lambda _: False)
        self._running.pop(process.pid, None)
        self._tell(end=process.pid)

    def remove_folder_at_end(self, folder: Path) -> None:
        """Have `folder` removed once every program has ended, however this process dies."""
        self._tell(remove=str(folder))

    def stop(self) -> None:
        """End all programs in order and wait for them."""
        entries = [
            leash.Entry(pid, program.stop_signal, program.grace, program.rank)
            for pid, (program, _) in self._running.items()
        ]
        leash.stop_in_order(entries, self._is_running)
        for _, process in self._running.values():
            process.wait()
        for pid in list(self._running):
            self._running.pop(pid)
            self._tell(end=pid)
        if self._leash.stdin and not self._leash.stdin.closed:
            self._leash.stdin.close()
        self._leash.wait()

    def _is_running(self, pid: int) -> bool:
        return self._running[pid][1].poll() is None

    def _tell(self, **message: Any) -> None:
        if self._leash.stdin and not self._leash.stdin.closed and self._leash.poll() is None:
            self._leash.stdin.write(json.dumps(message) + "\n")
            self._leash.stdin.flush()
