"""How the rows of a model travel to another installation. Each tenant model says it beside its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Through:
    """The number is an id of `model` only where the row of `via` that `column` names has `flag` set."""

    model: str
    column: str
    via: str
    flag: str


@dataclass(frozen=True)
class Travel:
    """What an export takes of a model, and what an import must renumber. Foreign keys are known without being named.

    numbers: columns that hold ids without being foreign keys, with the label of the model, `@column` where a column of
    the row holds the label, or a Through. inside: JSON columns, with the label by key at any depth; `@column` for names
    as facts have them, {"department": 5}, about an object whose label that column holds; `=column` where the whole value
    is an id, or a list of them, of the model whose label that column holds; an empty mapping says that no ids are in
    there. queries: text columns with what stands behind the question mark of a list. urls: columns with the
    address of the object that another column numbers. paths: text columns with ids between slashes. arrives: columns that
    stay at home, with the SQL of what stands in them on arrival. stays: why no rows are taken at all.
    """

    numbers: Mapping[str, str | Through] = field(default_factory=dict)
    inside: Mapping[str, Mapping[str, str] | str] = field(default_factory=dict)
    queries: tuple[str, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    arrives: Mapping[str, str] = field(default_factory=dict)
    stays: str = ""
