"""Rows 7 and 8: rollups, all of them and those that a change touches."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import Any

from django.db import connection

from benchmarks.floor import sql
from benchmarks.measuring import Result, in_turn, memory_mib, ratio_of
from benchmarks.world import START, World, rows
from metrics.choices import GrainCode
from metrics.models import Dataset
from metrics.services import rollups
from organization.tenancy import tenant_transaction

NEW = 1_000
BATCH, A_YEAR = 1_000_000, 10_000_000


def full_rollup(world: World) -> list[Result]:
    """Row 7: every rollup of one KPI by 200 series, finest grain day and hour, against GROUP BY alone."""
    dataset = _filled(world, "full")
    with world.cursor() as cursor:
        _fill_floor(cursor, dataset, "bench_full")
    found = []
    for grain in (GrainCode.DAY, GrainCode.HOUR):
        name = grain.name.lower()
        world.kpi(f"full-{name}", dataset, grain=grain, breakdowns=[("series",)])

        def floor(name: str = name) -> None:
            with world.cursor() as cursor:
                sql.group_by(cursor, "bench_full", name)

        def product() -> None:
            rollups.rebuild_dataset(world.organization.pk, dataset.pk)

        def empty() -> None:
            with world.cursor() as cursor:
                cursor.execute("TRUNCATE metrics_rollup")

        before = memory_mib()
        base, _, ours = in_turn(floor, empty, product)
        (again,) = in_turn(product, rounds=1, warm_up=0)
        facts = {"memory_mib": memory_mib(), "memory_growth_mib": memory_mib() - before, "rows": world.size}
        what = f"full rollup, {name} and all coarser grains"
        found.append(Result(7, what, base.median, ours.median, ratio=ratio_of(ours, base), limit="<= 1.3", facts=facts))
        found.append(Result(7, f"the same over what is stored, {name}", base.median, again.median))
        _forget(world, dataset)
    return found


def incremental_rollup(world: World) -> list[Result]:
    """Row 8: 1,000 new points, in a history and in one ten times as long; against bare SQL."""
    sizes = {"short": max(world.size // 10, 10_000), "long": max(world.size, 100_000)}
    made: dict[str, Dataset] = {}
    for name, size in sizes.items():
        # The same density of rows: the longer history reaches further back
        days = 36.5 * (1 if name == "short" else 10)
        made[name] = world.dataset(f"grow-{name}", row_key="content")
        start = START + timedelta(days=400 - days)
        world.load(made[name], rows(size, start=start, days=days))
        world.kpi(f"grow-{name}", made[name], grain=GrainCode.HOUR, breakdowns=[("series",)])
        assert rollups.recompute_dataset(world.organization.pk, made[name].pk)
        with world.cursor() as cursor:
            _fill_floor(cursor, made[name], f"bench_{name}")
            cursor.execute(f"CREATE INDEX ON bench_{name} (observed_at)")
            sql.make_rollups(cursor, f"bench_{name}")
            cursor.execute(f"ANALYZE bench_{name}; ANALYZE bench_{name}_rollup")
    _analyze(world)
    opens, turn = START + timedelta(days=400), iter(range(1000))

    def load_floor(name: str, first: int) -> None:
        with world.cursor() as cursor:
            for chunk in rows(NEW, start=opens, days=1 / 24, first=first):
                sql.copy(cursor, f"bench_{name}", chunk.as_copy())

    times: dict[str, list[float]] = {name: [] for name in ("short", "long", "floor")}
    for place in range(6):
        first = 10**9 + next(turn) * NEW
        for name in sizes:
            world.load(made[name], rows(NEW, start=opens, days=1 / 24, first=first))
            started = time.perf_counter()
            assert rollups.recompute_dataset(world.organization.pk, made[name].pk)
            times[name].append(time.perf_counter() - started)
        load_floor("long", first)
        with world.cursor() as cursor:
            started = time.perf_counter()
            sql.refresh_rollups(cursor, "bench_long", opens, opens + timedelta(hours=1))
            times["floor"].append(time.perf_counter() - started)
        if not place:  # the first round warms up
            times = {name: [] for name in times}
    short, long, floor = (statistics.median(times[name]) for name in ("short", "long", "floor"))
    growth = statistics.median(a / b for a, b in zip(times["long"], times["short"], strict=True))
    against = statistics.median(a / b for a, b in zip(times["long"], times["floor"], strict=True))
    return [
        Result(8, "1,000 new points at 10 times the history", short, long, ratio=growth, limit="<= 1.1"),
        Result(8, "1,000 new points against bare SQL", floor, long, ratio=against, limit="<= 3.0"),
    ]


def _filled(world: World, key: str) -> Dataset:
    """A dataset with all rows, loaded in batches of a million; fewer of them cover less time, equally densely."""
    dataset = world.dataset(key, row_key="content")
    for first in range(0, world.size, BATCH):
        size = min(BATCH, world.size - first)
        start = START + timedelta(days=365 * first / A_YEAR)
        world.load(dataset, rows(size, start=start, days=365 * size / A_YEAR, first=first))
    _analyze(world)
    return dataset


def _fill_floor(cursor: Any, dataset: Dataset, name: str) -> None:
    """The bare table with the dataset's own rows."""
    sql.make_table(cursor, name)
    cursor.execute(
        f"INSERT INTO {name} ({sql.COLUMNS}) SELECT observed_at, row_key, m1, m2, d1, d2, d3 FROM metrics_observation "
        "WHERE dataset_id = %s ORDER BY observed_at",
        [dataset.pk],
    )
    cursor.execute(f"ANALYZE {name}")


def _analyze(world: World) -> None:
    with world.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE metrics_observation")
        cursor.execute("VACUUM ANALYZE metrics_rollup")


def _forget(world: World, dataset: Dataset) -> None:
    """Remove the dataset's KPIs, so that the next one is measured alone."""
    with tenant_transaction(world.organization.pk), connection.cursor() as cursor:
        ids = list(dataset.kpi_versions.values_list("pk", "kpi_id"))
        for table, column in (("kpibreakdown", "version_id"), ("rollup", "version_id"), ("kpiversion", "id")):
            cursor.execute(f"DELETE FROM metrics_{table} WHERE {column} = ANY(%s)", [[pk for pk, _ in ids]])
        cursor.execute("DELETE FROM metrics_kpi WHERE id = ANY(%s)", [[kpi for _, kpi in ids]])
