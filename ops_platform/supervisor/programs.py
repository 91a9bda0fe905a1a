"""The three programs of the product. docker-compose.yml starts the same commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from ops_platform.supervisor.children import Program

QUEUES = "events,rollups,imports,reports"


def application_programs(environment: Mapping[str, str]) -> list[Program]:
    """Web, worker and beat."""
    celery = (sys.executable, "-m", "celery", "--quiet", "--app", "ops_platform")
    return [
        Program(
            "web",
            (sys.executable, "-m", "gunicorn", "--config", "python:ops_platform.web_server", "ops_platform.wsgi"),
            environment=environment,
        ),
        Program(
            "worker",
            (*celery, "worker", "--queues", QUEUES, "--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
            environment=environment,
        ),
        Program("beat", (*celery, "beat", "--loglevel", "WARNING"), environment=environment, grace=5),
    ]
