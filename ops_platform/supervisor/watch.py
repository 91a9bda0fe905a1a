"""Keeps programs running: one that ends is started again, later each time, and the log says so."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from ops_platform.supervisor.children import Children, Program
from ops_platform.supervisor.console import Console

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
# A process that lived this long was healthy: its next failure counts as the first.
HEALTHY_AFTER = 60.0


@dataclass
class Watched:
    """One program and its present process."""

    program: Program
    process: subprocess.Popen[str]
    started: float
    failures: int = 0
    restart_at: float | None = None


class Watch:
    """Starts programs under one `Children` and restarts those that die. Call `look()` again and again."""

    def __init__(self, children: Children, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._children, self._console, self._clock = children, console, clock
        self._watched: dict[str, Watched] = {}

    def start(self, program: Program) -> None:
        """Start `program` and keep it running."""
        self._watched[program.name] = Watched(program, self._launch(program), self._clock())

    def pid(self, name: str) -> int:
        """The process id that `name` has now."""
        return self._watched[name].process.pid

    def look(self) -> None:
        """Restart what has died and is due."""
        for watched in self._watched.values():
            if watched.restart_at is None and watched.process.poll() is not None:
                self._note_end(watched)
            elif watched.restart_at is not None and self._clock() >= watched.restart_at:
                watched.process, watched.started, watched.restart_at = (
                    self._launch(watched.program),
                    self._clock(),
                    None,
                )

    def _launch(self, program: Program) -> subprocess.Popen[str]:
        process = self._children.start(program, output=subprocess.PIPE)
        if process.stdout:
            self._console.follow(process.stdout, program.name, skipping=program.unspoken)
        return process

    def _note_end(self, watched: Watched) -> None:
        self._children.forget(watched.process)
        lived = self._clock() - watched.started
        watched.failures = 1 if lived > HEALTHY_AFTER else watched.failures + 1
        delay = min(FIRST_DELAY * 2 ** (watched.failures - 1), LONGEST_DELAY)
        watched.restart_at = self._clock() + delay
        self._console.say(
            f"{watched.program.name} {_ending(watched.process.returncode)} after {lived:.0f} s; "
            f"starting it again in {delay:g} s."
        )


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with status {code}"
