"""Files that a spreadsheet opens: exact, typed, explained, and free of formulas."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from ops_platform.web.columns import Column
from ops_platform.web.exports import About, csv_lines, harmless, json_rows, write_xlsx
from ops_platform.web.formats import Unit
from ops_platform.web.status import Status

COLUMNS = (
    Column("name", "Name"),
    Column("value", "Value", kind="money", unit=Unit("money", "CNY", 2)),
    Column("share", "Share", kind="percent"),
    Column("on", "On", kind="date"),
    Column("at", "At", kind="instant"),
    Column("status", "Status", kind="status"),
)
ROWS = [
    {
        "name": "=HYPERLINK(1)",
        "value": Decimal("-1234.50"),
        "share": Decimal("0.125"),
        "on": date(2026, 2, 28),
        "at": datetime(2026, 2, 28, 23, 30, 1, 5, tzinfo=UTC),
        "status": Status("bad", "Missed"),
    },
    {"name": '准时, "ok"', "value": None, "share": None, "on": None, "at": None, "status": None},
]
ABOUT = About("KPIs", datetime(2026, 3, 1, 6, 5, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), [("Owner", "+me")])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"])
def test_harmless_marks_what_a_spreadsheet_would_run(start):
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless(f" \u200b{start}1+1") == f"' \u200b{start}1+1"
    assert harmless(f"a{start}1") == f"a{start}1"


def test_csv_says_what_it_is_and_keeps_numbers_numbers():
    assert "".join(csv_lines(COLUMNS, ROWS, ABOUT)) == (
        "\ufeffList,KPIs\r\n"
        'Made,"2026-03-01 14:05:00 (Asia/Shanghai, UTC+0800)"\r\n'
        "Owner,'+me\r\n\r\n"
        "Name,Value (CNY),Share,On,At,Status\r\n"
        "'=HYPERLINK(1),-1234.50,0.125,2026-02-28,2026-03-01 07:30:01,Missed\r\n"
        '"准时, ""ok""",,,,,\r\n'
    )


def test_xlsx_holds_types_and_runs_nothing():
    file = io.BytesIO()
    write_xlsx(file, COLUMNS, ROWS, ABOUT)
    sheet = load_workbook(file).active
    above, row, empty = sheet["B3"], sheet[6], sheet[7]
    assert (above.value, above.data_type) == ("+me", "s")
    assert [cell.value for cell in sheet[5]] == ["Name", "Value (CNY)", "Share", "On", "At", "Status"]
    assert [cell.value for cell in row] == [
        "=HYPERLINK(1)",
        -1234.5,
        0.125,
        datetime(2026, 2, 28),
        datetime(2026, 3, 1, 7, 30, 1),
        "Missed",
    ]
    assert [cell.data_type for cell in row] == ["s", "n", "n", "d", "d", "s"]
    assert [cell.value for cell in empty] == ['准时, "ok"', None, None, None, None, None]
    assert sheet.freeze_panes == "A6"


def test_xlsx_keeps_figures_beyond_fifteen_digits_whole():
    file = io.BytesIO()
    columns = (Column("value", "Value", kind="number"), Column("text", "Text"))
    write_xlsx(file, columns, [{"value": Decimal("12345678901234567.89"), "text": "a\x0bb"}])
    assert [cell.value for cell in load_workbook(file).active[2]] == ["12345678901234567.89", "ab"]


def test_json_rows_are_exact_and_serialisable():
    assert json.loads(json.dumps(list(json_rows(COLUMNS, ROWS[:1])))) == [
        {
            "name": "=HYPERLINK(1)",
            "value": "-1234.50",
            "share": "0.125",
            "on": "2026-02-28",
            "at": "2026-02-28T23:30:01.000005+00:00",
            "status": "bad",
        }
    ]
