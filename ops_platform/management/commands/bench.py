"""`manage.py bench`: the product against its floors, on a PostgreSQL and a Redis of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ops_platform.supervisor.children import Children
from ops_platform.testing import services


class Command(BaseCommand):
    help = "Measure floors and product in turn, print the ratios, write benchmarks/results.json."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=int, default=10_000_000, help="observations (default: ten million)")
        parser.add_argument("--only", default="", metavar="1,7", help="only these rows of the table of limits")
        parser.add_argument("--output", default="", help="where the figures go instead")

    def handle(self, *args: Any, **options: Any) -> None:
        with Children() as children:
            started = services.start(children)
            environment = os.environ | started.environment | {
                "DATABASE_URL": started.url(services.APP),
                "DISPATCHER_DATABASE_URL": started.url(services.DISPATCHER),
                "DJANGO_SETTINGS_MODULE": "ops_platform.settings",
                "STATEMENT_TIMEOUT": "15min",
                "OPS_TESTING": "",
            }  # fmt: skip
            command = [sys.executable, "-m", "benchmarks", f"--rows={options['rows']}", f"--only={options['only']}"]
            output = [f"--output={options['output']}"] if options["output"] else []
            subprocess.run([*command, *output], env=environment, cwd=services.ROOT, check=False)
