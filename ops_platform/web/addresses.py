"""Addresses of rows. A list makes hundreds of them for a page, and Django's `reverse` looks each one up anew."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

# Numbers that no address has of its own, so that their places can be found in it
MARK = 7_302_918_465_000


def address(view_name: str, *numbers: int) -> str:
    """As `reverse(view_name, args=numbers)`, for views whose arguments are all numbers of rows."""
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    return _pattern(view_name, urlconf, get_script_prefix(), len(numbers)) % numbers


@lru_cache(maxsize=2_000)
def _pattern(view_name: str, urlconf: str, _prefix: str, count: int) -> str:
    marks = [MARK + place for place in range(count)]
    found = reverse(view_name, urlconf, args=marks).replace("%", "%%")
    for mark in marks:
        found = found.replace(str(mark), "%d")
    return found
