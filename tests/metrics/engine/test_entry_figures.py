"""Figures as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from metrics.engine.entry_dues import CellState, due_at, state_of
from metrics.engine.entry_figures import Refused, out_of_bounds, read_figure, written_figure
from organization.engine.periods import Grain, PeriodRule, period_of
from organization.engine.working_time import DayException, DayKind, WorkingCalendar

WEEKLY = (((time(9), time(17, 30)),),) * 5 + ((), ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("  ", None),
        ("0", "0"),
        ("12", "12"),
        ("1234.5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1,5", "1.5"),
        ("1,234", "1234"),
        ("0,125", "0.125"),
        ("1.234", "1.234"),
        ("１２．５", "12.5"),
        ("¥ 3,000", "3000"),
        ("(7)", "-7"),
        ("−7", "-7"),
    ],
)
def test_m4_a_figure_is_read_as_people_write_it(text: str, value: str | None) -> None:
    assert read_figure(text) == (None if value is None else Decimal(value))


def test_m4_a_percentage_is_entered_as_such_and_kept_as_a_share() -> None:
    assert read_figure("12.5", is_percent=True) == Decimal("0.125")
    assert read_figure("12.5%", is_percent=True) == Decimal("0.125")
    assert read_figure("12.5%") == Refused("no_percent")
    assert written_figure(Decimal("0.1250"), is_percent=True) == "12.5"


@pytest.mark.parametrize("text", ["many", "1.2.3", "--1", "12 apples"])
def test_m4_what_is_no_number_is_refused(text: str) -> None:
    assert read_figure(text) == Refused("not_a_number")


@pytest.mark.parametrize("text", ["0", "-3.5", "1200", "0.001"])
def test_m4_a_figure_written_for_editing_reads_back_as_itself(text: str) -> None:
    for is_percent in (False, True):
        value = Decimal(text)
        assert read_figure(written_figure(value, is_percent=is_percent), is_percent=is_percent) == value


def test_m4_bounds_include_themselves() -> None:
    assert out_of_bounds(Decimal(5), Decimal(5), Decimal(5)) is None
    assert out_of_bounds(Decimal(4), Decimal(5), None) == Refused("below", {"bound": Decimal(5)})
    assert out_of_bounds(Decimal(6), None, Decimal(5)) == Refused("above", {"bound": Decimal(5)})


def test_m4_due_dates_count_working_days_with_holidays_and_make_up_days() -> None:
    rule = PeriodRule("Asia/Shanghai")
    september = period_of(Grain.MONTH, datetime(2026, 9, 15, tzinfo=UTC), rule)
    week = {date(2026, 10, day): DayException(DayKind.NON_WORKING) for day in range(1, 8)}
    calendar = WorkingCalendar("Asia/Shanghai", WEEKLY, week | {date(2026, 10, 10): DayException(DayKind.WORKING)})

    found = [due_at(september, days, calendar) for days in (0, 1, 3)]

    assert [instant.astimezone(UTC).isoformat() for instant in found] == [
        "2026-09-30T09:30:00+00:00",
        "2026-10-08T09:30:00+00:00",
        "2026-10-10T09:30:00+00:00",
    ]


def test_m4_a_cell_is_missing_from_the_end_of_its_period_and_overdue_from_its_due_time() -> None:
    rule = PeriodRule("UTC")
    month = period_of(Grain.MONTH, datetime(2026, 9, 15, tzinfo=UTC), rule)
    due = due_at(month, 2, WorkingCalendar("UTC", WEEKLY))
    second = timedelta(seconds=1)

    states = [
        state_of(month, due=due, is_filled=False, is_waived=False, as_of=as_of)
        for as_of in (month.end - second, month.end, due, due + second)
    ]

    assert states == [CellState.RUNNING, CellState.MISSING, CellState.MISSING, CellState.OVERDUE]
    assert state_of(month, due=due, is_filled=True, is_waived=False, as_of=due + second) is CellState.FILLED
    assert state_of(month, due=due, is_filled=False, is_waived=True, as_of=due + second) is CellState.WAIVED
