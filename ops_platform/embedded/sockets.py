"""A folder for Unix sockets whose path the kernel accepts."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing zero included.
LONGEST_SOCKET_PATH = 103
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"


def socket_folder(data_dir: Path) -> Path:
    """The private folder for the sockets of the servers under `data_dir`: inside it, or under the system's temporary
    folder when that path would be too long for a socket. The same `data_dir` always gives the same folder."""
    inside = data_dir.resolve() / "run"
    if len(os.fsencode(str(inside) + LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(str(data_dir.resolve()))).hexdigest()[:16]
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 - the folder is private and checked
    if len(os.fsencode(str(base))) > 60 or not os.access(base, os.W_OK):
        base = Path(tempfile.gettempdir())
    return base / f"ops-{os.getuid()}-{digest}"


def private_folder(path: Path, *, owner: tuple[int, int] | None = None) -> Path:
    """Make `path` a folder that only its owner may enter. Raises PermissionError when somebody else holds that name."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    allowed = {os.getuid(), owner[0] if owner else os.getuid()}
    if path.is_symlink() or path.stat().st_uid not in allowed:
        raise PermissionError(f"{path} belongs to another user; remove it or set DATA_DIR to another folder.")
    if owner is not None:
        os.chown(path, *owner)
    path.chmod(0o700)
    return path
