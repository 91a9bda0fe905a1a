"""docker-compose.yml without Docker: its commands and variables, against a PostgreSQL and a Redis over TCP."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from ops_platform.embedded.postgres import EmbeddedPostgres
from ops_platform.embedded.redis import embedded_redis
from ops_platform.supervisor.children import SERVICE, Children, Program

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
COMPOSE_HOST = "localhost"  # the default of ALLOWED_HOSTS in the file
VARIABLES = {
    "SECRET_KEY": "a-long-random-text-" + "x" * 50,
    "POSTGRES_PASSWORD": "admin1",
    "APP_PASSWORD": "app1",
    "DISPATCHER_PASSWORD": "dispatcher1",
}
OURS = re.compile(r"^(DATABASE|DISPATCHER|REDIS|OPS_|DATA_DIR|SECRET|PORT|HOST|BIND|SAMPLE)")


def filled_in(text: str) -> str:
    """Compose's `${NAME:-default}` and `${NAME:?message}`."""
    return re.sub(
        r"\$\{(\w+)(?::([-?])([^}]*))?\}",
        lambda found: VARIABLES.get(found[1]) or (found[3] if found[2] == "-" else ""),
        text,
    ).replace("$$", "$")


class Installation:
    """The services of the file on loopback ports, with what an image would add."""

    def __init__(self, folder: Path, children: Children) -> None:
        self.folder, self.children = folder, children
        self.ports = {name: free_port() for name in ("postgres", "redis", "web")}

    def environment(self, service: str) -> dict[str, str]:
        written = {key: filled_in(str(value)) for key, value in COMPOSE["services"][service]["environment"].items()}
        for host, port in (("postgres", 5432), ("redis", 6379)):
            here = f"127.0.0.1:{self.ports[host]}"
            written = {key: value.replace(f"{host}:{port}", here) for key, value in written.items()}
        inherited = {key: value for key, value in os.environ.items() if not OURS.match(key)}
        image = {
            "DATA_DIR": str(self.folder),
            "STATIC_ROOT": str(self.folder / "static"),
            "BIND": f"127.0.0.1:{self.ports['web']}",
        }
        return {**inherited, **image, **written}

    def command(self, service: str) -> tuple[str, ...]:
        return self.words(COMPOSE["services"][service]["command"])

    def words(self, command: list[str]) -> tuple[str, ...]:
        words = [sys.executable if word == "python" else word for word in command]
        return tuple(
            word.replace("/tmp/celerybeat", f"{self.folder}/celerybeat").replace(":8000", f":{self.ports['web']}")
            for word in words
        )

    def run(self, service: str, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=self.environment(service), capture_output=True, text=True, check=False
        )

    def start(self, service: str) -> None:
        with (self.folder / f"{service}.log").open("w") as log:
            self.children.start(
                Program(service, self.command(service), environment=self.environment(service), grace=5), output=log
            )

    def get(self, path: str) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['web']}{path}", headers={"Host": COMPOSE_HOST})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_for(self, path: str) -> tuple[int, str]:
        deadline = time.monotonic() + 30
        while (answer := self.get(path))[0] != 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        return answer

    def start_servers(self) -> None:
        cluster = EmbeddedPostgres.in_folder(self.folder / "postgres", durable=False)
        cluster.initialise("root")
        over_tcp = ("-c", "listen_addresses=127.0.0.1", "-c", f"port={self.ports['postgres']}")
        with (self.folder / "servers.log").open("w") as log:
            self.children.start(
                Program("postgres", (*cluster.command(), *over_tcp), rank=SERVICE, stop_signal=signal.SIGINT),
                output=log,
            )
            redis = embedded_redis(self.folder, cluster.sockets, may_download=False)
            self.children.start(
                Program("redis", (*redis.command(), "--port", str(self.ports["redis"])), rank=SERVICE), output=log
            )
        url = f"postgresql://postgres:root@127.0.0.1:{self.ports['postgres']}/postgres"
        connection = connected(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            # What the image of PostgreSQL makes of POSTGRES_USER and POSTGRES_DB.
            cursor.execute("CREATE ROLE ops_admin SUPERUSER LOGIN PASSWORD %s", [VARIABLES["POSTGRES_PASSWORD"]])
            cursor.execute("CREATE DATABASE ops OWNER ops_admin")
        connection.close()


def connected(url: str) -> Any:
    deadline = time.monotonic() + 20
    while True:
        try:
            return psycopg2.connect(url)
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Children() as children:
        made = Installation(tmp_path_factory.mktemp("compose"), children)
        made.start_servers()
        yield made


@pytest.mark.processes
def test_services_of_the_file_prepare_serve_work_and_tick(installation):
    static = installation.run("web", (sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"))
    prepared = installation.run("prepare", installation.command("prepare"))
    again = installation.run("prepare", installation.command("prepare"))
    for service in ("web", "worker", "beat"):
        installation.start(service)

    assert static.returncode == 0, static.stderr
    assert prepared.returncode == 0, prepared.stderr
    assert again.returncode == 0, again.stderr
    assert installation.wait_for("/healthz") == (200, "ok")
    status, body = installation.wait_for("/readyz")
    assert (status, '"ready": true' in body) == (200, True), body
    assert 'type="password"' in installation.get("/accounts/login/")[1]
    for service in ("web", "beat"):
        check = COMPOSE["services"][service]["healthcheck"]["test"]
        done = installation.run(service, installation.words(check[1:]))
        assert done.returncode == 0, done.stderr


@pytest.mark.processes
def test_web_and_worker_refuse_to_serve_as_the_admin(installation):
    installation.run("prepare", installation.command("prepare"))
    admin = {**installation.environment("web"), "BIND": f"127.0.0.1:{free_port()}"}
    admin["DATABASE_URL"] = installation.environment("prepare")["DATABASE_ADMIN_URL"]

    for service in ("web", "worker"):
        done = subprocess.run(
            installation.command(service), cwd=ROOT, env=admin, capture_output=True, text=True, check=False, timeout=30
        )

        assert done.returncode != 0
        assert "The database role ops_admin is a superuser" in done.stderr


def test_every_secret_of_the_file_is_asked_for_with_a_message():
    text = (ROOT / "docker-compose.yml").read_text()

    assert set(re.findall(r"\$\{(\w+):\?[^}]+\}", text)) == set(VARIABLES)


def test_file_is_valid_for_compose_itself():
    command = next((words for words in (["docker", "compose"], ["docker-compose"]) if compose_works(words)), None)
    if command is None:
        pytest.skip("no compose client on this machine")

    done = subprocess.run(
        [*command, "config", "-q"],
        cwd=ROOT,
        env={**os.environ, **VARIABLES},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def compose_works(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0
