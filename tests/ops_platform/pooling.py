"""PgBouncer in transaction mode before the test database, as a real process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from ops_platform.embedded.account import server_account
from ops_platform.testing.services import APP, DISPATCHER, MIGRATOR, PASSWORD

CONFIGURATION = """
[databases]
* = host={sockets} port=5432
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
server_login_retry = 1
"""


@contextmanager
def pgbouncer(folder: Path, *, size: int, host: str = "127.0.0.1") -> Iterator[dict[str, str]]:
    """Environment of a program that reaches the test database through a pool of `size` connections a role."""
    binary = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        pytest.skip("PgBouncer is not installed (Debian: apt install pgbouncer).")
    url = urlsplit(os.environ["DATABASE_URL"])
    sockets = parse_qs(url.query)["host"][0]
    port = free_port(host)
    (folder / "users.txt").write_text("".join(f'"{role}" "{PASSWORD}"\n' for role in (APP, DISPATCHER, MIGRATOR)))
    text = CONFIGURATION.format(sockets=sockets, port=port, folder=folder, size=size, host=host)
    (folder / "pgbouncer.ini").write_text(text)
    account = server_account(folder)
    for path in (folder, *folder.iterdir()):
        if account.owner:
            os.chown(path, *account.owner)
    process = subprocess.Popen(
        [*account.prefix, binary, "-q", str(folder / "pgbouncer.ini")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        _wait(host, port, process)
        name = settings.DATABASES["default"]["NAME"]
        yield {
            "DATABASE_URL": f"postgresql://{APP}:{PASSWORD}@{host}:{port}/{name}",
            "DISPATCHER_DATABASE_URL": f"postgresql://{DISPATCHER}:{PASSWORD}@{host}:{port}/{name}",
            "PGBOUNCER": "1",
        }
    finally:
        process.terminate()
        process.communicate(timeout=10)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _wait(host: str, port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"PgBouncer ended: {process.communicate()[0].decode()}")
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("PgBouncer did not start.")
