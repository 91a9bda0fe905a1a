"""PostgreSQL's own programs, from the wheel or from the system."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ops_platform.embedded.postgres import PostgresUnavailable, find_binaries


class ProgramFailed(RuntimeError):
    """pg_dump or pg_restore ended with an error; the message holds its own words."""


def find(name: str, *, server: int) -> str:
    """The program called `name` that understands a server of this major version. Raises PostgresUnavailable."""
    found: list[Path] = []
    with contextlib.suppress(PostgresUnavailable):
        found.append(find_binaries() / name)
    if on_path := shutil.which(name):
        found.append(Path(on_path))
    for program in found:
        if program.exists() and _major(program) >= server:
            return str(program)
    raise PostgresUnavailable(
        f"There is no {name} for PostgreSQL {server} here. Install PostgreSQL's client programs, or set POSTGRES_BIN."
    )


def run(command: Sequence[str], **options: object) -> bytes:
    """What the program writes. Raises ProgramFailed."""
    done = subprocess.run(  # type: ignore[call-overload]  # options are passed on
        command, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}, **options
    )
    if done.returncode:
        raise ProgramFailed(done.stderr.decode(errors="replace").strip())
    return done.stdout


def _major(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)(?:\.\d+)*", said)
    return int(found[1]) if found else 0
