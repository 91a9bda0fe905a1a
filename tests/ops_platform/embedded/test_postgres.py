from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from ops_platform.embedded.postgres import SUPERUSER, EmbeddedPostgres, PostgresUnavailable
from ops_platform.embedded.sockets import LONGEST_SOCKET_PATH, socket_folder
from ops_platform.supervisor.children import SERVICE, Children, Program

pytestmark = pytest.mark.processes


@pytest.fixture
def children() -> Iterator[Children]:
    with Children() as started:
        yield started


def started(children: Children, cluster: EmbeddedPostgres, password: str, log: Path) -> subprocess.Popen[str]:
    """The server, begun again as the supervisor does while processes of a killed one still leave."""
    program = Program("postgres", tuple(cluster.command()), rank=SERVICE, stop_signal=signal.SIGINT)
    with log.open("a") as output:
        process = children.start(program, output=output)
    deadline = time.monotonic() + 20
    while not cluster.is_ready(password):
        assert time.monotonic() < deadline, log.read_text()
        if process.poll() is not None:
            children.forget(process)
            with log.open("a") as output:
                process = children.start(program, output=output)
        time.sleep(0.02)
    return process


def test_data_survives_a_kill_and_a_stale_pid_file(children, tmp_path):
    cluster = EmbeddedPostgres.in_folder(tmp_path / "postgres")
    cluster.initialise("it's secret")
    first = started(children, cluster, "it's secret", tmp_path / "log")
    with psycopg2.connect(cluster.url(SUPERUSER, "it's secret", "postgres")) as connection:
        connection.cursor().execute("CREATE TABLE kept AS SELECT 'Ärger, 门店' AS text")
    connection.close()

    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    children.forget(first)
    started(children, cluster, "it's secret", tmp_path / "log")

    connection = psycopg2.connect(cluster.url(SUPERUSER, "it's secret", "postgres"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text, upper(text), current_setting('fsync'), current_setting('listen_addresses') FROM kept"
        )
        assert cursor.fetchone() == ("Ärger, 门店", "ÄRGER, 门店", "on", "")
    connection.close()


def test_lost_password_is_a_sentence(children, tmp_path):
    cluster = EmbeddedPostgres.in_folder(tmp_path / "postgres", durable=False)
    cluster.initialise("right")
    started(children, cluster, "right", tmp_path / "log")

    with pytest.raises(PostgresUnavailable, match=r"does not know the password in secrets\.json"):
        cluster.is_ready("wrong")


def test_long_data_folder_gets_a_short_socket_folder_that_stays_the_same(tmp_path):
    long = tmp_path / ("x" * 120)

    folder = socket_folder(long)

    assert folder == socket_folder(long)
    assert folder != socket_folder(tmp_path / ("x" * 121))
    assert len(str(folder / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH
    assert socket_folder(Path("/srv/ops")) == Path("/srv/ops/run")
