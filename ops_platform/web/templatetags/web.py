"""Tags and filters of the screen. Built into every template by the settings, so that no page needs to load them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ops_platform.web import formats, kept_pages
from ops_platform.web.status import ICONS

register = template.Library()

# Levels of django.contrib.messages to levels of the screen.
TOAST_LEVELS = {"success": "good", "warning": "watch", "error": "bad"}
THEMES = ("light", "dark")
DENSITIES = ("compact",)


@register.simple_tag
@lru_cache(maxsize=1_000, typed=True)  # a page draws a hundred of few kinds; typed, as safe text is equal to plain
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite, for the eye only: what it means must stand in words beside it or in an aria-label."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, static("icons.svg"), name
    )


@register.simple_tag(takes_context=True)
def appearance(context: template.Context) -> SafeString:
    """The chosen theme and density as attributes of <html>: right from the first paint on.

    A member's are kept with the account; before signing in, the browser's cookies tell. `page_theme` in the context is a
    page's own.
    """
    request = context.get("request")
    kept = dict(request.COOKIES) if request else {}
    chosen = SafeString()
    if request is not None and getattr(request, "member", None) is not None:
        person = request.user
        kept = {"theme": person.theme, "density": person.density}
        if not person.uses_keys:
            chosen += format_html(' data-keys="{}"', "off")
    kept["theme"] = context.get("page_theme") or kept.get("theme", "")
    if kept["theme"] in THEMES:
        chosen += format_html(' data-theme="{}"', kept["theme"])
    if kept.get("density") in DENSITIES:
        chosen += format_html(' data-density="{}"', kept["density"])
    return chosen


@register.simple_tag(takes_context=True)
def now_text(context: template.Context) -> str:
    """The present instant with its zone, as a page says when it was printed."""
    return kept_pages.now_text(context.get("request"))


@register.simple_tag
def time_ago(instant: datetime | None) -> SafeString:
    """An instant in relation to now, with the absolute time and zone on hover; the browser keeps it current."""
    if instant is None:
        return format_html("{}", formats.NOTHING)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        instant.isoformat(),
        formats.absolute(instant),
        formats.ago(instant, timezone.now()),
    )


@register.filter
def number(value: Any, digits: int | None = None) -> str:
    """Grouped digits: `{{ 1234.5|number }}`, `{{ x|number:2 }}`."""
    return formats.number(_figure(value), digits)


@register.filter
def in_unit(value: Any, unit: formats.Unit | None) -> str:
    """The full figure in a `formats.Unit`."""
    return formats.in_unit(_figure(value), unit)


@register.filter
def compact(value: Any, unit: formats.Unit | None = None) -> str:
    """The short figure; put the full one into `title`."""
    return formats.compact(_figure(value), unit)


@register.filter
def percent(ratio: Any, digits: int = 1) -> str:
    """A ratio of 0 to 1 as per cent."""
    return formats.percent(_figure(ratio), digits)


@register.filter
def signed_percent(ratio: Any, digits: int = 1) -> str:
    """A relative change with its sign."""
    return formats.signed_percent(_figure(ratio), digits)


@register.filter
def period_label(start: date, grain: formats.Grain) -> str:
    """The name of the bucket of this grain that begins on `start`."""
    return formats.period_label(start, grain)


@register.filter(expects_localtime=True)
def day(on: date | None) -> str:
    """A day, or the day of an instant in the running zone, as people write it."""
    return formats.day(on) if on else formats.NOTHING


@register.filter
def instant(at: datetime | None) -> str:
    """An instant with its zone, exactly; beside what is told in relation to now."""
    return formats.absolute(at) if at else formats.NOTHING


@register.filter
def json_number(value: Any) -> str:
    """A figure for an attribute: no grouping, a point, whatever the language."""
    return str(value)


@register.filter
def level_icon(level: str) -> str:
    """The shape of a level."""
    return ICONS[level]


@register.filter
def toast_level(tag: str | None) -> str:
    """The level of the screen of a django message."""
    return TOAST_LEVELS.get(tag or "", "info")


@register.filter
def toast_icon(tag: str | None) -> str:
    """The shape of a django message."""
    return ICONS[toast_level(tag)]


@register.filter
def initials(name: Any) -> str:
    """One or two letters for the round picture: the first ones of Latin names, the last character of Chinese ones."""
    words = str(name).split()
    if not words:
        return ""
    if not words[0][0].isascii():
        return words[-1][-1]
    return "".join(word[0] for word in words[:2])


def _figure(value: Any) -> Decimal | int | float | None:
    """What templates hand over: a number, or an undefined name as the empty string."""
    return None if value in ("", None) else value
