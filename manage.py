#!/usr/bin/env python3
"""Django's command line. Where Django is missing, the packages are installed first and the command starts again."""

import os
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Ops Platform needs Python 3.11 or newer; this is Python %d.%d. "
        "Install a newer one and run it by name, for example: python3.12 manage.py run" % sys.version_info[:2]
    )

from ops_platform import bootstrap
from ops_platform.supervisor import beside


def main() -> None:
    """Run the command that the arguments name."""
    bootstrap.ensure_packages(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops_platform.settings")
    beside.join(os.environ, sys.argv[1] if len(sys.argv) > 1 else "")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
