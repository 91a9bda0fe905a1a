"""What every kind of field takes and refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from processes.engine.answers import Answered, BadAnswer, check_answer
from processes.engine.content import (
    Check,
    ChoiceSettings,
    Column,
    Field,
    FieldKind,
    FieldSettings,
    FileSettings,
    LinkSettings,
    LinkTarget,
    NumberSettings,
    Operator,
    Option,
    TableSettings,
    TextSettings,
)

LIMITS = NumberSettings(
    unit="°C", decimals=1, least=Decimal(-40), most=Decimal(60), warn_below=Decimal(0), warn_above=Decimal(8)
)
OPTIONS = ChoiceSettings((Option("yes", "Yes"), Option("no", "No", fails=True)))
TABLE = TableSettings(
    (Column("item", "Item", required=True), Column("count", "Count", kind=FieldKind.NUMBER)), least=1, most=2
)
ADDRESS = LinkSettings(LinkTarget.ADDRESS)


@pytest.mark.parametrize(
    ("kind", "settings", "raw", "value"),
    [
        ("text", None, "  two \n words ", "two words"),
        ("long_text", None, "a\r\nb ", "a\nb"),
        ("number", LIMITS, "07.50", "7.5"),
        ("number", LIMITS, -40, "-40"),
        ("number", LIMITS, 0.1, "0.1"),
        ("choice", OPTIONS, "no", "no"),
        ("choices", OPTIONS, ["no", "yes", "no"], ["yes", "no"]),
        ("checkbox", None, False, False),
        ("date", None, "2028-02-29", "2028-02-29"),
        ("time", None, "08:30:15", "08:30"),
        ("photo", None, [7, "8"], ["7", "8"]),
        ("signature", None, 7, "7"),
        ("rating", None, "5", 5),
        ("table", TABLE, [{"item": "Milk", "count": "3"}], [{"item": "Milk", "count": "3"}]),
        ("person", None, "41", "41"),
        ("link", ADDRESS, "https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("number", LIMITS, "  ", None),
        ("photo", None, [], None),
    ],
)
def test_an_answer_is_kept_in_one_shape(kind: str, settings: FieldSettings | None, raw: Any, value: Any) -> None:
    assert check_answer(Field("f", "F", FieldKind(kind), settings=settings), raw).value == value


@pytest.mark.parametrize(
    ("kind", "settings", "raw", "sentence"),
    [
        ("text", TextSettings(3), "four", "“F” takes at most 3 characters."),
        ("text", None, 7, "“F” takes a text."),
        ("text", None, "a\0", "“F” takes a text."),
        ("number", LIMITS, "warm", "“F” takes a number."),
        ("number", LIMITS, "NaN", "“F” takes a number."),
        ("number", LIMITS, True, "“F” takes a number."),
        ("number", LIMITS, "60.1", "“F” is at most 60 °C."),
        ("number", LIMITS, "-41", "“F” is at least -40 °C."),
        ("number", LIMITS, "1.25", "“F” takes at most 1 decimals."),
        ("choice", OPTIONS, "maybe", "“F” has no such choice."),
        ("choices", OPTIONS, "yes", "“F” has no such choice."),
        ("checkbox", None, "on", "“F” is either ticked or not."),
        ("date", None, "2027-02-29", "“F” takes a date."),
        ("date", None, 20270228, "“F” takes a date."),
        ("time", None, "25:00", "“F” takes a time of day."),
        ("time", None, "08:00+02:00", "“F” takes a time of day."),
        ("photo", FileSettings(2, 3), ["7"], "“F” takes 2 to 3 files."),
        ("photo", None, ["7", 7], "“F” takes 1 to 5 files."),
        ("rating", None, 6, "“F” takes 1 to 5 stars."),
        ("rating", None, "2.5", "“F” takes 1 to 5 stars."),
        ("table", TABLE, [{"count": "3"}], "Row 1 lacks “Item”."),
        ("table", TABLE, [{"item": "A", "price": 1}], "“F” has no such column."),
        ("table", TABLE, [{"item": "A"}] * 3, "“F” takes 1 to 2 rows."),
        ("table", TABLE, [{"item": "A", "count": "x"}], "“Count” takes a number."),
        ("link", ADDRESS, "javascript:alert(1)", "“F” takes an address that begins with https://."),
        ("link", ADDRESS, "https://[::1", "“F” takes an address that begins with https://."),
        ("person", None, {"id": 1}, "“F” points at nothing that is there."),
    ],
)
def test_a_bad_answer_is_refused_with_a_sentence(
    kind: str, settings: FieldSettings | None, raw: Any, sentence: str
) -> None:
    with pytest.raises(BadAnswer) as refused:
        check_answer(Field("f", "F", FieldKind(kind), settings=settings), raw)

    assert str(refused.value) == sentence


def test_p15_an_answer_beyond_the_warning_limits_is_kept_and_marked() -> None:
    field = Field("f", "F", FieldKind.NUMBER, settings=LIMITS)

    marks = [check_answer(field, raw).is_out_of_range for raw in ("-0.1", "0", "8", "8.1")]

    assert marks == [True, False, False, True]


def test_p10_a_failed_critical_answer_needs_a_photo_a_note_and_an_action() -> None:
    critical = Field("f", "F", FieldKind.CHOICE, settings=OPTIONS, critical=True)
    plain = Field("f", "F", FieldKind.CHECKBOX, fail_when=Check(Operator.NOT_TICKED))

    assert check_answer(critical, "no") == Answered("no", False, True, frozenset({"photo", "note", "action"}))
    assert check_answer(critical, "yes") == Answered("yes")
    assert check_answer(plain, False) == Answered(False, False, True, frozenset({"note"}))
