"""What an import shall do: how the file is read, and which dataset its rows go into. A plain value, kept as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .tabular import Mapping, MappingError, from_dict

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DATASET_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
LONGEST_NAME = 200
LONGEST_EXPRESSION = 2000


@dataclass(frozen=True, slots=True)
class Derived:
    """A measure that is computed from others: `quantity * unit_price`."""

    key: str
    expression: str
    name: str = ""
    name_zh: str = ""
    unit: str = "number"


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """mapping: how the file is read. dataset_*: the dataset that is made when there is none of this key.

    table: which of several tables side by side. value_name: what the periods of a wide file hold. names_zh, units: by
    column key. departments: keys of dimensions that hold department codes.
    """

    mapping: Mapping
    dataset_key: str = ""
    dataset_name: str = ""
    dataset_name_zh: str = ""
    table: int = 0
    value_name: str = ""
    names_zh: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    departments: tuple[str, ...] = ()
    derived: tuple[Derived, ...] = ()

    @property
    def instant_key(self) -> str:
        """Key of the column that says when; empty where no column does."""
        if self.mapping.unpivot:
            return self.mapping.unpivot.instant_key
        return next((plan.key for plan in self.mapping.active if plan.role == "instant"), "")

    @property
    def row_keys(self) -> tuple[str, ...]:
        """Keys of the columns that together tell one row from another; without any, the whole row does."""
        return tuple(plan.key for plan in self.mapping.active if plan.role == "key")

    def roles(self) -> Iterator[tuple[str, str, str]]:
        """(key, role, name) of every column of the dataset that the file fills; `department` is a role here."""
        for plan in self.mapping.active:
            role = "department" if plan.key in self.departments else plan.role
            yield plan.key, role, plan.label or plan.name
        if unpivot := self.mapping.unpivot:
            yield unpivot.instant_key, "instant", unpivot.instant_key
            yield unpivot.value_key, "measure", self.value_name or unpivot.value_key

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that `plan_from` reads back to an equal plan."""
        return {
            "mapping": json.loads(self.mapping.to_json()),
            "dataset": {"key": self.dataset_key, "name": self.dataset_name, "name_zh": self.dataset_name_zh},
            "table": self.table,
            "value_name": self.value_name,
            "names_zh": self.names_zh,
            "units": self.units,
            "departments": list(self.departments),
            "derived": [
                {"key": d.key, "expression": d.expression, "name": d.name, "name_zh": d.name_zh, "unit": d.unit}
                for d in self.derived
            ],
        }

    def with_mapping(self, **changes: Any) -> ImportPlan:
        """The same plan with some values of its mapping changed."""
        return replace(self, mapping=replace(self.mapping, **changes))


def plan_from(raw: Any) -> ImportPlan:
    """Read a plan, or a bare mapping, from plain values. Raises MappingError with the place of the first bad one."""
    _check(isinstance(raw, dict), "", "type")
    if "mapping" not in raw:
        return ImportPlan(from_dict(raw))
    for name in raw:
        _check(name in _PARTS, name, "unknown")
    mapping = from_dict(raw["mapping"])
    dataset = raw.get("dataset", {})
    _check(isinstance(dataset, dict), "dataset", "type")
    for name in dataset:
        _check(name in ("key", "name", "name_zh"), f"dataset.{name}", "unknown")
    key = dataset.get("key", "")
    _check(isinstance(key, str) and (not key or _DATASET_KEY.fullmatch(key)), "dataset.key", "value")
    table = raw.get("table", 0)
    _check(isinstance(table, int) and not isinstance(table, bool) and 0 <= table < 1000, "table", "value")
    departments = raw.get("departments", [])
    _check(isinstance(departments, list) and all(isinstance(item, str) for item in departments), "departments", "type")
    derived = raw.get("derived", [])
    _check(isinstance(derived, list) and len(derived) <= 16, "derived", "type")
    plan = ImportPlan(
        mapping=mapping,
        dataset_key=key,
        dataset_name=_text(dataset.get("name", ""), "dataset.name"),
        dataset_name_zh=_text(dataset.get("name_zh", ""), "dataset.name_zh"),
        table=table,
        value_name=_text(raw.get("value_name", ""), "value_name"),
        names_zh=_texts(raw.get("names_zh", {}), "names_zh"),
        units=_texts(raw.get("units", {}), "units"),
        departments=tuple(departments),
        derived=tuple(_derived(item, f"derived[{index}]") for index, item in enumerate(derived)),
    )
    _check_keys(plan)
    return plan


_PARTS = ("mapping", "dataset", "table", "value_name", "names_zh", "units", "departments", "derived")


def _derived(raw: Any, place: str) -> Derived:
    _check(isinstance(raw, dict), place, "type")
    for name in raw:
        _check(name in ("key", "expression", "name", "name_zh", "unit"), f"{place}.{name}", "unknown")
    key = raw.get("key", "")
    _check(isinstance(key, str) and _KEY.fullmatch(key), f"{place}.key", "value")
    expression = raw.get("expression", "")
    _check(isinstance(expression, str) and 0 < len(expression) <= LONGEST_EXPRESSION, f"{place}.expression", "value")
    return Derived(
        key,
        expression,
        _text(raw.get("name", ""), f"{place}.name"),
        _text(raw.get("name_zh", ""), f"{place}.name_zh"),
        _text(raw.get("unit", "number"), f"{place}.unit") or "number",
    )


def _check_keys(plan: ImportPlan) -> None:
    keys = {key for key, _, _ in plan.roles()}
    for index, derived in enumerate(plan.derived):
        _check(derived.key not in keys, f"derived[{index}].key", "duplicate")
        keys.add(derived.key)


def _texts(raw: Any, place: str) -> dict[str, str]:
    _check(isinstance(raw, dict) and len(raw) <= 500, place, "type")
    return {str(key): _text(value, f"{place}.{key}") for key, value in raw.items()}


def _text(value: Any, place: str) -> str:
    _check(isinstance(value, str) and len(value) <= LONGEST_NAME and "\x00" not in value, place, "value")
    return str(value)


def _check(condition: Any, place: str, problem: str) -> None:
    if not condition:
        raise MappingError("mapping_invalid", place=place, problem=problem)
