"""From nothing to a serving system, and back to nothing on Ctrl-C."""

from __future__ import annotations

import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

import psycopg2

from ops_platform.embedded.postgres import SUPERUSER, EmbeddedPostgres
from ops_platform.embedded.redis import embedded_redis
from ops_platform.embedded.sockets import socket_folder
from ops_platform.supervisor import beside
from ops_platform.supervisor.children import ROOT, SERVICE, Children, Program
from ops_platform.supervisor.console import Console
from ops_platform.supervisor.data_dir import CannotStart, Secrets, open_data_dir
from ops_platform.supervisor.databases import Databases, configured_databases, derived_databases
from ops_platform.supervisor.preparation import Preparation
from ops_platform.supervisor.programs import application_programs
from ops_platform.supervisor.watch import Watch

DATABASE = "ops"
START_SECONDS = 60
FIRST = """There is no organization yet. Found one, in another terminal:
  python3 manage.py found_organization "Your company" --owner you@example.org
"""
LOOK_EVERY = 0.2
# What servers say while all is well.
POSTGRES_SMALL_TALK = ("LOG:", "HINT:", "DETAIL:", "FATAL:  the database system is starting up")


class Stopped(BaseException):
    """The person or the system asked to stop."""


def run(environment: Mapping[str, str]) -> None:
    """Start everything and keep it running until SIGINT or SIGTERM. Raises CannotStart with a sentence."""
    console = Console()
    host, port = environment.get("HOST", "127.0.0.1"), _port(environment)
    data_dir = Path(environment.get("DATA_DIR") or ROOT / "var").resolve()
    _check_address(host, port)
    lock = open_data_dir(data_dir)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ask_to_stop)
    try:
        with lock, Children() as children:
            _run(environment, data_dir, children, console, address=(host, port))
    except Stopped:
        console.say("Stopped.")


def _run(
    environment: Mapping[str, str], data_dir: Path, children: Children, console: Console, *, address: tuple[str, int]
) -> None:
    watch = Watch(children, console)
    secrets = Secrets(data_dir)
    try:
        ours, databases = _start_services(environment, data_dir, secrets, watch, console)
        serving = _serving_environment(environment, ours, databases, data_dir, secrets, address)
        preparation = Preparation(serving, databases, children, console)
        preparation.files_and_tables()
        notes = preparation.sample_company(secrets) if _wants_sample(environment) else ""
        notes = notes or (FIRST if preparation.is_empty() else "")
        for program in application_programs(serving):
            watch.start(program)
        _wait(lambda: _answers(address), watch, "the web server")
        beside.publish(data_dir, serving, admin=databases.admin)
        _greet(console, address, notes)
        while True:
            watch.look()
            time.sleep(LOOK_EVERY)
    except Stopped:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        console.say("Stopping.")
        beside.withdraw(data_dir)
        raise


def _start_services(
    environment: Mapping[str, str], data_dir: Path, secrets: Secrets, watch: Watch, console: Console
) -> tuple[dict[str, str], Databases]:
    """Both servers, side by side. Returns the addresses for the children."""
    ours: dict[str, str] = {}
    sockets = socket_folder(data_dir)
    postgres = None
    if not environment.get("DATABASE_URL") and not environment.get("DATABASE_ADMIN_URL"):
        postgres = EmbeddedPostgres.in_folder(data_dir / "postgres", sockets=sockets)
        if not postgres.is_initialised:
            console.say(f"Making a PostgreSQL data folder in {postgres.folder}.")
            postgres.initialise(secrets.get("postgres"))
        watch.start(
            Program(
                "postgres",
                tuple(postgres.command()),
                rank=SERVICE,
                stop_signal=signal.SIGINT,
                grace=30,
                unspoken=POSTGRES_SMALL_TALK,
            )
        )
    if not environment.get("REDIS_URL"):
        redis = embedded_redis(data_dir, sockets)
        if redis.warning:
            console.say(redis.warning)
        watch.start(Program("redis", tuple(redis.command()), rank=SERVICE, unspoken=tuple("0123456789")))
        _wait(redis.is_ready, watch, "Redis")
        ours["REDIS_URL"] = redis.url
    if postgres is None:
        return ours, configured_databases(environment, secrets)
    password = secrets.get("postgres")
    _wait(lambda: postgres.is_ready(password), watch, "PostgreSQL")
    _ensure_database(postgres, password)
    return ours, derived_databases(postgres.url(SUPERUSER, password, DATABASE), secrets)


def _ensure_database(postgres: EmbeddedPostgres, password: str) -> None:
    connection = psycopg2.connect(postgres.url(SUPERUSER, password, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()


def _serving_environment(
    environment: Mapping[str, str],
    ours: Mapping[str, str],
    databases: Databases,
    data_dir: Path,
    secrets: Secrets,
    address: tuple[str, int],
) -> dict[str, str]:
    """What web, worker and beat see. The admin's address is not among it."""
    host, port = address
    serving = {
        "DJANGO_SETTINGS_MODULE": "ops_platform.settings",
        "LOG_FORMAT": "console",
        **environment,
        **ours,
        "DATABASE_URL": databases.app,
        "DISPATCHER_DATABASE_URL": databases.dispatcher,
        "DATA_DIR": str(data_dir),
        "BIND": f"{host}:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    if not serving.get("SECRET_KEY"):
        serving["SECRET_KEY"] = secrets.get("SECRET_KEY")
    serving.pop("DATABASE_ADMIN_URL", None)
    return serving


def _wants_sample(environment: Mapping[str, str]) -> bool:
    return environment.get("SAMPLE", "1").lower() not in {"0", "false", "no", "off"}


def _port(environment: Mapping[str, str]) -> int:
    text = environment.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT is {text!r}; give a number from 1 to 65535.")
    return int(text)


def _check_address(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Choose another, for example: PORT={port + 1} python3 manage.py run"
            ) from error


def _wait(is_ready: Callable[[], bool], watch: Watch, name: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if time.monotonic() > deadline:
            raise CannotStart(f"{name} did not answer within {START_SECONDS} s; its own words stand above.")
        watch.look()
        time.sleep(0.03)


def _answers(address: tuple[str, int]) -> bool:
    host, port = address
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - any address: ask the loopback
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _greet(console: Console, address: tuple[str, int], notes: str) -> None:
    host, port = address
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host  # noqa: S104
    console.say(f"\nOps Platform serves at http://{shown}:{port}/  (Ctrl-C stops it)\n{notes}", source="")


def _ask_to_stop(number: int, frame: FrameType | None) -> None:
    raise Stopped
