"""Writing observations: COPY into a typed temporary table, then a few set statements. Never row by row.

One loader is one batch in one transaction. It compares what came in with what is stored: the same row again changes
nothing, a keyed row with other values is a correction whose old state is kept, and every hour touched is marked so that
rollups follow.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import connection
from django.db.models import F
from django.utils import timezone

from metrics.choices import ColumnRole, RowKey
from metrics.models import Dataset, DatasetColumn, ImportBatch
from metrics.services.dictionary import MISSING, Dictionary
from organization.engine.local_time import day_start, zone
from organization.models import Organization
from organization.queue import enqueue

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
# The memory is for the joins of a whole batch with itself and with the store; the default would spill them to disk
LONGEST = "SET LOCAL statement_timeout = '14min'; SET LOCAL lock_timeout = '10min'; SET LOCAL work_mem = '64MB'"
# Marks are hours of UTC: date_bin is plain arithmetic, where date_trunc asks the calendar for each row
HOURS = "SELECT DISTINCT date_bin('1 hour', observed_at, '2000-01-01 00:00+00') FROM {table}"
MARK = f"""
INSERT INTO metrics_rollupmark (organization_id, dataset_id, hour_start, marked_at)
SELECT %s, %s, hour, now() FROM ({HOURS}) hours (hour)
"""
MARK_HOURS = """
INSERT INTO metrics_rollupmark (organization_id, dataset_id, hour_start, marked_at)
SELECT %s, %s, unnest(%s::timestamptz[]), now()
"""
PARTITIONS = """
SELECT metrics_ensure_partition(month)
  FROM (SELECT DISTINCT date_trunc('month', hour, 'UTC') AS month FROM unnest(%s::timestamptz[]) hour) months
 ORDER BY month
"""


@dataclass(frozen=True)
class Counts:
    """What a batch did. superseded: rows whose key came again further down in the same batch; the last one counts."""

    created: int
    updated: int
    unchanged: int
    superseded: int


class Loader:
    """Collects typed rows of one batch and merges them. Use it inside a transaction; the dataset is locked till its end."""

    def __init__(
        self, dataset: Dataset, columns: Sequence[DatasetColumn], batch: ImportBatch, *, is_patient: bool = True
    ) -> None:
        """is_patient: wait for other loads and run for minutes, as a worker may; a web request must not."""
        self.dataset, self.batch = dataset, batch
        self.is_keyed = dataset.row_key == RowKey.COLUMNS
        stored = [column for column in columns if column.slot and not column.expression]
        self._measures = {column.key: column.slot for column in stored if column.role == ColumnRole.MEASURE}
        self._texts = {column.key: column for column in stored if column.role != ColumnRole.MEASURE}
        self._dictionary = Dictionary(list(self._texts.values()))
        self._slots = [*self._measures.values(), *(column.slot for column in self._texts.values())]
        self._sent: set[str] = set()
        self._lines = 0
        self._timezone = Organization.objects.values_list("timezone", flat=True).get(pk=dataset.organization_id)
        self._is_daily = True
        with connection.cursor() as cursor:
            if is_patient:
                cursor.execute(LONGEST)
            cursor.execute(LOCK, [f"load:{dataset.organization_id}:{dataset.pk}"])
            slots = "".join(f", {slot} {'numeric' if slot.startswith('m') else 'integer'}" for slot in self._slots)
            cursor.execute("DROP TABLE IF EXISTS incoming")
            cursor.execute(
                "CREATE TEMPORARY TABLE incoming (observed_at timestamptz NOT NULL, "
                f'row_key text COLLATE "C" NOT NULL{slots}) ON COMMIT DROP'
            )

    def add(
        self,
        instants: Sequence[datetime],
        row_keys: Sequence[str],
        numbers: Mapping[str, Sequence[str | None]],
        texts: Mapping[str, Sequence[str | None]],
    ) -> None:
        """Stage rows given column by column.

        instants: aware; row_keys: without NUL; numbers: column key -> plain decimal texts; texts: column key -> values.
        Columns that are not given keep what a corrected row had, and are missing in a new one.
        """
        columns: list[Iterable[str]] = [map(datetime.isoformat, instants), copy_texts(row_keys)]
        names = ["observed_at", "row_key"]
        for key, values in numbers.items():
            names.append(self._measures[key])
            columns.append(known_texts(values) if None in values else cast(Sequence[str], values))
        for key, values in texts.items():
            column = self._texts[key]
            codes = self._dictionary.codes(column, values)
            names.append(column.slot)
            columns.append(map(codes.__getitem__, values))
        self._sent.update(names[2:])
        self._lines += len(instants)
        if self._is_daily:
            self._is_daily = all_begin_days(set(instants), self._timezone)
        lines = "\n".join(map("\t".join, zip(*columns, strict=True)))
        with connection.cursor() as cursor:
            cursor.cursor.copy_expert(f"COPY incoming ({', '.join(names)}) FROM STDIN", io.BytesIO(lines.encode()))

    def compare(self) -> Counts:
        """Count what `merge` would do, leaving only new and corrected rows staged. Nothing is stored."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE incoming (observed_at, row_key)")
            superseded = self._drop_superseded(cursor) if self.is_keyed else 0
            unchanged, updated = 0, 0
            if self._lines and self.dataset.row_count:
                self._fill_unsent(cursor)
                unchanged, updated = self._drop_unchanged(cursor) if self.is_keyed else self._drop_known(cursor)
        return Counts(self._lines - superseded - unchanged - updated, updated, unchanged, superseded)

    def merge(self) -> Counts:
        """Bring the staged rows into the store, mark the hours they touch, and count."""
        counts = self.compare()
        with connection.cursor() as cursor:
            if counts.updated:
                self._replace_changed(cursor)
            cursor.execute(HOURS.format(table="incoming"))
            hours = [hour for (hour,) in cursor.fetchall()]
            cursor.execute(PARTITIONS, [hours])
            inserted = self._insert(cursor)
            if inserted:
                cursor.execute(MARK_HOURS, [*self._ids(), hours])
        if self._lines:
            self._note_times(is_first=self.dataset.row_count == 0)
        if inserted:
            refresh_extent(self.dataset, added=counts.created)
            enqueue(
                "metrics.recompute_dataset", organization_id=self.dataset.organization_id, dataset_id=self.dataset.pk
            )
        return counts

    def _note_times(self, *, is_first: bool) -> None:
        """Whether rows carry days only: decided by the first rows, and once there were times it stays so."""
        wanted = self._is_daily and (is_first or self.dataset.is_daily)
        if self.dataset.is_daily != wanted:
            self.dataset.is_daily = wanted
            Dataset.objects.filter(pk=self.dataset.pk).update(is_daily=wanted)

    def _drop_superseded(self, cursor: Any) -> int:
        # Rows of a fresh table lie in the order in which they came
        cursor.execute("DELETE FROM incoming a USING incoming b WHERE a.row_key = b.row_key AND a.ctid < b.ctid")
        return cursor.rowcount

    def _fill_unsent(self, cursor: Any) -> None:
        unsent = [slot for slot in self._slots if slot not in self._sent]
        if self.is_keyed and unsent:
            values = ", ".join(f"{slot} = o.{slot}" for slot in unsent)
            cursor.execute(
                f"UPDATE incoming i SET {values} FROM metrics_observation o WHERE {self._same_key()}", self._ids()
            )

    def _drop_known(self, cursor: Any) -> tuple[int, int]:
        """Leave out rows that are stored, which are known by their whole content; none is a correction."""
        cursor.execute("SELECT min(observed_at), max(observed_at) FROM incoming")
        cursor.execute(
            "DELETE FROM incoming i USING metrics_observation o WHERE o.organization_id = %s AND o.dataset_id = %s "
            "AND o.observed_at = i.observed_at AND o.row_key = i.row_key "
            "AND o.observed_at >= %s AND o.observed_at <= %s",
            [*self._ids(), *cursor.fetchone()],
        )
        return cursor.rowcount, 0

    def _drop_unchanged(self, cursor: Any) -> tuple[int, int]:
        """Leave out rows that are stored just so, and count the corrections: with one look at the store for both."""
        names = ["observed_at", *self._slots]
        old, new = (", ".join(f"{alias}.{name}" for name in names) for alias in "oi")
        cursor.execute(
            f"""
            WITH met AS (SELECT i.ctid AS place, ROW({old}) IS NOT DISTINCT FROM ROW({new}) AS is_same
                           FROM incoming i JOIN metrics_observation o ON {self._same_key()}),
                 gone AS (DELETE FROM incoming USING met WHERE incoming.ctid = place AND is_same)
            SELECT count(*) FILTER (WHERE is_same), count(*) FILTER (WHERE NOT is_same) FROM met""",
            self._ids(),
        )
        unchanged, updated = cursor.fetchone()
        return int(unchanged), int(updated)

    def _replace_changed(self, cursor: Any) -> int:
        """Move the old state of corrected rows aside; the new one is inserted with the rest."""
        cursor.execute(
            f"""
            WITH old AS (DELETE FROM metrics_observation o USING incoming i WHERE {self._same_key()} RETURNING o.*)
            INSERT INTO metrics_replacedobservation ({KEPT}, replaced_by_id, replaced_at)
            SELECT {KEPT}, %s, now() FROM old""",
            [*self._ids(), self.batch.pk],
        )
        updated = cursor.rowcount
        if updated:
            mark_replaced(cursor, self.batch, self.dataset)
        return updated

    def _insert(self, cursor: Any) -> int:
        slots = "".join(f", {slot}" for slot in self._slots)
        cursor.execute(
            f"INSERT INTO metrics_observation (organization_id, dataset_id, batch_id, is_keyed, observed_at, row_key{slots}) "
            f"SELECT %s, %s, %s, %s, observed_at, row_key{slots} FROM incoming",
            [*self._ids(), self.batch.pk, self.is_keyed],
        )
        return cursor.rowcount

    def _same_key(self) -> str:
        return "o.organization_id = %s AND o.dataset_id = %s AND o.is_keyed AND o.row_key = i.row_key"

    def _ids(self) -> list[int]:
        return [self.dataset.organization_id, self.dataset.pk]


KEPT = ", ".join(
    [
        *("organization_id", "observed_at", "dataset_id", "batch_id", "is_keyed", "row_key"),
        *(f"m{number}" for number in range(1, 17)),
        *(f"d{number}" for number in range(1, 25)),
    ]
)


def all_begin_days(instants: Iterable[datetime], timezone: str) -> bool:
    """Whether each instant is the start of a local day."""
    tz = zone(timezone)
    return all(instant == day_start(instant.astimezone(tz).date(), timezone) for instant in instants)


def known_texts(values: Iterable[str | None]) -> Iterable[str]:
    """Texts, and COPY's mark where there is none."""
    return (MISSING if value is None else value for value in values)


def copy_texts(values: Sequence[str]) -> Iterable[str]:
    """Texts as COPY's text format takes them. Looking through all at once is cheaper than looking at each."""
    together = "".join(values)
    return map(copy_text, values) if any(sign in together for sign in "\\\t\n\r") else values


def copy_text(value: str) -> str:
    """A text as COPY's text format takes it."""
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value


def mark_replaced(cursor: Any, batch: ImportBatch, dataset: Dataset) -> None:
    """Mark the hours in which rows stood that `batch` replaced."""
    table = "metrics_replacedobservation WHERE replaced_by_id = %s AND organization_id = %s"
    cursor.execute(MARK.format(table=table), [dataset.organization_id, dataset.pk, batch.pk, dataset.organization_id])


def wait_for_loads(dataset: Dataset) -> None:
    """Hold the dataset's load lock till the end of the transaction, waiting no longer than the connection's own limit."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"load:{dataset.organization_id}:{dataset.pk}"])


def refresh_extent(dataset: Dataset, *, added: int) -> None:
    """Bring the dataset's row count and first and last instant up to date."""
    with connection.cursor() as cursor:
        ends = []
        for direction in ("ASC", "DESC"):
            cursor.execute(
                "SELECT observed_at FROM metrics_observation WHERE organization_id = %s AND dataset_id = %s "
                f"ORDER BY observed_at {direction} LIMIT 1",
                [dataset.organization_id, dataset.pk],
            )
            row = cursor.fetchone()
            ends.append(row[0] if row else None)
    dataset.first_at, dataset.last_at = ends
    dataset.loaded_at = timezone.now()
    Dataset.objects.filter(pk=dataset.pk).update(
        row_count=F("row_count") + added, first_at=ends[0], last_at=ends[1], loaded_at=dataset.loaded_at
    )
    dataset.row_count += added
