"""A stretch of the audit trail as a file, and whether such a file is as it was written. Needs no database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from organization.engine.audit_chain import CHAINED, GENESIS, chain_hash, plain

FORMAT = "ops-platform-audit-1"


@dataclass(frozen=True)
class FileCheck:
    """What a walk through a file found. problem: empty where every entry fits; line: where it does not."""

    count: int
    first_seal: str
    last_seal: str
    problem: str = ""
    line: int = 0


def export_lines(entries: Iterable[Mapping[str, Any]], *, about: Mapping[str, Any]) -> Iterator[str]:
    """JSON lines: what the file is, the entries in their order, and how many they were with their last seal.

    entries: CHAINED values with `id`, `previous_hash` and `hash`, the oldest first and none left out between.
    """
    yield _line({"format": FORMAT, **plain(about)})
    count, seal = 0, ""
    for entry in entries:
        count, seal = count + 1, str(entry["hash"])
        yield _line({name: plain(entry[name]) for name in ("id", *CHAINED, "previous_hash", "hash")})
    yield _line({"end": True, "count": count, "last_seal": seal})


def check_export(lines: Iterable[str]) -> FileCheck:
    """Recompute every seal of a file that `export_lines` wrote."""
    count, first, seal, number = 0, "", "", 0
    ended = False
    for number, text in enumerate(lines, start=1):
        try:
            row = json.loads(text)
        except ValueError:
            return FileCheck(count, first, seal, "this line is no JSON", number)
        if number == 1:
            if not isinstance(row, dict) or row.get("format") != FORMAT:
                return FileCheck(0, "", "", "this is no export of an audit trail", 1)
        elif ended:
            return FileCheck(count, first, seal, "there is something after the end", number)
        elif not isinstance(row, dict):
            return FileCheck(count, first, seal, "this line is no entry", number)
        elif row.get("end"):
            ended = True
            if (row.get("count"), row.get("last_seal")) != (count, seal):
                return FileCheck(count, first, seal, "entries are missing before the end", number)
        else:
            if problem := _problem_of(row, seal if count else None):
                return FileCheck(count, first, seal, problem, number)
            count, first, seal = count + 1, first or row["previous_hash"], row["hash"]
    if not ended:
        return FileCheck(count, first, seal, "the end of the file is missing", number)
    return FileCheck(count, first, seal)


def begins_the_trail(check: FileCheck) -> bool:
    """Whether the file starts with the very first entry of the organization."""
    return check.first_seal == GENESIS


def _problem_of(row: Mapping[str, Any], seal_before: str | None) -> str:
    if any(name not in row for name in (*CHAINED, "previous_hash", "hash")):
        return "the entry lacks a value"
    if seal_before not in (None, row["previous_hash"]):
        return "an entry before this one is missing or moved"
    return "" if chain_hash(row["previous_hash"], row) == row["hash"] else "this entry was changed"


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
