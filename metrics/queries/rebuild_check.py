"""Where stored rollups and freshly computed ones differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from metrics.choices import GrainCode
from metrics.models import KpiVersion
from metrics.queries.buckets import Reach

FRESH = "fresh_rollup"
KEY = "organization_id, version_id, grain, breakdown_id, bucket_start, key1, key2"
PARTS = ("n", "sum", "sum_of_squares", "min", "max", "first", "last", "value")
COMPARE = """
SELECT version_id, grain, bucket_start, breakdown_id, key1, key2,
       ROW({stored})::text, ROW({fresh})::text
  FROM (SELECT rollup.* FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS read (version, opens, closes)
          JOIN metrics_rollup rollup ON version_id = version AND bucket_start >= opens AND bucket_start < closes
         WHERE organization_id = %s) stored
  FULL JOIN
       (SELECT rollup.* FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS read (version, opens, closes)
          JOIN {table} rollup ON version_id = version AND bucket_start >= opens AND bucket_start < closes) fresh
 USING ({key})
 WHERE ROW({stored}) IS DISTINCT FROM ROW({fresh})
 ORDER BY version_id, grain, bucket_start, breakdown_id, key1, key2 LIMIT %s
"""


@dataclass(frozen=True)
class Difference:
    """A bucket whose parts (n, sum, sum of squares, min, max, first, last, value) differ; empty where there is none."""

    kpi: str
    version: int
    grain: GrainCode
    bucket_start: datetime
    breakdown_id: int
    keys: tuple[int, int]
    stored: str
    computed: str

    def __str__(self) -> str:
        split = f" breakdown {self.breakdown_id} {self.keys}" if self.breakdown_id else ""
        return (
            f"{self.kpi} v{self.version} {self.grain.name.lower()} {self.bucket_start.isoformat()}{split}: "
            f"stored {self.stored}, computed {self.computed}"
        )


def differences(versions: Sequence[tuple[KpiVersion, Reach]], *, most: int) -> list[Difference]:
    """The first `most` buckets in which the stored rollups of the versions differ from the table of fresh ones.

    Only buckets that are read under a version count: what it once had beyond the start of its successor is never shown.
    """
    if not versions:
        return []
    known = {version.pk: version for version, _ in versions}
    read: list[list[Any]] = [
        [version.pk for version, _ in versions],
        [reach.start for _, reach in versions],
        [reach.cut for _, reach in versions],
    ]
    sql = COMPARE.format(
        key=KEY,
        table=FRESH,
        stored=", ".join(f"stored.{part}" for part in PARTS),
        fresh=", ".join(f"fresh.{part}" for part in PARTS),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*read, versions[0][0].organization_id, *read, most])
        return [
            Difference(
                known[version_id].kpi.key,
                known[version_id].number,
                GrainCode(grain),
                start,
                breakdown_id,
                (key1, key2),
                stored,
                computed,
            )
            for version_id, grain, start, breakdown_id, key1, key2, stored, computed in cursor.fetchall()
        ]
