"""Plain SQL over plain tables: no partitions, no tenants, no rights, no types to check."""

from __future__ import annotations

import io
from typing import Any

COLUMNS = "observed_at, row_key, quantity, price, series, customer, country"
TABLE = """
CREATE TABLE {name} (observed_at timestamptz NOT NULL, row_key text COLLATE "C" NOT NULL,
  quantity numeric, price numeric, series integer, customer integer, country integer)
"""
GROUPED = """
SELECT count(*), sum(n), sum(total), min(low), max(high) FROM (
  SELECT series, date_trunc('{grain}', observed_at) AS bucket, count(*) AS n, sum(price) AS total, min(price) AS low,
         max(price) AS high
    FROM {name} GROUP BY series, bucket) groups
"""
# What an incremental rollup comes down to: the touched hour from its rows, then day, week, month, quarter and year each
# from the grain below, for 200 series and their total, written over what was there
UPSERT = """
INSERT INTO {name}_rollup (grain, bucket, series, n, total, low, high)
SELECT {number}, {bucket}, {series}, {parts} FROM {source} WHERE {condition} GROUP BY 2, 3
ON CONFLICT (grain, bucket, series) DO UPDATE
   SET n = excluded.n, total = excluded.total, low = excluded.low, high = excluded.high
"""
ROLLUP = """
CREATE TABLE {name}_rollup (grain smallint, bucket timestamptz, series integer, n bigint, total numeric, low numeric,
  high numeric, PRIMARY KEY (grain, bucket, series))
"""
FROM_ROWS = "count(*), sum(price), min(price), max(price)"
FROM_ROLLUPS = "sum(n), sum(total), min(low), max(high)"
GRAINS = ((1, "hour", 0), (2, "day", 1), (3, "week", 2), (4, "month", 2), (5, "quarter", 4), (6, "year", 5))


def make_table(cursor: Any, name: str) -> None:
    """The bare table, empty."""
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(TABLE.format(name=name))


def copy(cursor: Any, name: str, text: bytes) -> None:
    """COPY of text into the bare table."""
    cursor.copy_expert(f"COPY {name} ({COLUMNS}) FROM STDIN", io.BytesIO(text))


def group_by(cursor: Any, name: str, grain: str) -> None:
    """Every row aggregated by series and day or hour; nothing is stored."""
    cursor.execute(GROUPED.format(name=name, grain=grain))


def make_rollups(cursor: Any, name: str) -> None:
    """Rollups of the bare table, all of them."""
    cursor.execute(f"DROP TABLE IF EXISTS {name}_rollup")
    cursor.execute(ROLLUP.format(name=name))
    _upsert(cursor, name, "-infinity", "infinity")


def refresh_rollups(cursor: Any, name: str, opens: Any, closes: Any) -> None:
    """Rollups of the hours in [opens, closes) and of all that they are part of."""
    _upsert(cursor, name, opens, closes)


def _upsert(cursor: Any, name: str, opens: Any, closes: Any) -> None:
    for number, grain, finer in GRAINS:
        whole = (
            f"bucket >= date_trunc('{grain}', %(opens)s::timestamptz) AND bucket < "
            f"date_trunc('{grain}', %(closes)s::timestamptz - interval '1 us') + interval '{_length(grain)}'"
        )
        if not finer:
            parts, source = FROM_ROWS, name
            condition = "observed_at >= %(opens)s AND observed_at < %(closes)s"
            bucket, series = "date_trunc('hour', observed_at)", "series"
        else:
            parts, source = FROM_ROLLUPS, f"{name}_rollup"
            condition = f"grain = {finer} AND {whole}"
            bucket, series = f"date_trunc('{grain}', bucket)", "series"
        sql = UPSERT.format(
            name=name, number=number, bucket=bucket, series=series, parts=parts, source=source, condition=condition
        )
        cursor.execute(sql, {"opens": opens, "closes": closes})


def _length(grain: str) -> str:
    return "3 months" if grain == "quarter" else f"1 {grain}"
