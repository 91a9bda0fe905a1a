"""`manage.py messages`: refresh the Chinese catalogue; `--check` tells whether it is complete."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import CommandParser
from django.test.utils import override_settings

LOCALE = "zh_Hans"
CATALOGUE = Path(LOCALE) / "LC_MESSAGES" / "django.po"
IGNORED = (".venv", "var", "tests", "static", "benchmarks", "node_modules", "staticfiles")
SHOWN = 30


class Command(BaseCommand):
    help = "Collect the texts of code and templates into locale/ and compile them; --check only looks."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a text is not translated")

    def handle(self, *args: Any, **options: Any) -> None:
        if shutil.which("xgettext") is None:
            raise CommandError("gettext is missing. Debian: apt install gettext; macOS: brew install gettext.")
        locale = Path(settings.LOCALE_PATHS[0])
        if options["check"]:
            self._check(locale)
        else:
            _collect(locale)
            call_command("compilemessages", locale=[LOCALE], verbosity=0)
            self.stdout.write(_report(_faults(locale / CATALOGUE)) or "Every text is translated.")

    def _check(self, locale: Path) -> None:
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name) / "locale"
            if locale.exists():
                shutil.copytree(locale, copy)
            _collect(copy)
            faults = _faults(copy / CATALOGUE)
            if faults:
                raise CommandError(_report(faults))
            if not _same_texts(copy / CATALOGUE, (locale / CATALOGUE).with_suffix(".mo")):
                raise CommandError("The compiled catalogue is older than the texts. Run: python3 manage.py messages")
        self.stdout.write("Every text is translated.")


def _collect(locale: Path) -> None:
    locale.mkdir(parents=True, exist_ok=True)
    with override_settings(LOCALE_PATHS=[str(locale)]):
        call_command(
            "makemessages", locale=[LOCALE], ignore_patterns=list(IGNORED), no_location=True, no_wrap=True, verbosity=0
        )


def _faults(catalogue: Path) -> list[str]:
    """One line for each text that a Chinese reader would see in English, or with other placeholders."""
    import polib  # a package of the tests, not of the server

    entries = [entry for entry in polib.pofile(str(catalogue)) if not entry.obsolete]
    return [entry.msgid for entry in entries if not entry.translated()]


def _same_texts(catalogue: Path, compiled: Path) -> bool:
    import polib

    if not compiled.exists():
        return False
    wanted = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue)) if not entry.obsolete}
    found = {entry.msgid: entry.msgstr for entry in polib.mofile(str(compiled))}
    return wanted.items() <= found.items()


def _report(faults: list[str]) -> str:
    if not faults:
        return ""
    more = f"\n... and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    lines = "\n".join(f"  {fault!r}" for fault in faults[:SHOWN])
    return f"{len(faults)} texts have no Chinese translation in locale/{CATALOGUE}:\n{lines}{more}"
