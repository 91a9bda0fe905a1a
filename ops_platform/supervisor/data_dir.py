"""The folder of one installation: the lock that keeps it to one process tree, and its generated secrets."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import IO

SECRETS_FILE = "secrets.json"
NEEDED_BYTES = 300 * 1024 * 1024


class CannotStart(RuntimeError):
    """Starting is impossible; the message says why and what to do."""


def open_data_dir(folder: Path) -> IO[str]:
    """Make the folder and take its lock, which lives as long as the returned file. Raises CannotStart."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise CannotStart(f"The data folder {folder} cannot be written ({error.strerror}). Set DATA_DIR.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise CannotStart(
            f"Ops Platform is already running with the data folder {folder} (process {holder}). "
            "Stop that one, or set DATA_DIR to another folder."
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        lock.close()
        raise CannotStart(
            f"Only {free // 2**20} MiB are free for {folder}; at least {NEEDED_BYTES // 2**20} MiB are needed. "
            "Make room, or set DATA_DIR to a folder on another disk."
        )
    return lock


class Secrets:
    """Passwords and keys that were made up on first use and stay the same: a file that only the owner can read."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / SECRETS_FILE
        self._values: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def get(self, name: str) -> str:
        """The secret called `name`."""
        if name not in self._values:
            self._values[name] = secrets.token_urlsafe(48)
            self._save()
        return self._values[name]

    def _save(self) -> None:
        write_private(self._path, json.dumps(self._values, indent=2))


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read; it is there whole or not at all."""
    partial = path.with_name(f"{path.name}.part")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
