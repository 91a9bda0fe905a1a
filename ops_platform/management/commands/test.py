"""`manage.py test`: every check and every test, on servers of its own. Arguments go to pytest alone (quick mode)."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management import BaseCommand

from ops_platform.testing.suite import quick, whole


class Command(BaseCommand):
    help = "Run all checks and tests. With arguments: pytest alone, with these (for example: test -k rollup)."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Take the arguments as they are: they are pytest's, not Django's."""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops_platform.settings")
        sys.exit(quick(argv[2:]) if argv[2:] else whole())

    def handle(self, *args: Any, **options: Any) -> None:
        """`call_command` has no arguments of pytest to pass on."""
        sys.exit(whole())
