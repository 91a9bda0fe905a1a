"""The pages about the API, in both languages, against the calls that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("api.md", "api.zh.md")
TABLE = re.compile(r"^\| (`[a-z][^|]*/`[^|]*) \|", re.MULTILINE)
FIRST = re.compile(r"[a-z-]+/(?:<[a-z]+>/)?")
NUMBER, KEY = re.compile(r"<(?:id|run)>"), "<key>"


def named(page: str) -> list[str]:
    """The calls that the table names, the shortened ones below what stands before them."""
    found: list[str] = []
    for cell in TABLE.findall((DOCS / page).read_text(encoding="utf-8")):
        base = ""
        for call in re.findall(r"`([^`]+)`", cell):
            if call.startswith(".../"):
                found.append(base + call.removeprefix(".../"))
            else:
                found.append(call)
                first = FIRST.match(call)
                assert first is not None, call
                base = first[0]
    return found


def is_there(call: str) -> bool:
    """Whether there is such an address, with a number or a key where the page has one, or where it has left it out."""
    plain = NUMBER.sub("1", call).replace(KEY, "orders")
    head, _slash, rest = plain.partition("/")
    for path in (plain, f"{head}/1/{rest}", f"{head}/orders/{rest}"):
        try:
            resolve(f"/api/v1/{path}")
        except Resolver404:
            continue
        return True
    return False


@pytest.mark.parametrize("page", PAGES)
def test_o8_every_call_that_the_page_names_is_there(page: str) -> None:
    calls = named(page)

    assert len(calls) > 40
    assert [call for call in calls if not is_there(call)] == []


def test_o8_both_pages_name_the_same_calls_and_show_the_same_code() -> None:
    english, chinese = ((DOCS / page).read_text(encoding="utf-8") for page in PAGES)

    assert named("api.md") == named("api.zh.md")
    assert english.split("```")[1::2] == chinese.split("```")[1::2]
    assert english.count("\n## ") == chinese.count("\n## ")
