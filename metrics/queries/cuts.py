"""What several values or several properties leave of a KPI: put together from rollups where they hold it, else from rows.

A rollup stands for one key of a property, or of a declared pair. Several keys of it merge where the aggregation does (sums,
counts, averages, extremes); different customers, medians and last values do not, and neither do properties that were not
declared as a pair: those are aggregated from the very rows, by the statements that roll them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from metrics.choices import Aggregation
from metrics.models import DatasetColumn, KpiVersion
from metrics.queries.buckets import Buckets
from metrics.queries.definitions import Breakdown, Definition, definition_of
from metrics.queries.places import Place, rows_of
from metrics.queries.rollup_sql import COLUMNS, ROLLUPS, Statement, from_rows
from metrics.queries.windows import Ask, Split, Term, Where

MERGING = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.AVERAGE, Aggregation.MINIMUM, Aggregation.MAXIMUM})
CELL = "version_id, grain, breakdown_id, bucket_start, key1, key2, n, sum, min, max, first, last, value"
COLUMN_FIELDS = ("id", "organization_id", "dataset_id", "key", "role", "slot", "expression")
Held = tuple[Term, int, tuple[int, ...]]


@dataclass(frozen=True)
class Kept:
    """The breakdown whose rollups hold a cut. conditions: (key, codes, is_other); free: the key that the split is by."""

    breakdown_id: int
    conditions: tuple[tuple[str, tuple[int, ...], bool], ...]
    free: str = ""


def declared(version: KpiVersion) -> set[int]:
    """The columns by which a version is kept."""
    return {
        row[end] for row in rows_of(version) for end in ("first", "second") if row[end] and not row["by_department"]
    }


def trees(version: KpiVersion) -> set[int]:
    """The columns of departments by whose tree a version is kept."""
    return {row["first"] for row in rows_of(version) if row["by_department"]}


def held_by(version: KpiVersion, where: Where) -> list[Held] | None:
    """Each term with the version's own column and the codes that pass; None where it is not kept by one of them."""
    found: list[Held] = []
    for term in where.terms:
        pair = term.of(trees(version) if term.is_tree else declared(version))
        if pair is None:
            return None
        found.append((term, *pair))
    return found


def cut_place(version: KpiVersion, ask: Ask, number: int) -> Place | None:
    """Where a cut is put for the version: under a number of its own below zero. None where the version is not kept so."""
    if not isinstance(ask.only, Where) or held_by(version, ask.only) is None:
        return None
    if ask.split is not None and not _may_split(version, ask.split):
        return None
    return Place(number)


def kept_in(version: KpiVersion, ask: Ask) -> Kept | None:
    """The rollups that a cut may be put together from, None where there are none."""
    assert isinstance(ask.only, Where)
    held = held_by(version, ask.only)
    if held is None or Aggregation(version.aggregation) not in MERGING:
        return None
    split = ask.split
    if len(held) == 1 and held[0][0].is_tree:
        term, column_id, _codes = held[0]
        found = [row["id"] for row in rows_of(version) if row["by_department"] and row["first"] == column_id]
        return Kept(found[0], (("key1", term.keys, False),)) if found and split is None else None
    if any(term.is_tree for term, _column, _codes in held) or (split and (split.by_department or split.second_id)):
        return None
    wanted = {column_id for _term, column_id, _codes in held} | ({split.column_id} if split else set())
    for row in rows_of(version):
        names = {row["first"]: "key1"} | ({row["second"]: "key2"} if row["second"] else {})
        if set(names) == wanted and not row["by_department"]:
            conditions = tuple((names[column_id], codes, term.is_other) for term, column_id, codes in held)
            return Kept(row["id"], conditions, names[split.column_id] if split else "")
    return None


def cut_definition(version: KpiVersion, columns: Sequence[DatasetColumn], ask: Ask, number: int) -> Definition:
    """The version's definition over the rows that the cut leaves, with nothing but the cut to be computed."""
    definition = definition_of(version, columns, [])
    return narrowed(definition, version, {column.pk: column.slot for column in columns}, ask, number)


def narrowed(definition: Definition, version: KpiVersion, slots: dict[int, str], ask: Ask, number: int) -> Definition:
    """A definition over the rows that a cut leaves. slots: by column."""
    assert isinstance(ask.only, Where)
    conditions, params = [f"({definition.filter_sql})"], list(definition.filter_params)
    for term, column_id, codes in held_by(version, ask.only) or ():
        conditions.append(f"coalesce({slots[column_id]}, 0) {'<> ALL' if term.is_other else '= ANY'} (%s::int[])")
        params.append(list(codes))
    split = ask.split
    keys = () if split is None else tuple(slots[one] for one in (split.column_id, split.second_id) if one)
    return replace(
        definition,
        filter_sql=" AND ".join(conditions),
        filter_params=tuple(params),
        breakdowns=(Breakdown(number, keys),),
    )


def from_rollups(version: KpiVersion, kept: Kept, buckets: Buckets, number: int) -> Statement:
    """The statement that puts a cut together from rollups."""
    free = kept.free or "0"
    conditions = [f"{key} {'<> ALL' if is_other else '= ANY'} (%s::int[])" for key, _codes, is_other in kept.conditions]
    sql = f"""
        SELECT %s::bigint, version_id, grain, %s::bigint, bucket_start, {free}, 0, sum(n)::bigint, sum(sum),
               NULL::numeric, min(min), max(max), NULL::numeric, NULL::numeric, NULL::numeric
          FROM unnest(%s::timestamptz[], %s::timestamptz[]) AS run (opens, closes)
          JOIN {ROLLUPS} ON bucket_start >= opens AND bucket_start < closes
         WHERE organization_id = %s AND version_id = %s AND grain = %s AND breakdown_id = %s
           AND {" AND ".join(conditions)}
         GROUP BY version_id, grain, bucket_start{f", {free}" if kept.free else ""}"""
    return sql, [
        version.organization_id, number, buckets.run_starts_array, buckets.run_ends_array, version.organization_id,
        version.pk, buckets.grain, kept.breakdown_id, *(list(codes) for _key, codes, _other in kept.conditions),
    ]  # fmt: skip


def cut_statement(version: KpiVersion, ask: Ask, buckets: Buckets, number: int) -> Statement:
    """The statement that selects the cells of a cut, as CELL has them."""
    kept = kept_in(version, ask)
    if kept is not None:
        sql, params = from_rollups(version, kept, buckets, number)
    else:
        ((sql, params),) = from_rows(cut_definition(version, columns_of(version), ask, number), buckets, {})
    return f"SELECT {CELL} FROM ({sql}) AS cut ({COLUMNS})", params


def columns_of(version: KpiVersion) -> list[DatasetColumn]:
    """The columns of the version's dataset, from the annotation `column_rows`."""
    return [DatasetColumn(**row) for row in version.column_rows]  # type: ignore[attr-defined]  # annotated


def united(statements: Iterable[Statement]) -> Statement:
    """Several as one."""
    found = list(statements)
    params: list[Any] = [one for _sql, more in found for one in more]
    return " UNION ALL ".join(f"({sql})" for sql, _params in found), params


def _may_split(version: KpiVersion, split: Split) -> bool:
    if split.by_department:
        return False
    return {split.column_id, *([split.second_id] if split.second_id else [])} <= declared(version)
