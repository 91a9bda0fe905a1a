"""The process tree, with real servers: started once, hurt, and ended in each way that a machine ends it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops_platform.supervisor.leash import is_alive

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "DATABASE_URL",
    "DISPATCHER_DATABASE_URL",
    "DATABASE_ADMIN_URL",
    "DATABASE_APP_ROLE",
    "DATABASE_DISPATCHER_ROLE",
)

pytestmark = pytest.mark.processes


class Running:
    """`manage.py run` on a folder and a port of its own."""

    def __init__(self, data_dir: Path, port: int, **environment: str) -> None:
        inherited = {key: value for key, value in os.environ.items() if key not in {*OURS, "REDIS_URL", "SECRET_KEY"}}
        self.port = port
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env={**inherited, "DATA_DIR": str(data_dir), "PORT": str(port), "SAMPLE": "0", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, pattern: str) -> str:
        """Read on until a line matches."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if re.search(pattern, line):
                return line
        raise AssertionError(f"no line matches {pattern!r}:\n{''.join(self.lines)}")

    def descendants(self) -> dict[int, str]:
        """Process id -> command line of everything below it."""
        listed = subprocess.run(["ps", "-eww", "-o", "pid,ppid,args"], capture_output=True, text=True, check=True)
        rows = [line.split(None, 2) for line in listed.stdout.splitlines()[1:]]
        found: dict[int, str] = {}
        parents = {self.process.pid}
        while parents:
            children = {int(pid): args for pid, ppid, args in rows if int(ppid) in parents}
            found |= children
            parents = set(children)
        return found

    def get(self, path: str) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Host": "localhost"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def end(self, number: int) -> None:
        """Ask it to stop with this signal and read its last words."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=40)
        self.lines += (output or "").splitlines(keepends=True)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.stdout and not self.process.stdout.closed:
            self.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture
def running(data_dir: Path) -> Iterator[Running]:
    with Running(data_dir, free_port()) as started:
        started.wait_for("serves at")
        yield started


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gone(pids: dict[int, str], seconds: float) -> dict[int, str]:
    """Which of them are still alive after waiting."""
    deadline = time.monotonic() + seconds
    while (alive := {pid: name for pid, name in pids.items() if is_alive(pid)}) and time.monotonic() < deadline:
        time.sleep(0.1)
    return alive


def test_ctrl_c_stops_everything_in_order_and_the_data_stays(running, data_dir):
    tree = running.descendants()

    running.end(signal.SIGINT)

    names = " ".join(tree.values())
    assert {name for name in ("postgres", "gunicorn", "worker", "beat") if name not in names} == set()
    assert gone(tree, 0) == {}
    assert running.process.returncode == 0
    assert running.lines[-1] == "run      | Stopped.\n"
    assert (data_dir / "postgres" / "PG_VERSION").exists()
    assert (data_dir / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_killed_parent_leaves_no_orphan_and_the_next_start_serves_the_same_data(running, data_dir):
    tree = running.descendants()

    running.end(signal.SIGKILL)

    assert gone(tree, 15) == {}
    with Running(data_dir, free_port()) as again:
        again.wait_for("serves at")
        assert again.get("/healthz") == (200, "ok")


def test_killed_child_is_started_again_and_it_says_so(running):
    web = next(pid for pid, name in running.descendants().items() if "gunicorn" in name)

    os.kill(web, signal.SIGKILL)

    running.wait_for(r"web was ended by SIGKILL after \d+ s; starting it again in 0.5 s\.")
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            assert running.get("/healthz") == (200, "ok")
            break
        except OSError:
            time.sleep(0.1)
    else:
        pytest.fail("the web server did not come back")


def test_everything_is_ready_and_shows_the_sign_in_page(running):
    deadline = time.monotonic() + 20
    while running.get("/readyz")[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.3)

    status, body = running.get("/readyz")
    assert (status, '"ready": true' in body) == (200, True), body
    assert 'type="password"' in running.get("/accounts/login/")[1]


def test_second_run_on_the_same_folder_is_refused(running, data_dir):
    second = Running(data_dir, free_port())

    output, _ = second.process.communicate(timeout=20)

    assert second.process.returncode == 1
    assert f"already running with the data folder {data_dir} (process {running.process.pid})" in output


def test_port_in_use_is_said_before_anything_starts(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = Running(tmp_path / "data", port)
        output, _ = refused.process.communicate(timeout=20)

    assert refused.process.returncode == 1
    assert f"Port {port} cannot be used (Address already in use)." in output
    assert f"PORT={port + 1} python3 manage.py run" in output
    assert not (tmp_path / "data").exists()


def test_second_start_does_nothing_twice(running, data_dir):
    running.end(signal.SIGTERM)

    with Running(data_dir, free_port()) as again:
        again.wait_for("serves at")

    assert not any("up to date" in line or "static files" in line for line in again.lines)
