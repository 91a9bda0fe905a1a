"""`manage.py run`: everything on this machine as one process tree with one log."""

from __future__ import annotations

import os
from typing import Any

from django.core.management import BaseCommand, CommandError

from ops_platform.embedded.account import NoAccount
from ops_platform.embedded.postgres import PostgresUnavailable
from ops_platform.supervisor.data_dir import CannotStart
from ops_platform.supervisor.run import run


class Command(BaseCommand):
    help = "Start PostgreSQL and Redis where none is configured, then web, worker and beat. Ctrl-C stops all."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run(dict(os.environ))
        except (CannotStart, NoAccount, PostgresUnavailable) as reason:
            raise CommandError(str(reason)) from reason
