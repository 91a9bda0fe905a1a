import importlib
from datetime import date, timedelta

import pytest

from organization.engine.official_days import UnknownOfficialDays, known_countries, known_years, official_days
from organization.engine.working_calendar import DayKind


def days(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + timedelta(days=number) for number in range((end - start).days + 1)}


def of_kind(year: int, kind: DayKind) -> set[date]:
    return {day.on for day in official_days("CN", year) if day.kind is kind}


# As the State Council's notices for these years list them.
FREE = {
    2024: [
        ("2024-01-01", "2024-01-01"),
        ("2024-02-10", "2024-02-17"),
        ("2024-04-04", "2024-04-06"),
        ("2024-05-01", "2024-05-05"),
        ("2024-06-10", "2024-06-10"),
        ("2024-09-15", "2024-09-17"),
        ("2024-10-01", "2024-10-07"),
    ],
    2025: [
        ("2025-01-01", "2025-01-01"),
        ("2025-01-28", "2025-02-04"),
        ("2025-04-04", "2025-04-06"),
        ("2025-05-01", "2025-05-05"),
        ("2025-05-31", "2025-06-02"),
        ("2025-10-01", "2025-10-08"),
    ],
    2026: [
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    ],
}
WORKED = {
    2024: "2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12",
    2025: "2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11",
    2026: "2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10",
}


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_o6_official_days_of_china_are_those_of_the_notice(year):
    assert of_kind(year, DayKind.NON_WORKING) == set().union(*(days(*span) for span in FREE[year]))
    assert of_kind(year, DayKind.WORKING) == {date.fromisoformat(day) for day in WORKED[year].split()}


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_o6_official_days_are_in_order_once_each_and_make_up_days_on_weekends(year):
    listed = official_days("CN", year)

    assert [day.on for day in listed] == sorted({day.on for day in listed})
    assert {day.notice_year for day in listed} == {year}
    assert all(day.on.weekday() >= 5 for day in listed if day.kind is DayKind.WORKING)


def test_o6_official_days_are_named_in_both_languages():
    by_date = {day.on: (day.name_en, day.name_zh) for day in official_days("CN", 2025)}

    assert by_date[date(2025, 1, 28)] == ("Spring Festival", "春节")
    assert by_date[date(2025, 10, 6)] == ("Mid-Autumn Festival", "中秋节")
    assert by_date[date(2025, 9, 28)] == ("Make-up day for National Day", "国庆节调休上班")


def test_o6_official_days_file_is_what_the_script_makes():
    script = importlib.import_module("scripts.make_days_cn")

    assert script.TARGET.read_text(encoding="utf-8") == script.as_json()


def test_o6_official_days_of_an_unknown_year_are_refused_with_the_known_ones():
    with pytest.raises(UnknownOfficialDays, match=r"^There is no list of official days for CN 2031\.$") as refusal:
        official_days("CN", 2031)

    assert (refusal.value.country, refusal.value.year, refusal.value.known) == ("CN", 2031, (2024, 2025, 2026))


def test_o6_official_days_of_an_unknown_country_are_refused():
    with pytest.raises(UnknownOfficialDays, match=r"^There is no list of official days for XX 2025\.$") as refusal:
        official_days("XX", 2025)

    assert refusal.value.known == ()
    with pytest.raises(UnknownOfficialDays, match=r"^There is no list of official days for XX\.$"):
        known_years("XX")


def test_o6_known_years_are_2024_to_2026():
    assert known_countries() == ("CN",)
    assert known_years("CN") == (2024, 2025, 2026)
