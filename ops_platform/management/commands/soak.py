"""`manage.py soak`: many simulated people on a product of its own; with --restarts its servers are killed meanwhile."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ops_platform.testing.services import ROOT


class Command(BaseCommand):
    help = "Let many people use the product for a while; report errors, times, memory, recovery and lost writes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=200)
        parser.add_argument("--minutes", type=float, default=10)
        parser.add_argument("--restarts", action="store_true", help="kill PostgreSQL and Redis under the load")

    def handle(self, *args: Any, **options: Any) -> None:
        command = [
            sys.executable,
            "-m",
            "benchmarks.soak",
            f"--users={options['users']}",
            f"--minutes={options['minutes']}",
        ]
        done = subprocess.run([*command, *(["--restarts"] if options["restarts"] else [])], cwd=ROOT, check=False)
        sys.exit(done.returncode)
