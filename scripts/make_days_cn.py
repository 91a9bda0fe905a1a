"""Write organization/data/days_cn.json from the development package `chinesecalendar`.

Run it after the package has taken in a new State Council notice, add the year to YEARS, and hold the result against the
notice itself: `python scripts/make_days_cn.py`.
"""

import json
from datetime import date
from pathlib import Path

from chinese_calendar import constants

YEARS = (2024, 2025, 2026)
TARGET = Path(__file__).resolve().parent.parent / "organization" / "data" / "days_cn.json"

# The package's English name: ours, and the Chinese name in full.
NAMES = {
    "New Year's Day": ("New Year's Day", "元旦"),
    "Spring Festival": ("Spring Festival", "春节"),
    "Tomb-sweeping Day": ("Qingming Festival", "清明节"),
    "Labour Day": ("Labour Day", "劳动节"),
    "Dragon Boat Festival": ("Dragon Boat Festival", "端午节"),
    "Mid-autumn Festival": ("Mid-Autumn Festival", "中秋节"),
    "National Day": ("National Day", "国庆节"),
}


def rows() -> list[dict[str, str | int]]:
    """One row a day, in order of date. The notices of these years keep within their own calendar year."""
    found = [_row(day, "non_working", *NAMES[name]) for day, name in constants.holidays.items() if day.year in YEARS]
    for day, name in constants.workdays.items():
        if day.year in YEARS:
            name_en, name_zh = NAMES[name]
            found.append(_row(day, "working", f"Make-up day for {name_en}", f"{name_zh}调休上班"))
    return sorted(found, key=lambda row: row["date"])


def as_json() -> str:
    """The rows as a JSON list, one row a line, so that a change of the list reads well in a diff."""
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows()) + "\n]\n"


def _row(day: date, kind: str, name_en: str, name_zh: str) -> dict[str, str | int]:
    return {"date": day.isoformat(), "kind": kind, "name_en": name_en, "name_zh": name_zh, "notice_year": day.year}


if __name__ == "__main__":
    TARGET.write_text(as_json(), encoding="utf-8")
