"""Row 9: bringing rows in, with types, dedupe and marks; with a report per line; against COPY and bulk_create."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.file_import import load_file
from benchmarks.floor import sql
from benchmarks.measuring import Result, memory_mib
from benchmarks.world import START, Rows, World, rows
from metrics.models import Observation
from organization.tenancy import tenant_transaction

MOST, FEW = 300_000, 5_000
HEADER = b"at,id,quantity,price,series,customer,country\n"


def ingest(world: World) -> list[Result]:
    """Rows a second of each way, five rounds in turn, each into the same dataset at another time."""
    memory = _memory(world)  # first: what the rounds leave behind would hide growth
    size = min(MOST, max(world.size // 10, 20_000))
    dataset = world.dataset("ingest")
    speeds: dict[str, list[float]] = {name: [] for name in ("copy", "load", "file", "bulk_create")}
    with world.cursor() as cursor:
        sql.make_table(cursor, "bench_copy")
    for turn in range(6):
        chunks = list(rows(size, first=turn * 10**8, days=300))
        text = b"".join(chunk.as_copy() for chunk in chunks)
        with world.cursor() as cursor:
            cursor.execute("TRUNCATE bench_copy")
            speeds["copy"].append(_speed(size, lambda cursor=cursor, text=text: sql.copy(cursor, "bench_copy", text)))
        speeds["load"].append(_speed(size, lambda chunks=chunks: world.load(dataset, iter(chunks))))
        speeds["bulk_create"].append(_bulk_create(world, turn))
        speeds["file"].append(_from_file(world, turn, size))
        with world.cursor() as cursor:  # the server of a run has no autovacuum
            cursor.execute("ANALYZE metrics_observation")
    for found in speeds.values():
        del found[0]  # the first round warms up

    def result(what: str, floor: str, product: str, limit: str) -> Result:
        ratio = statistics.median(a / b for a, b in zip(speeds[product], speeds[floor], strict=True))
        medians = statistics.median(speeds[floor]), statistics.median(speeds[product])
        return Result(9, what, *medians, unit="rows/s", ratio=ratio, limit=limit, facts={"rows": size})

    return [
        result("ingest, typed and deduplicated, against COPY", "copy", "load", ">= 0.3"),
        result("ingest of a CSV file with a report per line, against COPY", "copy", "file", ">= 0.15"),
        result("ingest against bulk_create", "bulk_create", "load", ">= 4"),
        result("ingest of a file against bulk_create", "bulk_create", "file", ">= 4"),
        memory,
    ]


def _speed(size: int, work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return size / (time.perf_counter() - started)


def _bulk_create(world: World, turn: int) -> float:
    """Django's own way, into the same table; few rows, since it is slow."""
    (chunk,) = rows(FEW, first=turn * 10**8, days=300)
    world_dataset = 10**9  # no dataset of ours

    def work() -> None:
        with tenant_transaction(world.organization.pk):
            Observation.objects.bulk_create(
                [
                    Observation(
                        observed_at=instant, dataset_id=world_dataset, batch_id=1, row_key=key, is_keyed=True,
                        m1=chunk.numbers["quantity"][place], m2=chunk.numbers["price"][place], d1=1, d2=2, d3=3,
                    )
                    for place, (instant, key) in enumerate(zip(chunk.instants, chunk.keys, strict=True))
                ],
                batch_size=1000,
            )  # fmt: skip

    return _speed(FEW, work)


def _from_file(world: World, turn: int, size: int) -> float:
    """The way of an uploaded file: read as text, every cell checked, refusals kept line by line, then loaded."""
    dataset = world.dataset(f"file-{turn}")
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(HEADER)
        for chunk in rows(size, first=turn * 10**8, days=300):
            file.write(chunk.as_csv())
        file.flush()
        count, seconds = load_file(world, dataset, Path(file.name))
    return count / seconds


def _memory(world: World) -> Result:
    """What the process holds while it loads all rows in one batch."""
    dataset = world.dataset("memory")
    held: list[float] = []

    def watched() -> Iterator[Rows]:
        for chunk in rows(world.size, start=START):
            held.append(memory_mib())
            yield chunk

    world.load(dataset, watched())
    tenth = max(len(held) // 10, 1)
    growth = statistics.mean(held[-tenth:]) / statistics.mean(held[tenth : 2 * tenth] or held)
    return Result(
        9,
        f"memory at the end of {world.size:,} rows against their first fifth",
        statistics.mean(held[tenth : 2 * tenth] or held),
        max(held),
        unit="MiB",
        ratio=growth,
        limit="<= 1.1",
    )
