"""Noting that an ended period changed after it had been shown: by a late, a corrected or a removed row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

from metrics.choices import Aggregation, GrainCode
from metrics.models import RollupCorrection
from metrics.queries.buckets import GRAINS, Span, touched_periods
from metrics.queries.series import value_of
from metrics.services.rollup_builder import Work
from organization.engine.periods import PeriodRule

TOTALS = """
SELECT rollup.version_id, rollup.grain, rollup.bucket_start, n, sum, min, max, first, last, value
  FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[]) AS shown (version_id, grain, bucket_start)
  JOIN metrics_rollup rollup USING (version_id, grain, bucket_start)
 WHERE rollup.organization_id = %s AND rollup.breakdown_id = 0
"""
Bucket = tuple[int, int, datetime]


class Corrections:
    """Compares the totals of ended periods before and after a recomputation.

    Of interest are the days and the periods by which people judge a KPI, when they had ended before the version was last
    computed: what was shown then was not "so far". Two statements for all of a dataset's KPIs, none for running periods.
    """

    def __init__(self, work: Sequence[Work], touched: Sequence[Span], rule: PeriodRule) -> None:
        self._aggregations = {item.version.pk: Aggregation(item.version.aggregation) for item in work}
        self._organization_id = work[0].definition.organization_id if work else 0
        self._shown = [
            (item.version.pk, int(grain), period.start)
            for item in work
            for grain in sorted({GrainCode.DAY, GrainCode(item.version.kpi.grain)})
            if grain >= item.version.finest_grain and (spans := item.reach.clip(touched))
            for period in touched_periods(GRAINS[grain], spans, rule)
            if item.version.computed_at is not None
            and period.end <= item.version.computed_at
            and item.reach.start <= period.start < item.reach.cut
        ]
        self._before = self._totals()

    def write(self) -> None:
        """Keep a row for each total that is another one now; one that had no value before is no correction."""
        if not self._before:
            return
        after = self._totals()
        RollupCorrection.objects.bulk_create(
            (
                RollupCorrection(
                    version_id=bucket[0], grain=bucket[1], bucket_start=bucket[2], before=value, after=after.get(bucket)
                )
                for bucket, value in sorted(self._before.items())
                if value != after.get(bucket)
            ),
            batch_size=1000,
        )

    def _totals(self) -> dict[Bucket, Decimal]:
        if not self._shown:
            return {}
        version_ids, grains, starts = zip(*self._shown, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(TOTALS, [list(version_ids), list(grains), list(starts), self._organization_id])
            found = {
                (version_id, grain, start): value_of(self._aggregations[version_id], tuple(parts))
                for version_id, grain, start, *parts in cursor.fetchall()
            }
        return {bucket: value for bucket, value in found.items() if value is not None}
