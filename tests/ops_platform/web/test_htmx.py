"""Which of page and fragment goes out."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import override_settings

from ops_platform.web.htmx import announce, redirect_page, render_page

LOADERS = [
    (
        "template_partials.loader.Loader",
        [
            (
                "django.template.loaders.locmem.Loader",
                {"list.html": "<main>{% partialdef rows inline %}<p>{{ name }}</p>{% endpartialdef %}</main>"},
            )
        ],
    )
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": LOADERS, "builtins": ["template_partials.templatetags.partials"]},
    }
]
SWAP = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "<main><p>a</p></main>"),
        (SWAP, "<p>a</p>"),
        (SWAP | {"HX-Boosted": "true"}, "<main><p>a</p></main>"),
        (SWAP | {"HX-History-Restore-Request": "true"}, "<main><p>a</p></main>"),
    ],
)
@override_settings(TEMPLATES=TEMPLATES)
def test_render_page_sends_the_fragment_to_a_real_swap_only(headers, text):
    response = render_page(RequestFactory().get("/", headers=headers), "list.html", {"name": "a"}, fragment="rows")
    assert response.content.decode() == text
    assert response["Vary"] == "HX-Request, HX-Boosted, HX-History-Restore-Request"


@override_settings(TEMPLATES=TEMPLATES)
def test_render_page_without_fragment_is_always_the_page():
    response = render_page(RequestFactory().get("/", headers=SWAP), "list.html", {"name": "a"}, status=422)
    assert response.content == b"<main><p>a</p></main>"
    assert response.status_code == 422
    assert "Vary" not in response


def test_redirect_page_moves_the_whole_page_of_a_swap():
    plain = redirect_page(RequestFactory().post("/"), "/there/")
    swap = redirect_page(RequestFactory().post("/", headers=SWAP), "/there/")
    assert (plain.status_code, plain["Location"]) == (302, "/there/")
    assert (swap.status_code, swap["HX-Redirect"]) == (204, "/there/")


def test_announce_carries_any_language_in_ascii():
    header = announce(HttpResponse(), "已保存", undo_url="/undo/")["HX-Trigger"]
    assert header.isascii()
    assert json.loads(header) == {"ops:toast": {"text": "已保存", "level": "good", "undo": "/undo/"}}
