"""What each kind of panel may be told besides its KPI: one dataclass a kind, read from and written to plain JSON.

`parse` is the only way in. It refuses what a kind does not know, what has the wrong type and what is out of bounds, each
with a sentence; what is not given has its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, get_type_hints

from metrics.engine.translation import N_

LONGEST_TEXT = 20_000
LONGEST_NAME = 500
MOST_STEPS = 12
GRAINS = ("", "hour", "day", "week", "month", "quarter", "year")
COHORT_GRAINS = ("week", "month", "quarter")
WIDTHS = (3, 4, 6, 8, 12)
HEIGHTS = (1, 2, 3, 4)


class BadSettings(ValueError):
    """Settings that a kind of panel cannot have. message: a sentence of the catalogue; params: its placeholders."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message, self.params = message, params


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """No settings at all. bounds: the smallest and largest number of a field; choices: its words; longest: its text."""

    bounds: ClassVar[Mapping[str, tuple[int, int]]] = {}
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    longest: ClassVar[Mapping[str, int]] = {}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that `parse` reads back: only what differs from the default."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        defaults = {one.name: one.default for one in fields(self)}
        return {name: value for name, value in plain.items() if getattr(self, name) != defaults[name]}


@dataclass(frozen=True, slots=True)
class GrainSettings(PanelSettings):
    """grain: what the panel goes by where the address asks for nothing else; empty for how its KPI is judged."""

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"grain": GRAINS}

    grain: str = ""


@dataclass(frozen=True, slots=True)
class NumberSettings(GrainSettings):
    """spark: whether the course stands below the number."""

    spark: bool = True


@dataclass(frozen=True, slots=True)
class LineSettings(GrainSettings):
    """from_zero: whether the axis begins at zero rather than where the values are."""

    from_zero: bool = False


@dataclass(frozen=True, slots=True)
class AreaSettings(GrainSettings):
    """Areas stand on zero."""


@dataclass(frozen=True, slots=True)
class BarSettings(GrainSettings):
    """Bars stand on zero."""


@dataclass(frozen=True, slots=True)
class StackedSettings(GrainSettings):
    """parts: how many of the largest have a colour of their own, the rest together; as_share: in percent of the whole."""

    bounds: ClassVar[Mapping[str, tuple[int, int]]] = {"parts": (2, 7)}

    parts: int = 5
    as_share: bool = False


@dataclass(frozen=True, slots=True)
class BreakdownSettings(GrainSettings):
    """parts: how many bars at most."""

    bounds: ClassVar[Mapping[str, tuple[int, int]]] = {"parts": (2, 30)}

    parts: int = 12


@dataclass(frozen=True, slots=True)
class BulletSettings(GrainSettings):
    """parts: how many bars at most, where the panel is split by departments that have targets of their own."""

    bounds: ClassVar[Mapping[str, tuple[int, int]]] = {"parts": (2, 30)}

    parts: int = 12


@dataclass(frozen=True, slots=True)
class ParetoSettings(GrainSettings):
    """parts: how many bars at most, the rest together; line: where the share that matters is marked, in percent."""

    bounds: ClassVar[Mapping[str, tuple[int, int]]] = {"parts": (3, 30), "line": (50, 95)}

    parts: int = 12
    line: int = 80


@dataclass(frozen=True, slots=True)
class CalendarSettings(PanelSettings):
    """numbers: whether each day shows its number as well as its colour; read out they always are."""

    numbers: bool = False


@dataclass(frozen=True, slots=True)
class CohortSettings(PanelSettings):
    """grain: what the first occurrences are put together by; periods: how many of them, and how far each is followed."""

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"grain": COHORT_GRAINS}
    bounds: ClassVar[Mapping[str, tuple[int, int]]] = {"periods": (2, 24)}

    grain: str = "month"
    periods: int = 12


@dataclass(frozen=True, slots=True)
class FunnelSettings(GrainSettings):
    """steps: short names of the KPIs that follow the panel's own; or values: those of the panel's property, in order."""

    bounds: ClassVar[Mapping[str, tuple[int, int]]] = {"steps": (0, MOST_STEPS - 1), "values": (0, MOST_STEPS)}
    longest: ClassVar[Mapping[str, int]] = {"steps": 60, "values": LONGEST_NAME}

    steps: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSettings(GrainSettings):
    """rows: how many of the latest periods at most."""

    bounds: ClassVar[Mapping[str, tuple[int, int]]] = {"rows": (3, 60)}

    rows: int = 13


@dataclass(frozen=True, slots=True)
class TextSettings(PanelSettings):
    """text: Markdown; text_zh: the same in Chinese, empty for one text in both languages."""

    longest: ClassVar[Mapping[str, int]] = {"text": LONGEST_TEXT, "text_zh": LONGEST_TEXT}

    text: str = ""
    text_zh: str = ""


KINDS: dict[str, type[PanelSettings]] = {
    "number": NumberSettings,
    "line": LineSettings,
    "area": AreaSettings,
    "bar": BarSettings,
    "stacked": StackedSettings,
    "breakdown": BreakdownSettings,
    "bullet": BulletSettings,
    "pareto": ParetoSettings,
    "calendar": CalendarSettings,
    "cohort": CohortSettings,
    "funnel": FunnelSettings,
    "table": TableSettings,
    "text": TextSettings,
}
# Width and height that a new panel of the kind begins with
SIZES: dict[str, tuple[int, int]] = dict.fromkeys(KINDS, (6, 2)) | {
    "number": (3, 1),
    "bullet": (4, 1),
    "calendar": (12, 2),
    "cohort": (12, 3),
    "text": (12, 1),
}
# Kinds that may split their KPI by a property, and those that cannot do without one
SPLIT_KINDS = frozenset({"stacked", "breakdown", "pareto", "bullet", "cohort", "funnel"})
NEED_COLUMN = frozenset({"cohort"})


def parse(kind: str, raw: object) -> PanelSettings:
    """The settings of a panel of this kind. Raises BadSettings."""
    if kind not in KINDS:
        raise BadSettings(N_("There is no panel of the kind “%(kind)s”."), kind=kind)
    settings = KINDS[kind]
    if not isinstance(raw, Mapping):
        raise BadSettings(N_("The settings of a panel are names with values."))
    known = {one.name for one in fields(settings)}
    for name in raw:
        if name not in known:
            raise BadSettings(N_("A panel of this kind has no setting “%(name)s”."), name=str(name)[:60])
    hints = get_type_hints(settings)
    return settings(**{name: _checked(settings, name, hints[name], value) for name, value in raw.items()})


def _checked(settings: type[PanelSettings], name: str, wanted: Any, value: Any) -> Any:
    if wanted is bool:
        if not isinstance(value, bool):
            raise BadSettings(N_("The setting “%(name)s” is either on or off."), name=name)
        return value
    if wanted is int:
        return _number(settings, name, value)
    if wanted is str:
        return _text(settings, name, value)
    low, high = settings.bounds[name]
    if not isinstance(value, list | tuple):
        raise BadSettings(N_("The setting “%(name)s” is a list."), name=name)
    if not low <= len(value) <= high:
        raise BadSettings(N_("The setting “%(name)s” holds at most %(most)d entries."), name=name, most=high)
    found = tuple(_text(settings, name, one) for one in value)
    if len(set(found)) < len(found) or "" in found:
        raise BadSettings(N_("The setting “%(name)s” holds an entry twice, or an empty one."), name=name)
    return found


def _number(settings: type[PanelSettings], name: str, value: Any) -> int:
    low, high = settings.bounds[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadSettings(
            N_("The setting “%(name)s” is a whole number from %(low)d to %(high)d."), name=name, low=low, high=high
        )
    return value


def _text(settings: type[PanelSettings], name: str, value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise BadSettings(N_("The setting “%(name)s” is a text."), name=name)
    if name in settings.choices and value not in settings.choices[name]:
        raise BadSettings(
            N_("The setting “%(name)s” is one of: %(choices)s."), name=name, choices=", ".join(settings.choices[name])
        )
    if len(value) > settings.longest.get(name, LONGEST_NAME):
        most = settings.longest.get(name, LONGEST_NAME)
        raise BadSettings(N_("The setting “%(name)s” is at most %(most)d characters long."), name=name, most=most)
    return value
