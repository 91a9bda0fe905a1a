"""Keyset paging: page 1,500 costs what page 1 costs, and rows that arrive meanwhile shift nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.core.exceptions import BadRequest
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from ops_platform.web import formats

Row = TypeVar("Row")
SALT = "ops_platform.web.paging"
MOST_COUNTED = 10_000
MOST_KEPT, MANY_STAND = 1_000, 60.0
LONGEST_TOKEN = 2_000
READERS: dict[str, Callable[[str], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "f": float.fromhex,
    "u": UUID,
}
# Until when lists that were found to be long are taken to be long
_many: dict[Hashable, float] = {}


@dataclass(frozen=True, slots=True)
class Order:
    """One way to sort a list.

    name: as it stands in the URL (`?sort=-due`). fields: model fields or annotations; together they must be unique, so
    the last is the key. is_descending turns all of them. is_nullable: the first field may be NULL; such rows come last
    in both directions. An index on exactly `fields` serves both ways, save for nullable descending orders.
    """

    name: str
    fields: tuple[str, ...]
    is_descending: bool = False
    is_nullable: bool = False

    def expressions(self, *, backwards: bool = False) -> list[Any]:
        """What `order_by` takes."""
        descending = self.is_descending != backwards
        first, *others = self.fields
        keys: list[Any] = [f"-{name}" if descending else name for name in others]
        if not self.is_nullable:
            return [f"-{first}" if descending else first, *keys]
        direction = F(first).desc if descending else F(first).asc
        return [direction(nulls_first=True) if backwards else direction(nulls_last=True), *keys]

    def beyond(self, position: Sequence[Any], *, backwards: bool = False) -> Q:
        """The rows after `position`, the values of `fields` in the last row seen; or before it."""
        descending = self.is_descending != backwards
        first, *others = self.fields
        if not self.is_nullable:
            return _beyond(self.fields, position, descending)
        is_null = Q(**{f"{first}__isnull": True})
        if position[0] is None:
            rest = is_null & _beyond(others, position[1:], descending)
            return rest | ~is_null if backwards else rest
        past = _beyond(self.fields, position, descending)
        return past if backwards else past | is_null


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows with the tokens of their neighbours; an empty token means that there is no such page."""

    rows: list[Row]
    previous_cursor: str = ""
    next_cursor: str = ""
    count: str = ""


def keyset_page(
    queryset: QuerySet[Any],
    order: Order,
    *,
    cursor: str = "",
    size: int = 50,
    is_counted: bool = True,
    counted_as: Hashable = None,
) -> Page[Any]:
    """One page of `queryset` (objects, or `values()` rows that hold the order's fields): one query, one bounded count.

    counted_as: all that decides which rows there are, save the rows themselves; "10,000+" then stands for a minute.

    A token made for another order opens the first page. One that we did not make raises BadRequest (400).
    """
    came = read_cursor(cursor, order) if cursor else None
    backwards = came is not None and came[0]
    rows_query = queryset.order_by(*order.expressions(backwards=backwards))
    if came:
        rows_query = rows_query.filter(order.beyond(came[1], backwards=backwards))
    rows = list(rows_query[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_previous, has_next = (has_more, True) if backwards else (came is not None, has_more)
    return Page(
        rows,
        previous_cursor=make_cursor(rows[0], order, backwards=True) if rows and has_previous else "",
        next_cursor=make_cursor(rows[-1], order) if rows and has_next else "",
        count=_count(queryset, counted_as) if is_counted else "",
    )


def bounded_count(queryset: QuerySet[Any], most: int = MOST_COUNTED) -> str:
    """How many rows there are, as text; "10,000+" where counting on would cost more than it tells."""
    count = queryset.order_by()[: most + 1].count()
    return _more_than(most) if count > most else formats.number(count)


def _count(queryset: QuerySet[Any], counted_as: Hashable) -> str:
    """The count of a page; counting to ten thousand only to say that there are more costs as much as the page itself."""
    now = time.monotonic()
    if counted_as is not None and _many.get(counted_as, 0.0) > now:
        return _more_than(MOST_COUNTED)
    text = bounded_count(queryset, MOST_COUNTED)
    if counted_as is not None and text == _more_than(MOST_COUNTED):
        if len(_many) >= MOST_KEPT:
            _many.clear()
        _many[counted_as] = now + MANY_STAND
    return text


def _more_than(most: int) -> str:
    return f"{formats.number(most)}+"


def make_cursor(row: Any, order: Order, *, backwards: bool = False) -> str:
    """A signed token for the place of `row` in `order`."""
    position = [_pack(_value(row, name)) for name in order.fields]
    return signing.dumps([order.name, int(order.is_descending), int(backwards), position], salt=SALT, compress=True)


def read_cursor(token: str, order: Order) -> tuple[bool, list[Any]] | None:
    """Whether the token leads backwards, and its position; None when it belongs to another order."""
    if len(token) > LONGEST_TOKEN:
        raise BadRequest(_("This page address is damaged. Go back to the beginning of the list."))
    try:
        name, is_descending, backwards, position = signing.loads(token, salt=SALT)
        values = [_unpack(part) for part in position]
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadRequest(_("This page address is damaged. Go back to the beginning of the list.")) from error
    if (name, bool(is_descending), len(values)) != (order.name, order.is_descending, len(order.fields)):
        return None
    return bool(backwards), values


def _beyond(fields: Sequence[str], position: Sequence[Any], descending: bool) -> Q:
    """(a, b) > (x, y), written as a >= x AND (a > x OR b > y): the first half is what an index can start from."""
    (name, *names), (value, *values) = fields, position
    strictly = Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
    if not names:
        return strictly
    at_least = Q(**{f"{name}__{'lte' if descending else 'gte'}": value})
    return at_least & (strictly | _beyond(names, values, descending))


def _value(row: Any, name: str) -> Any:
    if isinstance(row, dict):
        return row[name]
    for part in name.split("__"):
        row = None if row is None else getattr(row, part)
    return row


def _pack(value: Any) -> Any:
    """JSON that remembers the type: a date that comes back as text would be compared as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, Decimal):
        return ["n", str(value)]
    if isinstance(value, float):
        return ["f", value.hex()]
    if isinstance(value, UUID):
        return ["u", value.hex]
    raise TypeError(f"A list cannot be ordered by a {type(value).__name__}.")


def _unpack(part: Any) -> Any:
    if not isinstance(part, list):
        return part
    kind, text = part
    return READERS[kind](text)
