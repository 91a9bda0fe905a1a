"""What can be wrong with a file, a row or a cell: codes and parameters, worded for people elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class TabularError(Exception):
    """The file as a whole cannot be read. `code` names the rule, `params` its facts (plain JSON values)."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code} ({facts})" if facts else self.code


class MappingError(TabularError):
    """A stored mapping is not valid; `params["place"]` is the path of the bad value, such as `columns[2].role`."""


@dataclass(frozen=True, slots=True)
class Bad:
    """Why one text is no value of its type."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused cell, or a refused row (`column` is then empty). `row` is the line a person sees in the file."""

    row: int
    column: str
    value: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """Something done or seen that the person should know but that refuses nothing (a skipped footer, a rounding)."""

    code: str
    row: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
