"""Makes `.venv` and installs the locked packages on a first start. Standard library only: nothing else is there yet.

`manage.py` calls `ensure_packages` before Django. It returns at once where the packages are there, in a container or an
environment of the user's own too; otherwise it installs them and starts the same command again inside `.venv`.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED_BYTES = 1500 * 1024 * 1024
NO_NETWORK = "The packages could not be downloaded. Check the network and pip's proxy settings, then start again."
# What pip says, and what it means for the person who starts.
WORDS_OF_PIP = {
    "No space left on device": "The disk is full. Make room for about 1.5 GB, then start again.",
    "DO NOT MATCH THE HASHES": "A downloaded package is not the locked one: something on the way changes files.",
    "name resolution": NO_NETWORK,
    "Max retries exceeded": NO_NETWORK,
    "Failed to establish a new connection": NO_NETWORK,
    "Read timed out": NO_NETWORK,
    "Network is unreachable": NO_NETWORK,
    "No matching distribution": NO_NETWORK,
}


class CannotInstall(Exception):
    """The packages cannot be installed; the message says what to do."""


@dataclass(frozen=True)
class Need:
    """What a command needs: a lock file, and modules whose presence shows that it is installed."""

    lock: str
    modules: tuple[str, ...]
    contained_in: tuple[str, ...] = ()

    def is_importable(self) -> bool:
        """Whether this interpreter has the packages, whoever installed them."""
        return all(importlib.util.find_spec(name) is not None for name in self.modules)


SERVING = Need("requirements-local.lock", ("django", "psycopg2", "celery"), contained_in=("requirements-dev.lock",))
TESTING = Need("requirements-dev.lock", ("django", "psycopg2", "celery", "pytest", "ruff"))


def ensure_packages(arguments: Sequence[str]) -> None:
    """Return when the packages of the command are importable, or replace this process by one that has them."""
    need = TESTING if arguments[1:2] == ["test"] else SERVING
    environment = VirtualEnvironment(ROOT / ".venv")
    if environment.is_ours():
        if environment.has(need):
            return
    elif need.is_importable():
        return
    try:
        if os.name != "posix":
            raise CannotInstall("Ops Platform runs on Linux and macOS. On Windows use WSL or docker compose.")
        with _one_at_a_time():
            if not environment.has(need):
                environment.install(need)
    except CannotInstall as reason:
        sys.exit(f"{reason}")
    os.execv(environment.python, [str(environment.python), *arguments])  # noqa: S606 - our own interpreter


class VirtualEnvironment:
    """A folder made by `venv`, with a note of the locks that were installed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self._note = folder / "installed.json"

    def is_ours(self) -> bool:
        """Whether this process runs inside it."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def has(self, need: Need) -> bool:
        """Whether the present lock of `need` is installed."""
        if not self.python.exists() or not self._note.exists():
            return False
        installed = json.loads(self._note.read_text())
        return any(installed[lock] == _digest(lock) for lock in (need.lock, *need.contained_in) if lock in installed)

    def install(self, need: Need) -> None:
        """Install the lock of `need`, making the environment first where it is missing. Raises CannotInstall."""
        free = shutil.disk_usage(self.folder.parent).free
        if not self.python.exists():
            if free < NEEDED_BYTES:
                raise CannotInstall(
                    f"Only {free // 2**20} MiB are free in {self.folder.parent}; the packages need "
                    f"{NEEDED_BYTES // 2**20} MiB. Make room, then start again."
                )
            self._make()
        _say(f"Installing the packages of {need.lock}; once, a minute or two.")
        _pip(self.python, ROOT / need.lock)
        installed = json.loads(self._note.read_text()) if self._note.exists() else {}
        self._note.write_text(json.dumps({**installed, need.lock: _digest(need.lock)}))

    def _make(self) -> None:
        if not _has_venv():
            raise CannotInstall(
                "This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv. "
                "Elsewhere install a complete Python 3.11 or newer. Then start again."
            )
        _say(f"Making {self.folder}.")
        shutil.rmtree(self.folder, ignore_errors=True)
        command = [sys.executable, "-m", "venv", str(self.folder)]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise CannotInstall(_explain(f"{made.stdout}\n{made.stderr}"))


def _has_venv() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def _pip(python: Path, lock: Path) -> None:
    command = [
        str(python), "-m", "pip", "install", "--require-hashes", "--no-input", "--disable-pip-version-check",
        "--progress-bar=off", "-r", str(lock),
    ]  # fmt: skip
    total = len(re.findall(r"^[a-z0-9][^\s]*==", lock.read_text(), flags=re.MULTILINE | re.IGNORECASE))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    lines: list[str] = []
    seen = 0
    for line in process.stdout or ():
        lines.append(line)
        if line.startswith("Collecting "):
            seen += 1
            _show(seen, total, line.split()[1].partition("==")[0])
        elif line.startswith("Installing collected packages"):
            _say("Unpacking them.")
    if process.wait():
        raise CannotInstall(_explain("".join(lines)))


def _explain(output: str) -> str:
    """pip's last words, after a sentence where we know what they mean."""
    last = "\n".join(output.strip().splitlines()[-12:])
    for words, sentence in WORDS_OF_PIP.items():
        if words in output:
            return f"{last}\n\n{sentence}"
    return f"{last}\n\nThe packages could not be installed; the lines above say why."


def _show(seen: int, total: int, name: str) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{seen} of {total}: {name}")
        sys.stdout.flush()
    elif seen % 25 == 0:
        _say(f"{seen} of {total}")


def _say(text: str) -> None:
    sys.stdout.write("\r\033[K" if sys.stdout.isatty() else "")
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two first starts at once would write into one folder: the second waits, then finds everything done."""
    import fcntl  # not on Windows, where the sentence above has been said

    folder = ROOT / "var"
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / "bootstrap.lock").open("w")
    except OSError as error:
        raise CannotInstall(
            f"{folder} cannot be written: {error.strerror}. Clone into a folder of your own."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another start is installing the packages; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
