"""Every kind of field is drawn, and what a person gives in it is read back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from processes.engine.content import Field, FieldKind, read_content
from processes.forms.answers import answer_text, drawn_fields, read_answers

OPTIONS = {"options": [{"key": "ok", "label": "Good", "label_zh": "好"}, {"key": "bad", "label": "Bad"}]}
COLUMNS = {
    "columns": [
        {"key": "item", "label": "Item", "required": True},
        {"key": "seen", "label": "Seen", "kind": "checkbox"},
    ]
}
SETTINGS: dict[str, dict[str, Any]] = {
    "number": {"unit": "°C", "decimals": 1, "least": 0, "most": 60},
    "choice": OPTIONS,
    "choices": OPTIONS,
    "table": COLUMNS,
}


def fields(*kinds: str) -> tuple[Field, ...]:
    made = [
        {"key": f"f_{kind}", "label": kind, "label_zh": f"{kind} 字段", "kind": kind}
        | ({"settings": SETTINGS[kind]} if kind in SETTINGS else {})
        for kind in kinds
    ]
    text = {"sections": [{"key": "s", "title": "S", "steps": [{"key": "a", "title": "A", "fields": made}]}]}
    return read_content(text).sections[0].steps[0].fields


def page(kind: str, value: Any = None, **how: Any) -> str:
    [one] = drawn_fields(fields(kind), {f"f_{kind}": value}, **how)
    return render_to_string("processes/fields/field.html", {"one": one, "saves": "/save/"})


@pytest.mark.parametrize("kind", [kind.value for kind in FieldKind])
def test_p1_every_kind_is_drawn_with_its_label_in_the_readers_language(kind: str) -> None:
    assert f">{kind}" in page(kind)
    with translation.override("zh-hans"):
        assert f"{kind} 字段" in page(kind)


@pytest.mark.parametrize("kind", [kind.value for kind in FieldKind])
def test_a_field_that_is_only_looked_at_takes_nothing(kind: str) -> None:
    html = page(kind, disabled=True)

    controls = html.count("<input") + html.count("<select") + html.count("<textarea")
    is_whole = "<fieldset" in html and " disabled>" in html.split("<legend>")[0].split("<fieldset")[1]
    assert is_whole or html.count(" disabled") == controls


def test_phones_get_the_right_keys_and_the_camera() -> None:
    assert 'inputmode="decimal"' in page("number")
    assert "From 0 to 60" in page("number")
    assert 'capture="environment"' in page("photo")
    assert 'type="date"' in page("date")
    assert 'type="time"' in page("time")


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("text", "f_text=%20Li%20Na", "Li Na"),
        ("number", "f_number=7.5", "7.5"),
        ("choice", "f_choice=bad", "bad"),
        ("choices", "f_choices=bad&f_choices=ok", ["ok", "bad"]),
        ("checkbox", "f_checkbox=on", True),
        ("checkbox", "", False),
        ("date", "f_date=2026-03-01", "2026-03-01"),
        ("time", "f_time=08:30", "08:30"),
        ("rating", "f_rating=4", 4),
        ("signature", "f_signature=Li%20Na", "Li Na"),
        ("person", "f_person=12", "12"),
        ("table", "f_table.0.item=Box&f_table.0.seen=on&f_table.1.item=", [{"item": "Box", "seen": True}]),
    ],
)
def test_what_is_given_is_read_in_the_shape_that_is_kept(kind: str, sent: str, value: Any) -> None:
    read = read_answers(fields(kind), QueryDict(f"has=f_{kind}&{sent}"), MultiValueDict())

    assert (read.values, read.errors) == ({f"f_{kind}": value}, {})


def test_what_is_beyond_a_limit_is_said_and_not_lost() -> None:
    read = read_answers(
        fields("number", "text"), QueryDict("has=f_number&has=f_text&f_number=90&f_text=x"), MultiValueDict()
    )

    assert read.errors == {"f_number": "“number” is at most 60 °C."}
    assert read.values == {"f_number": "90", "f_text": "x"}


def test_a_field_that_was_not_on_the_page_is_left_alone() -> None:
    read = read_answers(fields("checkbox", "text"), QueryDict("has=f_text&f_text=x"), MultiValueDict())

    assert read.values == {"f_text": "x"}


def test_new_files_come_apart_from_those_that_are_kept() -> None:
    photo = SimpleUploadedFile("a.png", b"x")
    read = read_answers(
        fields("photo"), QueryDict("has=f_photo&f_photo=5"), MultiValueDict({"f_photo.upload": [photo]})
    )

    assert (read.values, read.uploads) == ({"f_photo": ["5"]}, {"f_photo": [photo]})


def test_answers_are_told_as_people_read_them() -> None:
    choice, checkbox, rating, table = fields("choice", "checkbox", "rating", "table")

    assert answer_text(choice, "ok", files={}, people={}) == "Good"
    assert answer_text(checkbox, False, files={}, people={}) == "No"
    assert answer_text(rating, 4, files={}, people={}) == "4 / 5"
    assert answer_text(table, [{"item": "Box", "seen": None}], files={}, people={}) == "Box"
    with translation.override("zh-hans"):
        assert answer_text(choice, "ok", files={}, people={}) == "好"
