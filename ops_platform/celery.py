"""The Celery application: one broker, four queues (`rollups`, `events`, `imports`, `reports`)."""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops_platform.settings")

# As root (a first try on a server) Celery prints a page about it at each start; containers run as another user.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("ops_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_djangos_logging(**_: Any) -> None:
    """Being connected is enough: Celery then leaves logging as the settings have it."""


@worker_init.connect
def _refuse_privileged_roles(**_: Any) -> None:
    """Celery swallows what a signal's receiver raises, except a request to exit."""
    guard = import_module("ops_platform.guard")  # its models' connections need the settings
    try:
        guard.refuse_privileged_roles()
    except guard.PrivilegedRole as refusal:
        raise SystemExit(str(refusal)) from refusal
