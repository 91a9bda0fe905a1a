"""`manage.py soak`: prints a table and exits 0 when nothing failed outside the restarts and no accepted write is missing."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.soak.people import Log, Person
from benchmarks.soak.product import Product

RAMP_SECONDS = 60
SAMPLE_SECONDS = 5
DRAIN_SECONDS = 120


def main(arguments: list[str]) -> int:
    """Run the soak as the arguments say."""
    parser = argparse.ArgumentParser(prog="manage.py soak")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--restarts", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="ops-soak-") as folder, Product(Path(folder)) as product:
        place, log = product.place(), Log()
        began = time.monotonic()
        until = began + options.minutes * 60
        ramp = min(RAMP_SECONDS, options.minutes * 20)
        people = [
            Person(number, place, log, until, starts_after=ramp * number / options.users)
            for number in range(options.users)
        ]
        for person in people:
            person.start()
        memory, outages = _watch(product, until, options.minutes * 60 if options.restarts else None)
        for person in people:
            person.join(60)
        lost, counted, stored = _settled(product, log)
    return _report(log, memory, outages, lost, counted, stored, options)


def _watch(
    product: Product, until: float, restarts_over: float | None
) -> tuple[list[dict[str, float]], list[tuple[str, float, float]]]:
    """Memory every few seconds; at a third of the time PostgreSQL is killed, at two thirds Redis."""
    begun = time.monotonic()
    pending = (
        []
        if restarts_over is None
        else [(begun + restarts_over / 3, "postgres"), (begun + restarts_over * 2 / 3, "redis-server")]
    )
    memory, outages = [], []
    while time.monotonic() < until:
        memory.append(product.memory())
        if pending and time.monotonic() >= pending[0][0]:
            _at, name = pending.pop(0)
            killed = time.monotonic()
            product.kill(name)
            time.sleep(0.2)
            while not product.is_ready() and time.monotonic() < until:
                time.sleep(0.1)
            outages.append((name, killed, time.monotonic()))
        time.sleep(SAMPLE_SECONDS)
    return memory, outages


def _settled(product: Product, log: Log) -> tuple[set[str], int, set[str]]:
    """(accepted keys that are missing, rows the KPI counts, keys that are there), once no rollup waits any more."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        stored, counted, marks = product.stored()
        if (not marks and counted == len(stored)) or time.monotonic() > deadline:
            return log.accepted - stored, counted, stored
        time.sleep(1)


def _report(
    log: Log, memory: list[dict[str, float]], outages: list[tuple[str, float, float]], lost: set[str], counted: int,
    stored: set[str], options: argparse.Namespace,
) -> int:  # fmt: skip
    lines = [
        f"{options.users} users, {options.minutes:g} min",
        "",
        "| what | requests | p50 ms | p95 ms | max ms |",
        "| --- | --- | --- | --- | --- |",
    ]
    for what, seconds in [*sorted(log.seconds.items()), ("all", [one for own in log.seconds.values() for one in own])]:
        ordered = sorted(seconds)
        lines.append(f"| {what} | {len(ordered)} | {_at(ordered, 0.5)} | {_at(ordered, 0.95)} | {_at(ordered, 1)} |")
    outside = [
        failure for failure in log.failures if not any(start - 1 <= failure[0] <= end + 5 for _n, start, end in outages)
    ]
    lines += ["", f"errors: {len(log.failures)}, of them outside restarts: {len(outside)}"]
    lines += [f"  {what}: {outcome}" for _began, what, outcome in outside[:20]]
    lines += [f"{name} killed: ready again after {end - start:.1f} s" for name, start, end in outages]
    lines.append(
        f"writes accepted: {len(log.accepted)}, lost: {len(lost)}, rows stored: {len(stored)}, counted by the KPI: {counted}"
    )
    lines += ["", "| memory (PSS, MiB) | first | highest | last |", "| --- | --- | --- | --- |"]
    for name in sorted({name for one in memory for name in one}):
        sizes = [one[name] for one in memory if name in one]
        lines.append(f"| {name} | {sizes[0]:.0f} | {max(sizes):.0f} | {sizes[-1]:.0f} |")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if outside or lost or counted != len(stored) else 0


def _at(ordered: list[float], share: float) -> str:
    return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000:.0f}" if ordered else "-"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
