"""Official public holidays and make-up working days, a list a year, as the governments publish them.

China's list for a year is decreed by the State Council in the autumn before; `scripts/make_days_cn.py` makes the file.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from organization.engine.working_calendar import DayKind

_FOLDER = Path(__file__).resolve().parent.parent / "data"
_FILES = {"CN": "days_cn.json"}


class UnknownOfficialDays(LookupError):
    """No list is known for this `country` and `year` (None: for no year). `known` are the years there are."""

    def __init__(self, country: str, year: int | None, known: tuple[int, ...]) -> None:
        self.country, self.year, self.known = country, year, known
        super().__init__(f"There is no list of official days for {country} {year or ''}".rstrip() + ".")


@dataclass(frozen=True)
class OfficialDay:
    """One day of a list. `notice_year` is the year in the title of the notice that decreed it."""

    on: date
    kind: DayKind
    name_en: str
    name_zh: str
    notice_year: int


def official_days(country: str, year: int) -> tuple[OfficialDay, ...]:
    """Official days of the notice for `year`, by date. `country` as in ISO 3166. Raises UnknownOfficialDays."""
    years = _read(country) if country in _FILES else {}
    if year not in years:
        raise UnknownOfficialDays(country, year, tuple(years))
    return years[year]


def known_years(country: str) -> tuple[int, ...]:
    """Years with a list, ascending. Raises UnknownOfficialDays for a country without any."""
    return tuple(_read(country))


def known_countries() -> tuple[str, ...]:
    """Countries with lists."""
    return tuple(_FILES)


@lru_cache(maxsize=8)
def _read(country: str) -> dict[int, tuple[OfficialDay, ...]]:
    if country not in _FILES:
        raise UnknownOfficialDays(country, None, ())
    rows = json.loads((_FOLDER / _FILES[country]).read_text(encoding="utf-8"))
    days = [
        OfficialDay(
            date.fromisoformat(row["date"]), DayKind(row["kind"]), row["name_en"], row["name_zh"], row["notice_year"]
        )
        for row in rows
    ]
    years = sorted({day.notice_year for day in days})
    return {year: tuple(day for day in days if day.notice_year == year) for year in years}
