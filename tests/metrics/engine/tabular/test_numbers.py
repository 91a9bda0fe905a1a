"""Numbers as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.engine.tabular.errors import Bad
from metrics.engine.tabular.numbers import decimal_votes, read_number
from tests.metrics.engine.tabular.helpers import read_text

AMOUNTS = st.decimals(min_value=-(10**26) + 1, max_value=10**26 - 1, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234", "1234"),
        ("-0.50", "-0.50"),
        ("-0", "0"),
        ("007", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1,234,567.89", "1234567.89"),
        ("12,34,567", "1234567"),
        ("1 234 567,5".replace(",", "."), "1234567.5"),
        ("1\u202f234", "1234"),
        ("1'234.5", "1234.5"),
        ("$1,234.50", "1234.50"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("￥1,200", "1200"),
        ("1200元", "1200"),
        ("EUR 12", "12"),
        ("100EUR", "100"),
        ("(1,234.50)", "-1234.50"),
        ("($5.00)", "-5.00"),
        ("5-", "-5"),
        ("\u22125", "-5"),
        ("12.5%", "0.125"),
        ("-3 %", "-0.03"),
        ("1.5E+3", "1500"),
        ("2e-3", "0.002"),
        ("１２３", "123"),
        ("0.1234567890125", "0.123456789012"),
        ("9" * 26, "9" * 26),
    ],
)
def test_m5_a_written_number_becomes_plain_digits(text: str, value: str) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,5", "1234.5"), ("0,611553068", "0.611553068"), ("1.234", "1234"), ("-7,5 €", "-7.5")]
)
def test_m5_a_decimal_comma_is_read_where_the_file_uses_it(text: str, value: str) -> None:
    assert read_number(text, ",") == value


@pytest.mark.parametrize(
    "text", ["", "abc", "1,23,4", "1.2.3", "--5", "1,2345", "NaN", "inf", "-Infinity", "1e", "٣", "%"]
)
def test_m5_what_is_no_number_is_refused(text: str) -> None:
    assert read_number(text) == Bad("not_a_number")


@pytest.mark.parametrize("text", ["1" + "0" * 26, "1e26", "9e999", "9" * 500])
def test_m5_a_number_beyond_the_column_is_refused(text: str) -> None:
    assert read_number(text) == Bad("number_range", {"digits": 26})


@given(AMOUNTS)
def test_m5_every_amount_survives_every_spelling(amount: Decimal) -> None:
    point = f"{amount:,f}"
    spellings = [
        (f"{amount:f}", "."),
        (point, "."),
        (point.replace(",", " "), "."),
        (point.replace(",", "\u00a0"), "."),
        (point.translate(str.maketrans(",.", ".,")), ","),
        (f"{point} $", "."),
        (f"({abs(amount):,f})" if amount < 0 else point, "."),
    ]

    for text, decimal in spellings:
        found = read_number(text, decimal)
        assert isinstance(found, str), text
        assert Decimal(found) == amount


@given(st.text(max_size=40), st.sampled_from(".,"))
def test_m5_any_text_is_a_plain_number_or_refused(text: str, decimal: str) -> None:
    found = read_number(text, decimal)

    if isinstance(found, str):
        value = Decimal(found)
        assert value.is_finite()
        assert abs(value) < 10**26
        assert -int(value.as_tuple().exponent) <= 12
    else:
        assert found.code in ("not_a_number", "number_range")


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", ",")])
def test_m5_a_whole_column_and_its_cells_one_by_one_read_the_same(delimiter: str, decimal: str) -> None:
    plain = ["1234.5", "-7", "", "1,234,567.25", "12.50", "999,999", "-1,000.5"]
    texts = [text if decimal == "." else text.translate(str.maketrans(",.", ".,")) for text in plain]
    header = delimiter.join(("name", "amount")) + "\n"
    rows = "".join(f'x{delimiter}"{text}"\n' for text in texts)

    fast = read_text(header + rows)
    slow = read_text(header + rows + f"x{delimiter}$1\n")

    assert fast.columns["amount"] == slow.columns["amount"][:-1]
    assert fast.columns["amount"] == ["1234.5", "-7", None, "1234567.25", "12.50", "999999", "-1000.5"]


def test_m5_the_decimal_mark_is_told_by_the_texts_that_allow_only_one() -> None:
    assert decimal_votes(["1,5", "2,25", "1.234"]) == {",": 2}
    assert decimal_votes(["1,234.5", "1,234", "0.125"]) == {".": 2}


def test_m5_missing_marks_are_no_values_and_not_refused() -> None:
    marks = ["NA", "N/A", "-", "*", "***", "NULL", "", " ", "null", "--", "..."]

    result = read_text("name,amount\na,1\nb,2\nc,3\nd,4\n" + "".join(f"x,{mark}\n" for mark in marks) + "z,5\n")

    assert result.refusals == []
    assert result.columns["amount"] == ["1", "2", "3", "4", *[None] * len(marks), "5"]


def test_m5_nan_and_infinity_are_refused_not_stored() -> None:
    numbers = "".join(f"a,{n}\n" for n in range(20))

    result = read_text(f"name,amount\n{numbers}b,NaN\nc,Infinity\n")

    assert [(r.row, r.column, r.value, r.code) for r in result.refusals] == [
        (22, "amount", "NaN", "not_a_number"),
        (23, "amount", "Infinity", "not_a_number"),
    ]
    assert len(result.numbers) == 20
