"""An exported trail shows every change that was made to it afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from organization.engine.audit_chain import CHAINED, GENESIS, chain_hash
from organization.engine.audit_export import begins_the_trail, check_export, export_lines


def trail(count: int) -> list[dict[str, Any]]:
    """Entries as the database has them."""
    entries, previous = [], GENESIS
    for number in range(1, count + 1):
        entry: dict[str, Any] = dict.fromkeys(CHAINED, "")
        entry |= {"id": number, "at": datetime(2026, 1, number, tzinfo=UTC), "actor_id": 3, "facts": {"名": [1, None]}}
        entry |= {"previous_hash": previous, "hash": chain_hash(previous, entry)}
        previous = entry["hash"]
        entries.append(entry)
    return entries


def lines_of(entries: list[dict[str, Any]]) -> list[str]:
    return list(export_lines(entries, about={"organization": "云禾"}))


def edited(line: str, **values: Any) -> str:
    return json.dumps(json.loads(line) | values)


def test_o5_an_untouched_file_is_whole() -> None:
    entries = trail(4)

    found = check_export(lines_of(entries))

    assert (found.count, found.last_seal, found.problem) == (4, entries[-1]["hash"], "")
    assert begins_the_trail(found)


def test_o5_a_stretch_from_the_middle_is_whole_and_says_where_it_begins() -> None:
    entries = trail(4)

    found = check_export(lines_of(entries[2:]))

    assert (found.count, found.first_seal, found.problem) == (2, entries[1]["hash"], "")
    assert not begins_the_trail(found)


def test_o5_an_empty_stretch_is_whole() -> None:
    found = check_export(lines_of([]))

    assert (found.count, found.problem) == (0, "")


@pytest.mark.parametrize(
    ("change", "line", "problem"),
    [
        (lambda lines: [*lines[:2], *lines[3:]], 3, "an entry before this one is missing or moved"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 3, "an entry before this one is missing or moved"),
        (lambda lines: [*lines[:2], edited(lines[2], verb="other"), *lines[3:]], 3, "this entry was changed"),
        (lambda lines: [*lines[:2], edited(lines[2], facts={}), *lines[3:]], 3, "this entry was changed"),
        (lambda lines: [*lines[:4], lines[5]], 5, "entries are missing before the end"),
        (lambda lines: lines[:-1], 5, "the end of the file is missing"),
        (lambda lines: [*lines, lines[1]], 7, "there is something after the end"),
        (lambda lines: lines[1:], 1, "this is no export of an audit trail"),
        (lambda lines: [lines[0], "{", *lines[1:]], 2, "this line is no JSON"),
        (lambda lines: [lines[0], "[]", *lines[1:]], 2, "this line is no entry"),
        (lambda lines: [lines[0], "{}", *lines[1:]], 2, "the entry lacks a value"),
        (lambda _lines: [], 0, "the end of the file is missing"),
    ],
)
def test_o5_whatever_was_done_to_a_file_is_found(
    change: Callable[[list[str]], list[str]], line: int, problem: str
) -> None:
    found = check_export(change(lines_of(trail(4))))

    assert (found.line, found.problem) == (line, problem)
