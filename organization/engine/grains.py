"""The words of the calendar: grains, the organization's rule, one period."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from organization.engine.local_time import zone


class Grain(StrEnum):
    """Sizes of periods, ordered from fine to coarse. QUARTER and YEAR are the fiscal ones."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def finer(self) -> "Grain | None":
        """The next finer grain in the order, None below the hour."""
        return _ORDER[_RANK[self] - 1] if _RANK[self] else None

    @property
    def coarser(self) -> "Grain | None":
        """The next coarser grain in the order, None above the year."""
        return _ORDER[_RANK[self] + 1] if _RANK[self] + 1 < len(_ORDER) else None

    @property
    def built_from(self) -> "Grain | None":
        """The coarsest grain whose periods add up to one of this: a month is built from days, not from weeks."""
        return Grain.DAY if self is Grain.MONTH else Grain.MONTH if self is Grain.QUARTER else self.finer

    # Without these, `<` would compare the names as text.
    def __lt__(self, other: object) -> bool:
        return _RANK[self] < _RANK[other] if isinstance(other, Grain) else NotImplemented

    def __le__(self, other: object) -> bool:
        return _RANK[self] <= _RANK[other] if isinstance(other, Grain) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return _RANK[self] > _RANK[other] if isinstance(other, Grain) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return _RANK[self] >= _RANK[other] if isinstance(other, Grain) else NotImplemented


_ORDER = tuple(Grain)
_RANK = {grain: rank for rank, grain in enumerate(_ORDER)}


@dataclass(frozen=True)
class PeriodRule:
    """How an organization cuts time. `week_starts_on`: 0 Monday to 6 Sunday; `fiscal_year_starts_month`: 1 to 12.

    Raises UnknownTimezone, or ValueError for a number out of range.
    """

    timezone: str
    week_starts_on: int = 0
    fiscal_year_starts_month: int = 1

    def __post_init__(self) -> None:
        zone(self.timezone)
        if self.week_starts_on not in range(7):
            raise ValueError(f"A week starts on day 0 (Monday) to 6 (Sunday), not {self.week_starts_on}.")
        if self.fiscal_year_starts_month not in range(1, 13):
            raise ValueError(f"A fiscal year starts in month 1 to 12, not {self.fiscal_year_starts_month}.")


@dataclass(frozen=True, slots=True)
class Period:
    """One period: UTC instants [start, end), and the first and last local date for display and date columns."""

    grain: Grain
    start: datetime
    end: datetime
    first_on: date
    last_on: date

    @property
    def duration(self) -> timedelta:
        """Elapsed time: 23 or 25 hours for a day on which the clock changes."""
        return self.end - self.start

    def contains(self, instant: datetime) -> bool:
        """Whether the aware `instant` lies in [start, end)."""
        return self.start <= instant < self.end
