"""Tags and filters as pages use them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.template import engines
from django.test import RequestFactory
from django.utils import timezone

from ops_platform.web.formats import Unit
from ops_platform.web.templatetags.web import initials


def drawn(source: str, request=None, **context) -> str:
    return engines["django"].from_string(source).render(context, request)


def test_icon_is_for_the_eye_only():
    assert drawn('{% icon "search" css="big" %}') == (
        '<svg class="icon big" aria-hidden="true"><use href="/static/icons.svg#search"></use></svg>'
    )


@pytest.mark.parametrize(
    ("cookies", "attributes"),
    [
        ({}, ""),
        ({"theme": "dark"}, ' data-theme="dark"'),
        ({"theme": "light", "density": "compact"}, ' data-theme="light" data-density="compact"'),
        ({"theme": '"><script>', "density": "x"}, ""),
    ],
)
def test_appearance_takes_known_choices_only(cookies, attributes):
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies)
    assert drawn("<html{% appearance %}>", request) == f"<html{attributes}>"


def test_appearance_without_a_request_is_the_device_s():
    assert drawn("<html{% appearance %}>") == "<html>"


@time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False)
def test_time_ago_is_relative_with_the_absolute_time_on_hover():
    assert drawn("{% time_ago at %}", at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC)) == (
        '<time datetime="2026-03-01T09:30:00+00:00" title="2026-03-01 09:30 UTC" data-ago>2 h ago</time>'
    )
    assert drawn("{% time_ago at %}", at=None) == "–"


def test_filters_format_figures_and_say_nothing_for_nothing():
    source = "{{ x|number }} {{ x|number:1 }} {{ x|in_unit:u }} {{ x|compact:u }} {{ missing|number }}"
    assert drawn(source, x=Decimal("12345.60"), u=Unit("money", "CNY", 2)) == "12,345.60 12,345.6 ¥12,345.60 ¥12.3K –"
    assert drawn("{{ r|percent }} {{ r|signed_percent:0 }}", r=Decimal("0.125")) == "12.5% +13%"


@pytest.mark.parametrize(("name", "letters"), [("Anna Maria Berg", "AM"), ("王小明", "明"), ("anna", "a"), ("", "")])
def test_initials_are_short(name, letters):
    assert initials(name) == letters


def test_day_is_that_of_the_running_zone():
    late = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)

    with timezone.override("Asia/Shanghai"):
        assert drawn("{{ late|day }} {{ none|day }}", late=late, none=None) == "2 Mar 2026 –"
