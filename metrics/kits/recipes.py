"""What a starter kit is made of.

Expressions are templates: `{amount}` stands for whatever the dataset calls that part, and for a term that the service
works out (`{is_return}`). In formulas the names of other KPIs of the kit stand in braces too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metrics.choices import Aggregation, ColumnRole, Direction, GrainCode, PanelKind, Unit


@dataclass(frozen=True)
class Wording:
    """A text that is stored, in both languages."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The text for readers of `language`."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True)
class Part:
    """What a column of the dataset may be to the kit.

    words: names that headers give it, without spaces and case, the surest first. One that begins with "*" may also
    stand within a longer name.
    """

    key: str
    label: Any
    words: tuple[str, ...]
    roles: tuple[str, ...] = (ColumnRole.DIMENSION,)


@dataclass(frozen=True)
class DerivedRecipe:
    """A measure computed from others, made when its parts are there and the part it stands for is not."""

    part: str
    needs: tuple[str, ...]
    key: str
    name: Wording
    expression: str
    unit: str = Unit.NUMBER


@dataclass(frozen=True)
class KpiRecipe:
    """A KPI of the kit. It is left out where a needed part or operand is missing."""

    key: str
    name: Wording
    why: Wording
    aggregation: str = Aggregation.SUM
    expression: str = ""
    filter: str = ""
    subject: str = ""
    occasion: str = ""
    formula: str = ""
    needs: tuple[str, ...] = ()
    operands: tuple[str, ...] = ()
    unit: str = Unit.NUMBER
    decimals: int = 0
    direction: str = Direction.HIGHER
    grain: int = GrainCode.DAY


@dataclass(frozen=True)
class PanelRecipe:
    """A panel of the kit's dashboard; broken down by the first of the `by` parts that the dataset has."""

    kpi: str
    kind: str = PanelKind.LINE
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kit:
    """A shape of data and the KPIs for it.

    needs: alternatives, of which one set of parts must be found. splits: parts that KPIs are broken down by.
    terms: conditions that `services.kits` works out from the data, such as `is_return`.
    """

    key: str
    name: Wording
    title: Any
    parts: tuple[Part, ...]
    needs: tuple[tuple[str, ...], ...]
    splits: tuple[str, ...]
    kpis: tuple[KpiRecipe, ...]
    panels: tuple[PanelRecipe, ...]
    derived: tuple[DerivedRecipe, ...] = ()
    terms: tuple[str, ...] = ()
