"""The statements that compute rollups. They only select; `services.rollups` inserts what they give.

Buckets come from the periods function as arrays of instants and never from SQL's own calendar. Each statement takes
buckets as `starts` (ascending) and the runs of time they cover as `run_starts` and `run_ends`, so that a few scattered
buckets are a few index ranges and a long stretch is one scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from metrics.choices import Aggregation
from metrics.queries.buckets import Buckets
from metrics.queries.definitions import Breakdown, Definition

COLUMNS = (
    "organization_id, version_id, grain, breakdown_id, bucket_start, key1, key2, "
    "n, sum, sum_of_squares, min, max, first, last, value"
)
ROLLUPS = "metrics_rollup"
NULLS = "NULL::numeric"
ENDS = (Aggregation.FIRST, Aggregation.LAST)
Statement = tuple[str, list[Any]]


def from_rows(
    definition: Definition, buckets: Buckets, departments: dict[int, list[tuple[int, int]]]
) -> list[Statement]:
    """Statements that aggregate observations into `buckets`, for the total and every breakdown.

    departments: per department column the pairs (dictionary code, id of a department whose subtree holds it).
    """
    plain = [breakdown for breakdown in definition.breakdowns if breakdown.department_column is None]
    trees = [breakdown for breakdown in definition.breakdowns if breakdown.department_column is not None]
    statements = [_Aggregate(definition, buckets, plain).statement()]
    for tree in trees:
        pairs = departments.get(tree.department_column or 0, [])
        if pairs:
            statements.append(_Aggregate(definition, buckets, [tree], pairs).statement())
    return statements


def from_finer(definitions: Sequence[Definition], buckets: Buckets, finer_grain: int, table: str) -> Statement:
    """The statement that puts finer rollups of several versions together. Only for aggregations that merge.

    The versions are all of first and last, or none of them is.
    """
    ends = definitions[0].aggregation in ENDS
    first = "(array_agg(first ORDER BY bucket_start) FILTER (WHERE first IS NOT NULL))[1]" if ends else NULLS
    last = "(array_agg(last ORDER BY bucket_start DESC) FILTER (WHERE last IS NOT NULL))[1]" if ends else NULLS
    sql = f"""
        SELECT %s::bigint, version_id, %s::smallint, breakdown_id, (%s::timestamptz[])[bucket], key1, key2,
               sum(n)::bigint, sum(sum), sum(sum_of_squares), min(min), max(max), {first}, {last}, {NULLS}
          FROM (SELECT rollup.*, width_bucket(bucket_start, %s::timestamptz[]) AS bucket
                  FROM unnest(%s::timestamptz[], %s::timestamptz[]) AS run (opens, closes)
                  JOIN {table} rollup ON bucket_start >= opens AND bucket_start < closes
                 WHERE organization_id = %s AND version_id = ANY(%s) AND grain = %s AND breakdown_id = ANY(%s)) finer
         GROUP BY version_id, breakdown_id, bucket, key1, key2 ORDER BY 2, 4, 5, 6, 7"""
    return sql, [
        definitions[0].organization_id, buckets.grain, buckets.starts_array, buckets.starts_array,
        buckets.run_starts_array, buckets.run_ends_array,
        definitions[0].organization_id, *whose(definitions, finer_grain),
    ]  # fmt: skip


_VALUES = (
    ("n", "count(value)"),
    ("sum", "sum(value)"),
    ("sum_of_squares", NULLS),
    ("min", "min(value)"),
    ("max", "max(value)"),
)
# What is kept of the rows of a bucket. Squares tell how far values scatter around an average; nothing else asks for them
MERGED = {
    Aggregation.SUM: _VALUES,
    Aggregation.MINIMUM: _VALUES,
    Aggregation.MAXIMUM: _VALUES,
    Aggregation.AVERAGE: (*_VALUES[:2], ("sum_of_squares", "sum(value * value)"), *_VALUES[3:]),
    Aggregation.COUNT: (("n", "count(*)"), *((part, NULLS) for part in ("sum", "sum_of_squares", "min", "max"))),
}


def whose(definitions: Sequence[Definition], grain: int) -> list[Any]:
    """Versions, grain and breakdowns as parameters: with all three named, only the touched part of the index is read."""
    breakdowns = {breakdown.id for definition in definitions for breakdown in definition.breakdowns}
    return [[definition.version_id for definition in definitions], grain, sorted(breakdowns)]


class _Aggregate:
    """One pass over the observations for a group of breakdowns, by grouping sets."""

    def __init__(
        self,
        definition: Definition,
        buckets: Buckets,
        breakdowns: Sequence[Breakdown],
        pairs: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.definition, self.buckets, self.breakdowns, self.pairs = definition, buckets, breakdowns, pairs
        self.keys = ["department"] if pairs else sorted({slot for item in breakdowns for slot in item.slots})

    def statement(self) -> Statement:
        """The SELECT with the COLUMNS of a rollup."""
        aggregation = self.definition.aggregation
        if aggregation in (Aggregation.FIRST, Aggregation.LAST):
            return self._at_the_ends()
        if aggregation == Aggregation.REPEAT:
            return self._repeated()
        if aggregation in (Aggregation.MEDIAN, Aggregation.PERCENTILE):
            return self._percentile()
        return self._merged()

    def _merged(self) -> Statement:
        if self.definition.aggregation == Aggregation.DISTINCT:
            return self._distinct()
        widest = self._widest()
        parts = MERGED[self.definition.aggregation]
        source, params = self._source()
        keys = "".join(f", {key}" for key in self.keys)
        sets = ", ".join(self._sets(only=widest))
        leaf = f"""SELECT bucket{keys}, {self._mask()} AS mask, {", ".join(f"{of} AS {part}" for part, of in parts)}
              FROM ({source}) fact GROUP BY GROUPING SETS ({sets})"""
        names = ", ".join(part for part, _ in parts)
        sql = f"SELECT {self._head('mask')}, {names}, {NULLS}, {NULLS}, {NULLS} FROM leaf"
        params = [*params, *self._head_params()]
        for item in self.breakdowns:
            if item not in widest:
                merged, more = self._merge(item, next(wide for wide in widest if set(item.slots) <= set(wide.slots)))
                sql, params = f"{sql} UNION ALL {merged}", [*params, *more]
        return f"WITH leaf AS ({leaf}) {sql} ORDER BY 4, 5, 6, 7", params

    def _merge(self, item: Breakdown, wide: Breakdown) -> Statement:
        """The rows of a breakdown, merged from the leaves of a wider one, which are fewer than the observations."""
        slots = self._slots(item) if item.slots else ()
        key1, key2 = [*(f"coalesce({slot}, 0)" for slot in slots), "0", "0"][:2]
        sql = f"""
            SELECT %s::bigint, %s::bigint, %s::smallint, {item.id}, (%s::timestamptz[])[bucket], {key1}, {key2},
                   sum(n)::bigint, sum(sum), sum(sum_of_squares), min(min), max(max), {NULLS}, {NULLS}, {NULLS}
              FROM leaf WHERE mask = {self._mask_of(wide)} GROUP BY {", ".join(["bucket", *slots])}"""
        return sql, self._head_params()

    def _widest(self) -> list[Breakdown]:
        """The breakdowns that no other one contains."""
        found: list[Breakdown] = []
        for item in sorted(self.breakdowns, key=lambda item: -len(item.slots)):
            if not any(set(item.slots) <= set(wide.slots) for wide in found):
                found.append(item)
        return found

    def _distinct(self) -> Statement:
        parts, value = f"count(*), {NULLS}, {NULLS}, {NULLS}, {NULLS}", "count(DISTINCT subject)::numeric"
        source, params = self._source()
        sql = f"SELECT {self._head()}, {parts}, {NULLS}, {NULLS}, {value} FROM ({source}) fact {self._group_by()}"
        return sql, [*self._head_params(), *params]

    def _at_the_ends(self) -> Statement:
        """First and last: the sum of the rows at the first and last instant, so that a stock of many places adds up."""
        source, params = self._source(with_instant=True)
        keys = "".join(f", {key}" for key in self.keys)
        inner = f"""
            SELECT bucket{keys}, observed_at, {self._mask()} AS mask, count(value) AS n, sum(value) AS value
              FROM ({source}) fact WHERE value IS NOT NULL
             GROUP BY GROUPING SETS ({", ".join(self._sets("observed_at"))})"""
        sql = f"""
            SELECT {self._head("mask")}, sum(n)::bigint, {NULLS}, {NULLS}, min(value), max(value),
                   (array_agg(value ORDER BY observed_at))[1], (array_agg(value ORDER BY observed_at DESC))[1], {NULLS}
              FROM ({inner}) instant GROUP BY bucket, mask{keys}"""
        return sql, [*self._head_params(), *params]

    def _repeated(self) -> Statement:
        """How many subjects (customers) have at least k different occasions (orders) in the bucket."""
        source, params = self._source()
        keys = "".join(f", {key}" for key in self.keys)
        inner = f"""
            SELECT bucket{keys}, {self._mask()} AS mask, count(*) AS n, count(DISTINCT occasion) >= %s AS is_repeated
              FROM ({source}) fact WHERE subject IS NOT NULL
             GROUP BY GROUPING SETS ({", ".join(self._sets("subject"))})"""
        sql = f"""
            SELECT {self._head("mask")}, sum(n)::bigint, {NULLS}, {NULLS}, {NULLS}, {NULLS}, {NULLS}, {NULLS},
                   count(*) FILTER (WHERE is_repeated)::numeric
              FROM ({inner}) subjects GROUP BY bucket, mask{keys}"""
        return sql, [*self._head_params(), self.definition.at_least, *params]

    def _percentile(self) -> Statement:
        """Continuous interpolation as percentile_cont, in numeric: SQL's own is double precision only."""
        median = self.definition.aggregation == Aggregation.MEDIAN
        share = Decimal("0.5") if median else Decimal(str(self.definition.percentile)) / 100
        source, params = self._source()
        keys = "".join(f", {key}" for key in self.keys)
        inner = f"""
            SELECT bucket{keys}, {self._mask()} AS mask, count(value) AS n, array_agg(value ORDER BY value) AS ranked,
                   floor(%s * (count(value) - 1))::int AS below, %s * (count(value) - 1) AS place
              FROM ({source}) fact WHERE value IS NOT NULL
             GROUP BY GROUPING SETS ({", ".join(self._sets())})"""
        sql = f"""
            SELECT {self._head("mask")}, n, {NULLS}, {NULLS}, {NULLS}, {NULLS}, {NULLS}, {NULLS},
                   ranked[below + 1] + (place - below) * (ranked[least(below + 2, n)::int] - ranked[below + 1])
              FROM ({inner}) ranks"""
        return sql, [*self._head_params(), share, share, *params]

    def _source(self, *, with_instant: bool = False) -> Statement:
        """The rows of the runs that pass the filter: bucket, keys, value, subject, occasion."""
        definition = self.definition
        columns = ["width_bucket(observed_at, %s::timestamptz[]) AS bucket"]
        params: list[Any] = [self.buckets.starts_array]
        columns += ["pair.department"] if self.pairs else self.keys
        columns.append(f"({definition.value_sql})::numeric AS value")
        params += definition.value_params
        columns += [f"{definition.subject} AS subject"] if definition.subject else []
        columns += [f"{definition.occasion} AS occasion"] if definition.occasion else []
        columns += ["observed_at"] if with_instant else []
        join = ""
        if self.pairs:
            slot = self.breakdowns[0].slots[0]
            join = f"JOIN unnest(%s::int[], %s::int[]) AS pair (code, department) ON pair.code = {slot}"
        if len(self.buckets.run_starts) == 1:
            rows, span = definition.rows, "observed_at >= %s AND observed_at < %s"
            run_params: list[Any] = [*definition.rows_params]
            span_params = [self.buckets.run_starts[0], self.buckets.run_ends[0]]
        else:
            rows = (
                "unnest(%s::timestamptz[], %s::timestamptz[]) AS run (opens, closes) "
                f"JOIN {definition.rows} ON observed_at >= opens AND observed_at < closes"
            )
            run_params = [self.buckets.run_starts_array, self.buckets.run_ends_array, *definition.rows_params]
            span, span_params = "TRUE", []
        params += run_params
        params += [[code for code, _ in self.pairs], [department for _, department in self.pairs]] if self.pairs else []
        sql = f"""
            SELECT {", ".join(columns)} FROM {rows} {join}
             WHERE organization_id = %s AND dataset_id = %s AND {span} AND ({definition.filter_sql})"""
        params += [definition.organization_id, definition.dataset_id, *span_params, *definition.filter_params]
        return sql, params

    def _head(self, mask: str = "") -> str:
        """organization, version, grain, breakdown, bucket and keys of a result row."""
        mask = mask or self._mask()
        breakdown = self._choose(mask, {item: str(item.id) for item in self.breakdowns})
        key1 = self._choose(mask, {item: self._slots(item)[0] for item in self.breakdowns if item.slots})
        key2 = self._choose(mask, {item: item.slots[1] for item in self.breakdowns if len(item.slots) == 2})
        return f"%s::bigint, %s::bigint, %s::smallint, {breakdown}, (%s::timestamptz[])[bucket], {key1}, {key2}"

    def _choose(self, mask: str, choices: dict[Breakdown, str]) -> str:
        """The expression of the breakdown that a result row belongs to, 0 where it has none or the value is missing."""
        branches = " ".join(f"WHEN {self._mask_of(item)} THEN {choice}" for item, choice in choices.items())
        return f"coalesce(CASE {mask} {branches} END, 0)" if branches else "0"

    def _head_params(self) -> list[Any]:
        definition = self.definition
        return [definition.organization_id, definition.version_id, self.buckets.grain, self.buckets.starts_array]

    def _slots(self, breakdown: Breakdown) -> tuple[str, ...]:
        return ("department",) if self.pairs else breakdown.slots

    def _mask(self) -> str:
        """Which keys a grouping set left out, as PostgreSQL's GROUPING counts them: a bit each, the last key lowest."""
        return f"GROUPING({', '.join(self.keys)})" if self.keys else "0"

    def _mask_of(self, breakdown: Breakdown) -> int:
        used = self._slots(breakdown) if breakdown.slots else ()
        return sum(1 << place for place, key in enumerate(reversed(self.keys)) if key not in used)

    def _sets(self, *more: str, only: Sequence[Breakdown] | None = None) -> list[str]:
        return [
            f"({', '.join(['bucket', *dict.fromkeys(self._slots(b) if b.slots else ()), *more])})"
            for b in (self.breakdowns if only is None else only)
        ]

    def _group_by(self) -> str:
        return f"GROUP BY GROUPING SETS ({', '.join(self._sets())})"
