"""What is wrong with a text that wants to be a procedure, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    place: the path of the bad value, such as `sections[0].steps[2].due.field`; empty for the whole. message: a sentence of
    the catalogue; params: its placeholders. element: the key of the nearest section, step or field, empty where there is
    none, so that a page can point at it.
    """

    place: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    element: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message % self.params}" if self.place else self.message % self.params


class BadContent(ValueError):
    """The content cannot be a procedure. problems: everything that was found, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the content a reader stands. All places of one reading write into one list of problems."""

    problems: list[Problem]
    path: str = ""
    element: str = ""

    def at(self, name: str) -> Place:
        """The value of that name."""
        return replace(self, path=f"{self.path}.{name}" if self.path else name)

    def item(self, index: int) -> Place:
        """The item of a list, counted from 0."""
        return replace(self, path=f"{self.path}[{index}]")

    def within(self, key: str) -> Place:
        """The same place, as part of the element of that key."""
        return replace(self, element=key)

    def wrong(self, message: str, **params: object) -> None:
        """Note that something is wrong here. message: marked with N_."""
        self.problems.append(Problem(self.path, message, params, self.element))
