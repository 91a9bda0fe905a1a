"""What was known at an instant: the rows that had been loaded by then and were not yet corrected, removed or undone.

A state of a row begins when its batch was loaded and ends when another batch replaced it, or when its own was undone. Undoing
the batch that replaced it brings it back; the time between is kept as a gap. So each state stands once among today's rows
and those set aside for good, and gaps are the ones that came back.

What this cannot tell: how the calendar of periods, the tree of departments and the names of properties were then. Rows are
read as of today in these respects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from metrics.models import DIMENSION_SLOTS, MEASURE_SLOTS
from organization.engine.local_time import day_start, local_day

SLOTS = ", ".join((*MEASURE_SLOTS, *DIMENSION_SLOTS))
COLUMNS = f"organization_id, observed_at, dataset_id, batch_id, row_key, {SLOTS}"
# A correction counts from the instant its batch was loaded, so that no moment lies between the old row and the new one
GONE_AT = """CASE WHEN {row}.replaced_by_id = {row}.batch_id THEN {row}.replaced_at ELSE
  coalesce((SELECT later.loaded_at FROM metrics_importbatch later
             WHERE later.organization_id = {row}.organization_id AND later.id = {row}.replaced_by_id),
           {row}.replaced_at) END"""
KNOWN = f"""
  EXISTS (SELECT FROM metrics_importbatch batch WHERE batch.organization_id = state.organization_id
             AND batch.id = state.batch_id AND batch.loaded_at < %s)
  AND NOT EXISTS (SELECT FROM metrics_replacedobservation gap WHERE gap.organization_id = state.organization_id
             AND gap.dataset_id = state.dataset_id AND gap.batch_id = state.batch_id AND gap.row_key = state.row_key
             AND gap.restored_at >= %s AND {GONE_AT.format(row="gap")} < %s)"""
HERE = f"FROM metrics_observation state WHERE state.organization_id = %s AND state.dataset_id = {{dataset}} AND {KNOWN}"
ASIDE = f"""FROM metrics_replacedobservation state
  WHERE state.organization_id = %s AND state.dataset_id = {{dataset}} AND state.restored_at IS NULL
    AND {GONE_AT.format(row="state")} >= %s AND {KNOWN}"""
ROWS = f"""(SELECT {COLUMNS} {HERE.format(dataset="%s")}
  UNION ALL SELECT {COLUMNS} {ASIDE.format(dataset="%s")}) AS known"""
END = "(SELECT state.observed_at {source} ORDER BY state.observed_at {way} LIMIT 1)"
ENDS = f"""
SELECT wanted.id, min(found.at), max(found.at) FROM unnest(%s::bigint[]) AS wanted (id), LATERAL (
  {
    " UNION ALL ".join(
        END.format(source=source.format(dataset="wanted.id"), way=way)
        for source in (HERE, ASIDE)
        for way in ("ASC", "DESC")
    )
}) AS found (at) GROUP BY wanted.id
"""


@dataclass(frozen=True)
class KnownOn:
    """What had been loaded, defined and set before the instant `at`; day: the organization's day that it ends."""

    at: datetime
    day: date

    def rows(self, organization_id: int, dataset_id: int) -> tuple[str, tuple[object, ...]]:
        """SQL that stands for the table of observations, and its parameters."""
        known = (self.at, self.at, self.at)
        return ROWS, (organization_id, dataset_id, *known, organization_id, dataset_id, self.at, *known)

    def ends(self, organization_id: int, dataset_ids: Iterable[int]) -> dict[int, tuple[datetime, datetime]]:
        """First and last instant of the rows of each dataset that were known; without an entry where none was."""
        known = (self.at, self.at, self.at)
        here = (organization_id, *known)
        aside = (organization_id, self.at, *known)
        with connection.cursor() as cursor:
            cursor.execute(ENDS, [sorted(dataset_ids), *here, *here, *aside, *aside])
            rows: list[tuple[int, Any, Any]] = cursor.fetchall()
        return {dataset_id: (first, last) for dataset_id, first, last in rows if first is not None}


def known_on(day: date, timezone: str) -> KnownOn:
    """What was known at the end of the organization's `day`."""
    return KnownOn(day_start(day + timedelta(days=1), timezone), day)


def asked_known(day: date | None, *, as_of: datetime, timezone: str) -> KnownOn | None:
    """What the address asks for; None without a day, and for today and days to come, which know nothing else."""
    if day is None or day >= local_day(as_of, timezone):
        return None
    return known_on(day, timezone)
