"""A first plan for a source, from a sample of its rows: by the names and looks of their columns, as files are read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from .json_paths import MOST_PATHS, WHOLE, find_rows, leaves, names_of, rows_of
from .source_plan import SourceColumn, SourcePlan
from .tabular import Preview, detect, guess_mapping
from .tabular.slugs import unique_keys

MOST_SAMPLED = 50
_ID = re.compile(r"(?:^|[ _])(?:id|uuid|guid)$|(?:Id|ID|编号|单号)$")
_TIME = re.compile(r"date|time|created|_at$|At$|时间|日期", re.IGNORECASE)
_UNIX = re.compile(r"1\d{9}(?:\.\d+)?|1\d{12}")


def guess_body(body: Any) -> SourcePlan:
    """A plan for bodies like this one: where its rows are, and what each of their values is."""
    rows_at = find_rows(body)
    rows = rows_of(body, rows_at) or []
    found: dict[str, None] = {}
    for row in rows[:MOST_SAMPLED]:
        found.update(dict.fromkeys(path for path, _value in leaves(row)))
    paths = list(found)
    shared = _shared(body, rows_at) if rows_at else {}
    names = names_of([*paths, *shared])
    samples = [dict(leaves(row)) | shared for row in rows[:MOST_SAMPLED]]
    columns = _columns([*paths, *shared][:MOST_PATHS], names[:MOST_PATHS], samples)
    return SourcePlan(tuple(columns), rows_at)


def guess_query(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> SourcePlan:
    """A plan for a query with these columns."""
    return SourcePlan(tuple(_columns(names, names, rows[:MOST_SAMPLED])))


def _shared(body: Any, rows_at: str) -> dict[str, Any]:
    """What stands beside the rows and belongs to each of them."""
    if not isinstance(body, dict):
        return {}
    top = f"/{rows_at.split('/')[1]}"
    return {f"{WHOLE}{path}": value for path, value in leaves(body) if not f"{path}/".startswith(f"{top}/")}


def _columns(paths: Sequence[str], names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[SourceColumn]:
    if not paths:
        return []
    table = [[_cell(row.get(path)) for path in paths] for row in rows]
    keys = unique_keys(names)
    guessed = _guessed(names, table)
    columns = [
        SourceColumn(path, guessed.get(index, "ignore"), keys[index], names[index]) for index, path in enumerate(paths)
    ]
    roles = {column.role for column in columns}
    if "instant" not in roles:
        columns = _first(columns, "instant", lambda i: bool(_TIME.search(names[i])) and _is_unix(table, i))
    if "key" not in roles:
        columns = _first(columns, "key", lambda i: bool(_ID.search(names[i])) and all(row[i] for row in table))
    return columns


def _guessed(names: Sequence[str], table: Sequence[Sequence[str]]) -> dict[int, str]:
    """Role by position, as the same table would be read from a file."""
    if not any(any(row) for row in table):
        return dict.fromkeys(range(len(names)), "dimension")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(table)
    file = io.BytesIO(text.getvalue().encode())
    preview: Preview = detect(file, encoding="utf-8", delimiter=",", header_rows=(0,))
    return {column.source: column.role for column in guess_mapping(replace(preview, wide=())).columns}


def _first(columns: list[SourceColumn], role: str, suits: Any) -> list[SourceColumn]:
    """The columns, the first that suits in this role."""
    place = next((index for index in range(len(columns)) if columns[index].role != "instant" and suits(index)), None)
    return [replace(column, role=role) if index == place else column for index, column in enumerate(columns)]


def _is_unix(table: Sequence[Sequence[str]], index: int) -> bool:
    cells = [row[index] for row in table if row[index]]
    return bool(cells) and all(_UNIX.fullmatch(cell) for cell in cells)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value).replace("\n", " ")[:200]
