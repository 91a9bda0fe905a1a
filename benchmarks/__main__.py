"""The measuring itself, in a process whose environment names the servers: `manage.py bench` starts it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import traceback
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results.json"
ROWS = (1, 2, 3, 5, 7, 8, 9, 10, 11)


def main(arguments: list[str]) -> int:
    """Measure the rows that are asked for, print the table, write the file. Always 0: a figure is not a failure."""
    parser = argparse.ArgumentParser(prog="manage.py bench")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    wanted = [int(number) for number in options.only.split(",") if number] or list(ROWS)
    _begin()
    from benchmarks.measuring import table  # these need Django
    from benchmarks.world import World

    world, results = World(options.rows), []
    for number, measure in _measures().items():
        if number not in wanted:
            continue
        sys.stderr.write(f"row {number} ...\n")
        try:
            results += measure(world)
        except Exception:  # one row that cannot be measured here must not hide the others
            traceback.print_exc()
    sys.stdout.write(table(sorted(results, key=lambda result: result.row)) + "\n")
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "rows": options.rows}
    found = {"machine": machine, "results": [result.as_json() for result in results]}
    options.output.write_text(json.dumps(found, indent=1, default=str) + "\n", encoding="utf-8")
    return 0


def _begin() -> None:
    """Django with our addresses beside the product's, and no broker: what is measured is done here."""
    import celery
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "benchmarks.urls"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.LOGGING = {"version": 1, "disable_existing_loggers": True}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    django.setup()
    celery.current_app.send_task = lambda *_arguments, **_facts: None


def _measures() -> dict[int, object]:
    from benchmarks.rows import browser, ingest, lists, pages, steps, store, superset

    return {
        7: store.full_rollup,
        8: store.incremental_rollup,
        9: ingest.ingest,
        11: pages.middleware,
        1: pages.dashboard,
        2: superset.against_superset,
        3: lists.html_list,
        5: steps.ticking,
        10: browser.first_view,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
