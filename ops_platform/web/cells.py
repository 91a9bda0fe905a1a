"""The HTML of a list's cells, put together as plain text: Django's `format_html` costs ten times as much for each.

A `Cell` gives HTML that may go out as it is: whatever comes from a row went through `escaped`.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from ops_platform.web import formats
from ops_platform.web.status import Status

Cell = Callable[[Any], str]


def escaped(text: Any) -> str:
    """As Django's `conditional_escape`, without what that spends on texts that are translated later."""
    if type(text) is str:
        return html.escape(text)
    return text if type(text) is SafeString else conditional_escape(text)


def body(cells: Sequence[Cell], rows: Iterable[Any]) -> SafeString:
    """The rows of a table. cells: what draws each whole cell of a row, box and all."""
    return SafeString("".join([f"<tr>{''.join([cell(row) for cell in cells])}</tr>" for row in rows]))


def framed(attributes: SafeString, inside: Cell, *, wide: SafeString, longest: int = 0) -> Cell:
    """What draws a cell; one with more letters than `longest`, where that is given, with the attributes `wide`."""
    start, wide_start = f"<td{escaped(attributes)}>", f"<td{escaped(wide)}>"
    if not longest:
        return lambda row: f"{start}{inside(row)}</td>"

    def cell(row: Any) -> str:
        shown = inside(row)
        is_wide = len(shown) > longest and len(html.unescape(shown)) > longest
        return f"{wide_start if is_wide else start}{shown}</td>"

    return cell


def box(picks: Callable[[Any], tuple[int, str]], words: str) -> Cell:
    """What draws the cell with the box that picks a row. words: the label, with a place for the name."""

    def cell(row: Any) -> str:
        key, name = picks(row)
        return (
            f'<td class="pick"><input type="checkbox" name="pick" value="{key:d}" form="bulk" data-pick '
            f'aria-label="{escaped(words % {"name": name})}"></td>'
        )

    return cell


def plain(text: Callable[[Any], Any]) -> Cell:
    """What draws a text, or a drawing that is safe already."""
    return lambda row: escaped(text(row))


def editable(shown: Cell, edit_of: Callable[[Any], Any], sprite: str) -> Cell:
    """What draws the content with the button that changes it, where `edit_of` the row gives a CellEdit."""
    icon = f'<svg class="icon" aria-hidden="true"><use href="{escaped(sprite)}#pencil"></use></svg>'

    def cell(row: Any) -> str:
        edit = edit_of(row)
        if edit is None:
            return shown(row)
        focus = ' data-focus="true"' if edit.is_focused else ""
        return (
            f'<span class="cell__text">{shown(row)}</span><button class="cell__edit" type="button" '
            f'hx-get="{escaped(edit.url)}" hx-target="closest td" hx-swap="innerHTML" '
            f'aria-label="{escaped(edit.label)}"{focus}>{icon}</button>'
        )

    return cell


def linked(text: Callable[[Any], str], href: Callable[[Any], str]) -> Cell:
    """What draws a text that leads to `href`; alone where that is empty."""

    def cell(row: Any) -> str:
        shown = text(row)
        url = href(row) if shown else ""
        if not url:
            return escaped(shown)
        # The indent of a tree stands before the link: it would be underlined inside
        name = shown.lstrip()
        return f'{escaped(shown[: -len(name)])}<a href="{escaped(url)}">{escaped(name)}</a>'

    return cell


def status(of: Callable[[Any], Status | None], sprite: str) -> Cell:
    """What draws a status: shape, word and colour."""
    drawing = escaped(sprite)
    drawn: dict[int, tuple[Status, str]] = {}  # with the status itself, so that its number stays its own

    def cell(row: Any) -> str:
        found = of(row)
        if found is None:
            return ""
        if (known := drawn.get(id(found))) is not None:
            return known[1]
        shown = (
            f'<span class="status status--{escaped(found.level)}"><svg class="icon" aria-hidden="true">'
            f'<use href="{drawing}#{escaped(found.icon)}"></use></svg>{escaped(str(found.label))}</span>'
        )
        drawn[id(found)] = (found, shown)
        return shown

    return cell


def instant(of: Callable[[Any], datetime | None]) -> Cell:
    """What draws an instant: how long ago, and when exactly."""
    now = timezone.now()

    def cell(row: Any) -> str:
        found = of(row)
        if found is None:
            return ""
        return (
            f'<time datetime="{escaped(found.isoformat())}" title="{escaped(formats.absolute(found))}" data-ago>'
            f"{escaped(formats.ago(found, now))}</time>"
        )

    return cell
