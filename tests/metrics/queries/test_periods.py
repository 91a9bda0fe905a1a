"""Which periods a page shows, to the exact instant."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from metrics.queries.periods import (
    Asked,
    brief_label,
    compared_with,
    full_label,
    latest,
    period_start,
    period_starting,
    shown,
    with_lead,
)
from organization.engine.periods import Grain, PeriodRule, period_of

SHANGHAI = PeriodRule("Asia/Shanghai")
UTC_RULE = PeriodRule("UTC")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def firsts(asked: Asked, **facts: object) -> list[date]:
    values = {"as_of": NOW, "rule": UTC_RULE, "grain": Grain.DAY, "last_at": NOW} | facts
    return [period.first_on for period in shown(asked, **values).periods]  # type: ignore[arg-type]


def test_named_range_ends_with_the_running_day() -> None:
    assert firsts(Asked("last-7-days")) == [date(2026, 11, day) for day in range(17, 24)]


def test_this_month_leaves_out_days_to_come() -> None:
    found = firsts(Asked("this-month"))

    assert (found[0], found[-1]) == (date(2026, 11, 1), date(2026, 11, 23))


def test_custom_range_is_whole_days_of_the_organization() -> None:
    there = shown(
        Asked("custom", first_on=date(2026, 3, 1), last_on=date(2026, 3, 2)),
        as_of=NOW,
        rule=SHANGHAI,
        grain=Grain.DAY,
        last_at=NOW,
    )

    assert there.periods[0].start == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert there.periods[-1].end == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert there.running is None


def test_data_that_ended_years_ago_is_looked_back_from() -> None:
    last_at = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
    there = shown(Asked("last-12-months"), as_of=NOW, rule=UTC_RULE, grain=Grain.MONTH, last_at=last_at, is_daily=False)

    assert there.is_anchored
    assert [there.periods[0].first_on, there.periods[-1].first_on] == [date(2011, 1, 1), date(2011, 12, 1)]
    assert there.running is not None


def test_daily_data_is_looked_back_from_the_end_of_its_last_day() -> None:
    there = shown(
        Asked("last-7-days"),
        as_of=NOW,
        rule=UTC_RULE,
        grain=Grain.DAY,
        last_at=datetime(2017, 12, 30, tzinfo=UTC),
        is_daily=True,
    )

    assert [there.periods[0].first_on, there.periods[-1].first_on] == [date(2017, 12, 24), date(2017, 12, 30)]
    assert there.running is None


def test_old_data_is_seen_from_today_when_asked() -> None:
    there = shown(
        Asked("last-7-days", anchor="today"),
        as_of=NOW,
        rule=UTC_RULE,
        grain=Grain.DAY,
        last_at=datetime(2011, 12, 9, tzinfo=UTC),
    )

    assert not there.is_anchored
    assert there.periods[-1].first_on == date(2026, 11, 23)


def test_feed_that_stopped_a_month_ago_is_not_history() -> None:
    assert firsts(Asked("last-7-days"), last_at=datetime(2026, 10, 20, tzinfo=UTC))[-1] == date(2026, 11, 23)


def test_too_many_points_are_shown_by_a_coarser_grain() -> None:
    there = shown(
        Asked("last-12-months", grain=Grain.HOUR),
        as_of=NOW,
        rule=UTC_RULE,
        grain=Grain.DAY,
        last_at=NOW,
        finest=Grain.HOUR,
    )

    assert (there.grain, there.coarsened_from) == (Grain.DAY, Grain.HOUR)


def test_finer_grain_than_the_data_has_is_not_shown() -> None:
    there = shown(Asked("today", grain=Grain.HOUR), as_of=NOW, rule=UTC_RULE, grain=Grain.DAY, last_at=NOW)

    assert there.grain is Grain.DAY
    assert there.coarsened_from is None


def test_comparisons_stand_position_by_position_with_the_lead() -> None:
    there = shown(Asked("last-7-days"), as_of=NOW, rule=UTC_RULE, grain=Grain.DAY, last_at=NOW)
    lead = with_lead(there.periods, UTC_RULE)

    before = compared_with(there, "previous")
    year = compared_with(there, "year")

    assert len(before) == len(year) == len(lead) == 8
    assert [before[1].first_on, before[-1].first_on] == [date(2026, 11, 10), date(2026, 11, 16)]
    assert [year[1].first_on, year[-1].first_on] == [date(2025, 11, 17), date(2025, 11, 23)]
    assert compared_with(there, "") == ()


def test_latest_at_the_very_end_of_a_period_has_no_running_one() -> None:
    there = latest(Grain.DAY, 3, datetime(2026, 11, 23, tzinfo=UTC), UTC_RULE)

    assert [period.first_on.day for period in there.periods] == [20, 21, 22]


@pytest.mark.parametrize("grain", list(Grain))
def test_address_of_a_period_leads_back_to_it(grain: Grain) -> None:
    period = latest(grain, 1, NOW, SHANGHAI).periods[0]

    assert period_starting(grain, period_start(period), SHANGHAI) == period


@pytest.mark.parametrize("start", ["", "yesterday", "2026-13-01", "2026-11-01T00:00"])
def test_address_of_no_hour_is_refused(start: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        period_starting(Grain.HOUR, start, SHANGHAI)


def test_labels_in_both_languages() -> None:
    day = latest(Grain.DAY, 1, NOW, UTC_RULE).periods[0]
    week = latest(Grain.WEEK, 1, NOW, UTC_RULE).periods[0]

    assert (full_label(day, UTC_RULE), brief_label(week, UTC_RULE)) == ("22 Nov 2026", "W47 2026")
    with translation.override("zh-hans"):
        assert (full_label(day, UTC_RULE), brief_label(week, UTC_RULE)) == ("2026年11月22日", "2026年第47周")


def test_an_hour_is_named_in_short_by_its_beginning_on_the_organizations_clock() -> None:
    hour = period_of(Grain.HOUR, datetime(2026, 11, 23, 12, 30, tzinfo=UTC), SHANGHAI)

    assert brief_label(hour, SHANGHAI) == "23 Nov 2026 20:00"
    with translation.override("zh-hans"):
        assert brief_label(hour, SHANGHAI) == "2026年11月23日 20:00"
