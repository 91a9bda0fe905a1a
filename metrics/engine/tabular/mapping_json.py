"""Reading a stored mapping back, with the place of whatever is wrong in it."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

from .csv_source import DELIMITERS
from .dates import ORDERS
from .encodings import KNOWN
from .errors import MappingError
from .mapping import KINDS, ROLES, TOTALS, TYPES, ColumnPlan, Mapping, Unpivot
from .slugs import MAX_KEY
from .values import FORBIDDEN

_KEY = re.compile(rf"[a-z][a-z0-9_]{{0,{MAX_KEY - 1}}}")


def from_json(text: str) -> Mapping:
    """Read a mapping. Raises MappingError with the place of the first bad value."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MappingError("mapping_invalid", place="", problem="json") from error
    return from_dict(raw)


def from_dict(raw: Any) -> Mapping:
    """Read a mapping from plain values, checking each."""
    data = _object(raw, "", {f.name for f in fields(Mapping)} | {"version"}, required={"kind", "columns"})
    _check(data.pop("version", 1) == 1, "version", "value")
    _one_of(data["kind"], KINDS, "kind")
    _check(isinstance(data["columns"], list) and data["columns"], "columns", "type")
    data["columns"] = tuple(_column(item, f"columns[{index}]") for index, item in enumerate(data["columns"]))
    _one_of(data.get("encoding", "utf-8"), KNOWN, "encoding")
    _one_of(data.get("decimal", "."), (".", ","), "decimal")
    _one_of(data.get("totals", "keep"), TOTALS, "totals")
    delimiter = data.get("delimiter", ",")
    _check(isinstance(delimiter, str) and len(delimiter) == 1 and _may_delimit(delimiter), "delimiter", "value")
    _text(data.get("sheet", ""), "sheet", empty=True)
    _check(isinstance(data.get("epoch_1904", False), bool), "epoch_1904", "type")
    _integer(data.get("skip_rows", 1), "skip_rows", 0, 100_000)
    for name, check in (("header_rows", _row), ("names", _name)):
        if name in data:
            _check(isinstance(data[name], list), name, "type")
            data[name] = tuple(check(item, f"{name}[{index}]") for index, item in enumerate(data[name]))
    if data.get("unpivot") is not None:
        data["unpivot"] = _unpivot(data["unpivot"])
    mapping = Mapping(**data)
    check_mapping(mapping)
    return mapping


def check_mapping(mapping: Mapping) -> None:
    """Rules between the parts: keys unique, one instant, unpivoted columns not read twice."""
    seen: set[str] = set()
    unpivot = mapping.unpivot
    if unpivot:
        seen.update((unpivot.value_key, unpivot.instant_key))
        _check(unpivot.value_key != unpivot.instant_key, "unpivot.value_key", "duplicate")
    instants = 1 if unpivot else 0
    for index, plan in enumerate(mapping.columns):
        if plan.role == "ignore":
            continue
        place = f"columns[{index}]"
        _check(plan.key not in seen, f"{place}.key", "duplicate")
        seen.add(plan.key)
        instants += plan.role == "instant"
        _check(instants <= 1, f"{place}.role", "second_instant")
        _check(plan.role != "instant" or plan.type in ("date", "datetime"), f"{place}.type", "instant_type")
        _check(plan.role != "measure" or plan.type in ("number", "boolean"), f"{place}.type", "measure_type")
        _check(not unpivot or plan.source not in unpivot.sources, f"{place}.source", "unpivoted")
    _check(bool(seen), "columns", "nothing_read")


def _column(raw: Any, place: str) -> ColumnPlan:
    required = {"source", "name", "key", "role", "type"}
    data = _object(raw, place, {f.name for f in fields(ColumnPlan)}, required=required)
    _integer(data["source"], f"{place}.source", 0, 16_384)
    _text(data["name"], f"{place}.name", empty=True)
    data.setdefault("label", data["name"])
    _text(data["label"], f"{place}.label", empty=True)
    _check(isinstance(data["key"], str) and _KEY.fullmatch(data["key"]) is not None, f"{place}.key", "value")
    _one_of(data["role"], ROLES, f"{place}.role")
    _one_of(data["type"], TYPES, f"{place}.type")
    _check(isinstance(data.get("required", False), bool), f"{place}.required", "type")
    _one_of(data.get("date_order", "dmy"), ORDERS, f"{place}.date_order")
    _integer(data.get("pivot", 1950), f"{place}.pivot", 1800, 2101)
    return ColumnPlan(**data)


def _unpivot(raw: Any) -> Unpivot:
    data = _object(raw, "unpivot", {f.name for f in fields(Unpivot)}, required={"sources"})
    _check(isinstance(data["sources"], list) and data["sources"], "unpivot.sources", "type")
    for index, source in enumerate(data["sources"]):
        _integer(source, f"unpivot.sources[{index}]", 0, 16_384)
    data["sources"] = tuple(data["sources"])
    for name in ("value_key", "instant_key"):
        value = data.get(name, "value")
        _check(isinstance(value, str) and _KEY.fullmatch(value) is not None, f"unpivot.{name}", "value")
    _one_of(data.get("value_type", "number"), ("number", "boolean"), "unpivot.value_type")
    if data.get("year_source") is not None:
        _integer(data["year_source"], "unpivot.year_source", 0, 16_384)
    return Unpivot(**data)


def _check(condition: Any, place: str, problem: str) -> None:
    if not condition:
        raise MappingError("mapping_invalid", place=place, problem=problem)


def _object(raw: Any, place: str, allowed: set[str], required: set[str]) -> dict[str, Any]:
    _check(isinstance(raw, dict), place, "type")
    for name in raw:
        _check(name in allowed, f"{place}.{name}".strip("."), "unknown")
    for name in sorted(required):
        _check(name in raw, f"{place}.{name}".strip("."), "missing")
    return dict(raw)


def _one_of(value: Any, allowed: tuple[str, ...], place: str) -> None:
    _check(isinstance(value, str) and value in allowed, place, "value")


def _text(value: Any, place: str, *, empty: bool = False) -> None:
    _check(isinstance(value, str) and len(value) <= 1000 and (empty or value), place, "type")
    _check(not FORBIDDEN.search(value), place, "value")


def _name(value: Any, place: str) -> str:
    _text(value, place, empty=True)
    return str(value)


def _row(value: Any, place: str) -> int:
    _integer(value, place, 0, 100_000)
    return int(value)


def _integer(value: Any, place: str, least: int, most: int) -> None:
    _check(isinstance(value, int) and not isinstance(value, bool) and least <= value <= most, place, "value")


def _may_delimit(char: str) -> bool:
    return char in DELIMITERS or (char.isascii() and char.isprintable() and char not in '"\\ ' and not char.isalnum())
