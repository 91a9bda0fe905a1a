"""Celery workers for tests: real processes on the test's database, under the roles of production."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
CELERY = ("-m", "celery")


def address(role: str) -> str:
    """The test database as one of the roles of production."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    login = parts.netloc.replace(parts.username or "", role, 1)
    return urlunsplit(parts._replace(netloc=login, path=f"/{settings.DATABASES['default']['NAME']}"))


@contextmanager
def celery_worker(
    queues: str, *, program: Sequence[str] = CELERY, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of these queues with one pool child; program: what Python runs as `celery`."""
    command = [
        sys.executable, *program, "--quiet", "--app", "ops_platform", "worker", "--queues", queues,
        "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "CRITICAL",
    ]  # fmt: skip
    roles = {
        "DATABASE_URL": address(settings.DATABASE_APP_ROLE),
        "DISPATCHER_DATABASE_URL": address(settings.DATABASE_DISPATCHER_ROLE),
    }
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | roles | environment, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(condition: Callable[[], Any], what: str, *, seconds: float = 60) -> Any:
    """What the condition gives as soon as it gives something. what: for the sentence of a wait in vain."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"Waited in vain until {what}."
        time.sleep(0.05)
    return found
