"""gunicorn's settings: sync workers, one more than there are cores (gthread cost twice as much on these pages)."""

from __future__ import annotations

import logging.config
import multiprocessing
import os
from pathlib import Path
from typing import Any

bind = os.environ.get("BIND") or f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS") or multiprocessing.cpu_count() + 1)
worker_class = "sync"
timeout = 60
graceful_timeout = 10
keepalive = 0
max_requests, max_requests_jitter = 5000, 500
# The application is imported once and its memory shared; each worker opens its own connections afterwards.
preload_app = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn's heartbeat file
accesslog = None
errorlog = "-"
loglevel = "warning"


def when_ready(server: Any) -> None:
    """gunicorn has installed its own log handlers; use the product's."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
