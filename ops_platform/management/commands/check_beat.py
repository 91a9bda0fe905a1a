"""`manage.py check_beat`: the health check of the container that runs beat."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from ops_platform.health import beat_age


class Command(BaseCommand):
    help = "Fail when beat's last tick is older than BEAT_MAX_AGE_SECONDS."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        age = beat_age()
        if age is None or age > settings.BEAT_MAX_AGE_SECONDS:
            raise CommandError("beat has never ticked." if age is None else f"beat ticked {age:.0f} s ago.")
        self.stdout.write(f"beat ticked {age:.0f} s ago.")
