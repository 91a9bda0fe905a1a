"""Names and types: what is refused before anything is computed, with the place and a suggestion."""

import re
from pathlib import Path

import pytest

import metrics
from metrics.engine.expressions import MESSAGES, ExpressionError, Type, check, parse

TYPES = {
    "quantity": Type.NUMBER,
    "unit_price": Type.NUMBER,
    "country": Type.TEXT,
    "invoice_no": Type.TEXT,
    "销售额": Type.NUMBER,
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("quantity * unit_price", Type.NUMBER),
        ("-销售额", Type.NUMBER),
        ('country = "France" and not starts_with(invoice_no, "C")', Type.BOOLEAN),
        ("quantity in (1, 2) or is_missing(country)", Type.BOOLEAN),
        ('country < "F"', Type.BOOLEAN),
        ("lower(country)", Type.TEXT),
        ('coalesce(country, "none")', Type.TEXT),
        ("coalesce(quantity, 0)", Type.NUMBER),
        ('if(quantity > 0, "sale", "return")', Type.TEXT),
        ("if(quantity > 0, quantity > 5, quantity < -5)", Type.BOOLEAN),
        ("max(1)", Type.NUMBER),
        ("round(unit_price) + round(unit_price, 2) + round(unit_price, -3)", Type.NUMBER),
    ],
)
def test_m1_check_gives_the_type_of_the_whole(source, expected):
    assert check(parse(source), TYPES) is expected
    assert check(parse(source), TYPES, expected=expected) is expected


@pytest.mark.parametrize(
    ("source", "code", "params", "place"),
    [
        ("1 * unit_prise", "unknown_name_suggestion", {"name": "unit_prise", "suggestion": "unit_price"}, "unit_prise"),
        ("QUANTITY", "unknown_name_suggestion", {"name": "QUANTITY", "suggestion": "quantity"}, "QUANTITY"),
        ("country = Germany", "unknown_name", {"name": "Germany"}, "Germany"),
        ("rond(quantity, 1)", "unknown_function_suggestion", {"name": "rond", "suggestion": "round"}, "rond"),
        ("eval(quantity)", "unknown_function", {"name": "eval"}, "eval"),
        ("1 + abs()", "too_few_arguments", {"function": "abs", "limit": 1, "found": 0}, "abs()"),
        ("if(quantity > 0, 1)", "too_few_arguments", {"function": "if", "limit": 3, "found": 2}, "if(quantity > 0, 1)"),
        ("abs(1, 2, 3)", "too_many_arguments", {"function": "abs", "limit": 1, "found": 3}, "2, 3"),
        ("quantity + country", "number_needed", {}, "country"),
        ("-country", "number_needed", {}, "country"),
        ("max(quantity, country)", "number_needed", {}, "country"),
        ("quantity + (quantity > 1)", "number_needed", {}, "quantity > 1"),
        ("lower(quantity)", "text_needed", {}, "quantity"),
        ("starts_with(country, 1)", "text_needed", {}, "1"),
        ("not quantity", "condition_needed", {}, "quantity"),
        ("quantity > 1 and country", "condition_needed", {}, "country"),
        ("if(quantity, 1, 2)", "condition_needed", {}, "quantity"),
        ("quantity = country", "same_type_needed", {}, "country"),
        ('quantity in (1, "2")', "same_type_needed", {}, '"2"'),
        ("if(quantity > 0, 1, country)", "same_type_needed", {}, "country"),
        ("coalesce(country, 0)", "same_type_needed", {}, "0"),
        ("(quantity > 1) = (quantity > 2)", "value_not_condition", {}, "quantity > 1"),
        ("is_missing(quantity > 1)", "value_not_condition", {}, "quantity > 1"),
        ("round(quantity, unit_price)", "round_digits", {"low": -15, "high": 20}, "unit_price"),
        ("round(quantity, 1.5)", "round_digits", {"low": -15, "high": 20}, "1.5"),
        ("round(quantity, 21)", "round_digits", {"low": -15, "high": 20}, "21"),
        ("round(quantity, -16)", "round_digits", {"low": -15, "high": 20}, "-16"),
    ],
)  # fmt: skip
def test_m1_check_refuses_with_code_and_place(source, code, params, place):
    with pytest.raises(ExpressionError) as caught:
        check(parse(source), TYPES)

    error = caught.value
    assert (error.code, error.params) == (code, params)
    assert source[error.start : error.end] == place


@pytest.mark.parametrize(
    ("source", "expected", "code"),
    [
        ("country", Type.NUMBER, "number_needed"),
        ("quantity * 2", Type.BOOLEAN, "condition_needed"),
        ("quantity > 2", Type.TEXT, "text_needed"),
    ],
)
def test_m1_check_refuses_a_whole_of_another_type(source, expected, code):
    with pytest.raises(ExpressionError) as caught:
        check(parse(source), TYPES, expected=expected)

    assert (caught.value.code, caught.value.start, caught.value.end) == (code, 0, len(source))


def test_m1_every_message_is_used_and_every_used_code_has_one():
    folder = Path(metrics.__file__).parent
    source = "".join(path.read_text("utf-8") for path in folder.rglob("*.py") if path.name != "errors.py")

    raised = set(re.findall(r'ExpressionError\(\s*"(\w+)"', source))
    raised |= set(re.findall(r'"((?:number|text|condition)_needed|unclosed_\w+)"', source))
    raised |= {f"unknown_{what}{end}" for what in ("name", "function") for end in ("", "_suggestion")}

    assert raised == set(MESSAGES)
