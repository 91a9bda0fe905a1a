"""`manage.py sample_company`: make the fictional company that shows what the platform is for, or remove it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from ops_platform.sample import trouble
from ops_platform.sample.accounts import SLUG, accounts_text
from ops_platform.sample.builder import build
from ops_platform.sample.company import SlugTaken, opens
from ops_platform.sample.removal import remove
from ops_platform.sample.rows import local_day
from ops_platform.sample.season import MONTHS
from ops_platform.sample.texts import BOTH, LANGUAGES
from ops_platform.supervisor.data_dir import write_private
from ops_platform.supervisor.preparation import ACCOUNTS_FILE


class Command(BaseCommand):
    help = "Make the sample company with 18 months of data up to now. Run again it changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", default=SLUG, help="its short name (default: %(default)s)")
        parser.add_argument("--language", choices=LANGUAGES, default=BOTH, help="of products, regions and people")
        parser.add_argument("--as-of", type=_instant, default=None, help="where its data ends (default: now)")
        parser.add_argument("--months", type=int, default=MONTHS, help="how far back it reaches (default: %(default)s)")
        parser.add_argument("--remove", action="store_true", help="remove it without a trace")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["remove"]:
                self._remove(options["organization"])
            else:
                self._make(options)
        except SlugTaken as error:
            raise CommandError(
                f"A company that is no sample is called {error}; name another --organization."
            ) from error

    def _make(self, options: dict[str, Any]) -> None:
        began = time.monotonic()
        slug, now = options["organization"], timezone.now()
        made = build(
            slug=slug,
            language=options["language"],
            now=now,
            as_of=options["as_of"],
            months=options["months"],
            say=lambda text: self.stderr.write(f"{time.monotonic() - began:5.1f} s  {text}"),
        )
        if not made.is_new:
            self.stderr.write("The sample company stands already; nothing was changed.")
        notes = accounts_text(slug, has_password=opens(slug))
        if path := os.environ.get("SAMPLE_ACCOUNTS_FILE"):
            write_private(Path(path), f"{notes}\n")
        seconds = time.monotonic() - began
        self.stdout.write(f"{made.rows:,} rows, {made.kpis} KPIs, {made.dashboards} dashboards in {seconds:.0f} s.")
        self.stdout.write(notes)
        if made.is_new:
            self.stdout.write("What went wrong there, for you to find:")
            for each in trouble.ALL:
                first, last = each.days(local_day(options["as_of"] or now))
                self.stdout.write(f"  {first} to {last}: {each.what.en}")

    def _remove(self, slug: str) -> None:
        if remove(slug):
            (settings.DATA_DIR / ACCOUNTS_FILE).unlink(missing_ok=True)
            self.stdout.write("The sample company is gone.")
        else:
            self.stdout.write("There is no sample company of this name.")


def _instant(text: str) -> datetime:
    """An instant; without a zone in UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
