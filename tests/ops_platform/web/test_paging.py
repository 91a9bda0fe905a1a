"""Keyset pages over real rows: forth, back, ties, NULLs, and tokens that are not ours."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.core import signing
from django.core.exceptions import BadRequest
from django.db.models import Case, DateField, DecimalField, QuerySet, Value, When
from django.db.models.functions import Length

from ops_platform.web import paging
from ops_platform.web.paging import SALT, Order, bounded_count, keyset_page, make_cursor, read_cursor
from organization.models import User

pytestmark = pytest.mark.django_db

# Two rows without a date, and two that share one: both must neither be lost nor shown twice.
DATES = {
    "a": date(2026, 1, 3),
    "b": None,
    "c": date(2026, 1, 1),
    "d": date(2026, 1, 3),
    "e": None,
    "f": date(2026, 1, 2),
}


@pytest.fixture
def people() -> QuerySet:
    for name in DATES:
        User.objects.create_user(email=f"{name}@example.com", password=None)
    cases = [When(email=f"{name}@example.com", then=Value(day)) for name, day in DATES.items() if day]
    return User.objects.annotate(day=Case(*cases, output_field=DateField()))


def names(rows: list) -> str:
    return "".join(row.email[0] for row in rows)


def walk(queryset: QuerySet, order: Order, size: int) -> tuple[list[str], list[str]]:
    """The pages from first to last, and then back again."""
    page = keyset_page(queryset, order, size=size)
    forth = [names(page.rows)]
    assert page.previous_cursor == ""
    while page.next_cursor:
        page = keyset_page(queryset, order, cursor=page.next_cursor, size=size)
        forth.append(names(page.rows))
    back = [forth[-1]]
    while page.previous_cursor:
        page = keyset_page(queryset, order, cursor=page.previous_cursor, size=size)
        back.append(names(page.rows))
    return forth, back


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order("email", ("email",)), "abcdef"),
        (Order("email", ("email",), is_descending=True), "fedcba"),
        (Order("day", ("day", "email"), is_nullable=True), "cfadbe"),
        (Order("day", ("day", "email"), is_descending=True, is_nullable=True), "dafceb"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 4, 5])
def test_keyset_page_walks_forth_and_back_over_each_row_once(people, order, expected, size):
    forth, back = walk(people, order, size)
    assert "".join(forth) == expected
    assert [len(page) for page in forth[:-1]] == [size] * (len(forth) - 1)
    assert "".join(reversed(back)).endswith(forth[-1])
    assert sorted("".join(back)) == sorted(set(expected))


def test_keyset_page_of_values_rows_orders_by_annotations(people):
    rows = people.annotate(length=Length("email")).values("email", "length")
    order = Order("length", ("length", "email"))
    first = keyset_page(rows, order, size=4)
    second = keyset_page(rows, order, cursor=first.next_cursor, size=4)
    assert [row["email"][0] for row in first.rows + second.rows] == list("abcdef")


def test_keyset_page_is_not_shifted_by_rows_that_arrive_meanwhile(people):
    order = Order("email", ("email",))
    first = keyset_page(people, order, size=3)
    User.objects.create_user(email="aa@example.com", password=None)
    assert names(keyset_page(people, order, cursor=first.next_cursor, size=3).rows) == "def"


def test_keyset_page_of_nothing_has_no_neighbours(people):
    page = keyset_page(people.none(), Order("email", ("email",)))
    assert (page.rows, page.previous_cursor, page.next_cursor, page.count) == ([], "", "", "0")


def test_keyset_page_takes_two_statements_on_any_page(people, django_assert_num_queries):
    order = Order("email", ("email",))
    with django_assert_num_queries(2):
        first = keyset_page(people, order, size=2)
    with django_assert_num_queries(2):
        keyset_page(people, order, cursor=first.next_cursor, size=2)


def test_bounded_count_stops_counting(people):
    assert bounded_count(people, most=6) == "6"
    assert bounded_count(people, most=5) == "5+"


def test_exact_values_survive_the_token():
    order = Order("x", ("instant", "day", "amount", "ratio", "key", "text", "nothing", "flag"))
    row = {
        "instant": datetime(2026, 3, 1, 6, 5, 4, 123456, tzinfo=UTC),
        "day": date(2026, 3, 1),
        "amount": Decimal("12345678901234567890.10"),
        "ratio": 0.1 + 0.2,
        "key": UUID(int=7),
        "text": "准时",
        "nothing": None,
        "flag": True,
    }
    assert read_cursor(make_cursor(row, order), order) == (False, list(row.values()))


def test_a_token_of_another_order_opens_the_first_page(people):
    token = keyset_page(people, Order("email", ("email",)), size=2).next_cursor
    page = keyset_page(people, Order("email", ("email",), is_descending=True), cursor=token, size=2)
    assert names(page.rows) == "fe"


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a:b:c",
        "\0",
        "x" * 5000,
        signing.dumps(["email", 0, 0, ["a"]], salt="another"),
        signing.dumps("email", salt=SALT),
        signing.dumps(["email", 0, 0, [["d", "2026-02-31"]]], salt=SALT),
    ],
    ids=["word", "colons", "nul", "long", "other-salt", "no-list", "no-day"],
)
def test_a_token_that_we_did_not_make_is_a_bad_request(people, token):
    with pytest.raises(BadRequest, match="beginning of the list"):
        keyset_page(people, Order("email", ("email",)), cursor=token)


def test_an_amount_is_compared_as_an_amount(people):
    cases = [When(email=f"{name}@example.com", then=Value(Decimal(i))) for i, name in enumerate("abcdef", start=8)]
    rows = people.annotate(amount=Case(*cases, output_field=DecimalField()))
    order = Order("amount", ("amount", "email"))
    first = keyset_page(rows, order, size=2)
    assert names(keyset_page(rows, order, cursor=first.next_cursor, size=9).rows) == "cdef"


def test_a_long_list_is_not_counted_again_for_a_minute(people, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(paging, "MOST_COUNTED", 5)
    order = Order("email", ("email", "pk"))

    def count(key: object, queries: int) -> str:
        with django_assert_num_queries(queries):
            return keyset_page(people, order, size=2, counted_as=("long", key)).count

    assert [count("a", 2), count("a", 1), count("b", 2)] == ["5+"] * 3
    later = time.monotonic() + 61
    monkeypatch.setattr(paging.time, "monotonic", lambda: later)
    assert count("a", 2) == "5+"


def test_a_short_list_is_counted_each_time(people, django_assert_num_queries):
    order = Order("email", ("email", "pk"))

    for rows, expected in ((people, "6"), (people.exclude(email="a@example.com"), "5")):
        with django_assert_num_queries(2):
            assert keyset_page(rows, order, size=2, counted_as=("short",)).count == expected
