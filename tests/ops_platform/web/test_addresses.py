"""Addresses of rows are those that Django makes."""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.urls import NoReverseMatch, reverse, set_script_prefix

from ops_platform.web.addresses import address


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("organization:member-list", ()),
        ("organization:member-detail", (7,)),
        ("organization:member-role-withdraw", (7, 12)),
    ],
)
def test_address_is_what_reverse_gives(name, numbers):
    assert [address(name, *numbers) for _ in range(2)] == [reverse(name, args=numbers)] * 2


def test_address_of_an_unknown_view_raises():
    with pytest.raises(NoReverseMatch):
        address("organization:nowhere", 1)


def test_address_follows_the_prefix_and_the_urls_that_hold_now():
    plain = address("organization:member-detail", 7)

    try:
        set_script_prefix("/below/")
        below = address("organization:member-detail", 7)
    finally:
        set_script_prefix("/")
    with override_settings(ROOT_URLCONF="tests.ops_platform.web.gallery_urls"), pytest.raises(NoReverseMatch):
        address("organization:member-role-withdraw", 7, 12)

    assert below == f"/below{plain}"
