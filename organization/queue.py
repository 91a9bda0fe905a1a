"""Sending tasks. Rows come first; a message is a nudge that may get lost."""

from __future__ import annotations

from typing import Any

import celery
import structlog
from celery.exceptions import OperationalError as CeleryOperationalError
from django.db import connection, transaction
from kombu.exceptions import OperationalError

from ops_platform.database.scope import OutsideTransaction

log = structlog.get_logger(__name__)


def enqueue(task_name: str, /, **facts: Any) -> None:
    """Send a task once the transaction has committed. By name: services never import tasks.

    The broker may be away: what must happen is a row, and a sweep finds it. Raises OutsideTransaction in autocommit.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(task_name)
    transaction.on_commit(lambda: send(task_name, facts))


def send(task_name: str, facts: dict[str, Any]) -> None:
    """Send a task now, or note that the broker is away."""
    try:
        celery.current_app.send_task(task_name, kwargs=facts, retry=False)
    except (OperationalError, CeleryOperationalError, OSError) as error:
        log.warning("queue.unreachable", task=task_name, error=type(error).__name__)
