"""New numbers for rows that arrive from elsewhere: a whole block for each table, so that one addition renumbers it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from psycopg2 import sql

from ops_platform.portability.archive import Part
from ops_platform.portability.tables import Table
from organization.engine.renumbering import renumbered
from organization.models import User
from organization.portable import Through
from organization.queries.audit import ACTORS
from organization.queries.audit_words import model_of, pointed_at

Shifts = Mapping[str, int]
TRIES = 5
# Only USAGE is needed. Another session may take numbers in between: then the block has a hole, and the next try has none.
BLOCK = "SELECT min(number), max(number) FROM (SELECT nextval(%s) AS number FROM generate_series(1, %s)) taken"
PEOPLE = "arriving_people"
PATH = """coalesce((SELECT '/' || string_agg((step::bigint + {shift})::text, '/' ORDER BY place) || '/'
  FROM unnest(string_to_array(trim(both '/' from {column}), '/')) WITH ORDINALITY AS steps (step, place)
 WHERE step <> ''), '')"""


class NoBlock(RuntimeError):
    """Others were taking numbers all the time."""


def reserve(cursor: Any, table: Table, part: Part) -> int:
    """What to add to the numbers of a table's rows, so that they fall into a block that is nobody else's."""
    if not part.first or not part.last:
        return 0
    wanted = part.last - part.first + 1
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table.name])
    (sequence,) = cursor.fetchone()
    for _attempt in range(TRIES):
        cursor.execute(BLOCK, [sequence, wanted])
        first, last = cursor.fetchone()
        if last - first + 1 == wanted:
            return first - part.first
    raise NoBlock(table.name)


def expressions(table: Table, shifts: Shifts, own: Mapping[str, Any]) -> list[sql.Composable]:
    """What each carried column becomes. own: SQL for columns that the import itself decides."""
    keys = table.keys()
    return [own.get(name) or _expression(table, name, keys.get(name), shifts) for name in table.carried]


def renumber_json(cursor: Any, source: sql.Composable, table: Table, shifts: Shifts) -> None:
    """Renumber what stands inside the JSON columns of the arrived rows in `source`."""
    for column, names in table.travel.inside.items():
        if not names:
            continue
        by_type = sql.Identifier(names[1:]) if isinstance(names, str) else sql.SQL("''")
        field = sql.Identifier(column)
        cursor.execute(sql.SQL("SELECT ctid::text, {}::text, {} FROM {}").format(field, by_type, source))
        changes = list(_changes(cursor, names, shifts))
        for place, text in changes:
            statement = sql.SQL("UPDATE {} SET {} = %s::jsonb WHERE ctid = %s::tid")
            cursor.execute(statement.format(source, field), [text, place])


def renumber_queries(cursor: Any, source: sql.Composable, table: Table, shifts: Shifts) -> None:
    """Renumber what lists were filtered by: department=5&sort=name."""
    for column in table.travel.queries:
        field = sql.Identifier(column)
        cursor.execute(sql.SQL("SELECT ctid::text, {0} FROM {1} WHERE {0} <> ''").format(field, source))
        for place, text in cursor.fetchall():
            pairs = [(name, _moved(name, value, shifts)) for name, value in parse_qsl(text, keep_blank_values=True)]
            statement = sql.SQL("UPDATE {} SET {} = %s WHERE ctid = %s::tid").format(source, field)
            cursor.execute(statement, [urlencode(pairs), place])


def _moved(name: str, value: str, shifts: Shifts) -> str:
    shift = shifts.get(pointed_at(None, name), 0)
    return str(int(value) + shift) if shift and value.isascii() and value.isdigit() else value


def _changes(rows: Iterable[tuple[str, str | None, str]], names: Any, shifts: Shifts) -> Iterable[tuple[str, str]]:
    for place, text, label in rows:
        if text is None:
            continue
        before = json.loads(text)
        if isinstance(names, str) and names.startswith("="):
            after = _all_moved(before, shifts.get(label, 0))
        else:
            after = renumbered(before, _shift_of(names, label, shifts))
        if after != before:
            yield place, json.dumps(after)


def _all_moved(value: Any, shift: int) -> Any:
    """An id, or a list of them, each kept as it stood: a number or a text."""
    if isinstance(value, list):
        return [_all_moved(one, shift) for one in value]
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return str(int(value) + shift)
    return value + shift if isinstance(value, int) and not isinstance(value, bool) else value


def _shift_of(names: Any, label: str, shifts: Shifts) -> Callable[[str], int]:
    if isinstance(names, str):
        model = model_of(label)
        return lambda name: shifts.get(pointed_at(model, name), 0)
    return lambda name: shifts.get(names.get(name, "").lower(), 0)


def _expression(table: Table, name: str, related: Any, shifts: Shifts) -> sql.Composable:
    column = sql.Identifier(name)
    if name == "id" and table.is_numbered:
        return sql.SQL("{} + {}").format(column, sql.Literal(shifts[table.label]))
    if related is User:
        return sql.SQL("(SELECT here FROM {} WHERE there = {})").format(sql.Identifier(PEOPLE), column)
    if related is not None:
        return sql.SQL("{} + {}").format(column, sql.Literal(shifts[related._meta.label_lower]))
    if name in table.travel.paths:
        shift = sql.Literal(shifts[table.travel.paths[name].lower()])
        return sql.SQL(PATH).format(shift=shift, column=column)
    if name in table.travel.urls:
        return _url(table, column, table.travel.urls[name], shifts)
    if name in table.travel.numbers:
        return _number(column, table.types[name], table.travel.numbers[name], shifts)
    return column


def _url(table: Table, column: sql.Composable, number: str, shifts: Shifts) -> sql.Composable:
    """An address with its object's number in it, "/metrics/kpis/12/"."""
    before = sql.Identifier(number)
    after = _number(before, table.types[number], table.travel.numbers[number], shifts)
    return sql.SQL("coalesce(replace({}, '/' || {} || '/', '/' || {} || '/'), {})").format(
        column, before, sql.SQL("({})").format(after), column
    )


def _number(column: sql.Composable, kind: str, target: str | Through, shifts: Shifts) -> sql.Composable:
    """A number without a foreign key; 0 and NULL mean none."""
    if isinstance(target, Through):
        condition = sql.SQL("{} > 0 AND EXISTS (SELECT 1 FROM {} via WHERE via.id = {} + {} AND via.{})").format(
            column,
            sql.Identifier(target.via.replace(".", "_")),
            sql.Identifier(target.column),
            sql.Literal(shifts[target.via]),
            sql.Identifier(target.flag),
        )
        moved = sql.SQL("({} + {})::{}").format(column, sql.Literal(shifts[target.model]), sql.SQL(kind))
        return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(condition, moved, column)
    if not target.startswith("@"):
        shift = sql.Literal(shifts[target.lower()])
        return sql.SQL("CASE WHEN {0} > 0 THEN {0} + {1} ELSE {0} END").format(column, shift)
    named = {kind: shifts.get(label, 0) for kind, label in ACTORS.items()} if target == "@actor_kind" else shifts
    cases = sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(str(key)), sql.Literal(shift))
        for key, shift in named.items()
        if shift
    )
    if not any(named.values()):
        return column
    return sql.SQL("{} + CASE {} {} ELSE 0 END").format(column, sql.Identifier(target[1:]), cases)
