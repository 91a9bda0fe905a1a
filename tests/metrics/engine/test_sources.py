"""The parts that sources are made of: signatures, places in JSON, typed queries, times, first plans."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.engine.json_paths import MISSING, at, find_rows, is_pointer, leaves, names_of, rows_of
from metrics.engine.pull_times import MOST_FAILURES, next_time, wait_after
from metrics.engine.sent_rows import RowReader
from metrics.engine.signatures import is_signed, is_timely, new_secret, sign
from metrics.engine.source_guess import guess_body, guess_query
from metrics.engine.source_plan import SourceColumn, SourcePlan, plan_of, problems_of
from metrics.engine.source_rows import Extractor, cursor_after, cursor_before, cursor_until
from metrics.engine.sql_text import BadQuery, read_query

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)  # as the doors let it in
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


def test_m5_a_signature_is_that_of_the_specification() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks, which every library of it is tested by."""
    secret, message, moment = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330

    signature = sign(secret, message, moment, b'{"test": 2432232314}')

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["", "MfKQ9r8G", "whsec_", "whsec_!", "whsec_ÿ"])
def test_m5_what_is_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(ValueError, match=r"secret is|begins"):
        sign(secret, "m", 1, b"")


def test_m5_each_part_of_a_delivery_is_signed() -> None:
    secret = new_secret()
    facts: dict[str, Any] = {"message_id": "a", "timestamp": "1", "body": b"x"}
    signature = sign(secret, "a", "1", b"x")

    assert is_signed([new_secret(), secret], signatures=f"v1,AA {signature}", **facts)
    for changed in ({"message_id": "b"}, {"timestamp": "2"}, {"body": b"y"}):
        assert not is_signed([secret], signatures=signature, **(facts | changed))
    assert not is_signed([new_secret()], signatures=signature, **facts)
    assert not is_signed([secret], signatures=" ".join(["v1,AA"] * 10 + [signature]), **facts)


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        (str(int(NOW.timestamp())), True),
        (str(int(NOW.timestamp()) - 300), True),
        (str(int(NOW.timestamp()) + 300), True),
        (str(int(NOW.timestamp()) - 301), False),
        (str(int(NOW.timestamp()) + 301), False),
        ("", False),
        ("1e9", False),
        ("-1", False),
        ("9" * 400, False),
    ],
)
def test_m5_a_delivery_is_of_just_now(text: str, is_near: bool) -> None:
    assert is_timely(text, as_of=NOW) is is_near


def test_m5_pointers_lead_where_the_standard_says() -> None:
    """RFC 6901, section 5."""
    document = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, " ": 7, 'k"l': 6}

    assert [at(document, pointer) for pointer in ("", "/foo/0", "/", "/a~1b", "/m~0n", "/ ", '/k"l')] == [
        document, "bar", 0, 1, 8, 7, 6,
    ]  # fmt: skip
    assert all(at(document, pointer) is MISSING for pointer in ("/foo/2", "/foo/-1", "/foo/x", "/no", "/foo/0/x", "/²"))
    assert [is_pointer(text) for text in ("", "/a", "^/a", "^", "a", "/~", "/~2", "/\0", "/~01")] == [
        True, True, True, True, False, False, False, False, True,
    ]  # fmt: skip


@given(JSON)
def test_m5_every_value_that_is_listed_stands_where_it_is_said_to(document: Any) -> None:
    for pointer, value in leaves(document):
        assert is_pointer(pointer)
        assert at(document, pointer) == value


@pytest.mark.parametrize(
    ("body", "place", "count"),
    [
        ({"a": 1}, "", 1),
        ([{"a": 1}, {"a": 2}], "", 2),
        ({"data": {"items": [{"a": 1}], "tags": ["x"]}}, "/data/items", 1),
        ({"x": [1, 2], "y": []}, "", 1),
        ({"a/b": [{"c": 1}]}, "/a~1b", 1),
    ],
)
def test_m5_the_highest_list_of_objects_is_the_rows(body: Any, place: str, count: int) -> None:
    assert find_rows(body) == place
    assert len(rows_of(body, place) or []) == count


def test_m5_places_are_named_by_as_much_as_tells_them_apart() -> None:
    assert names_of(["/id", "/customer/id", "/customer/name", ""]) == ["id", "customer id", "name", "value"]


SHOP = {
    "event": "order.paid",
    "sent": "2026-01-02T03:04:05Z",
    "data": {"lines": [{"line_id": 1, "qty": 2, "sku": "a"}, {"line_id": 2, "qty": 1, "sku": "b"}]},
}


def test_m5_a_body_is_guessed_with_what_its_rows_share() -> None:
    plan = guess_body(SHOP)

    assert plan.rows_at == "/data/lines"
    assert {column.path: column.role for column in plan.columns} == {
        "/line_id": "key", "/qty": "measure", "/sku": "dimension", "^/event": "dimension", "^/sent": "instant",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "role", "path"),
    [
        ({"id": 5, "created": 1767225600, "amount": 2}, "instant", "/created"),
        ({"id": 5, "created_at": 1767225600000, "amount": 2}, "instant", "/created_at"),
        ({"id": 5, "at": "2026-01-01", "amount": 2}, "key", "/id"),
        ({"uuid": "x", "at": "2026-01-01"}, "key", "/uuid"),
    ],
)
def test_m5_one_row_is_enough_to_guess_by(body: Any, role: str, path: str) -> None:
    assert [column.path for column in guess_body(body).columns if column.role == role] == [path]


@given(JSON)
def test_m5_any_body_gives_a_plan_that_can_be_kept(body: Any) -> None:
    plan = guess_body(body)

    assert plan_of(json.loads(json.dumps(plan.to_dict()))) == plan
    assert len({column.key for column in plan.columns}) == len(plan.columns)


def test_m5_a_query_is_guessed_by_names_and_values() -> None:
    rows = [
        {"id": n, "updated_at": datetime(2026, 1, n, tzinfo=UTC), "amount": Decimal(n), "land": "F"} for n in (1, 2)
    ]

    plan = guess_query(["id", "updated_at", "amount", "land", "void"], rows)

    assert [column.role for column in plan.columns] == ["key", "instant", "measure", "dimension", "ignore"]


@pytest.mark.parametrize(
    "typed",
    [
        "select a from t where b >= :since",
        "SELECT ':since; ''x', e'\\';:since', $$ ; :since $$, $x$ $$ ; $x$ FROM t WHERE b >= :since;",
        '-- ; :since\nselect "a;b" /* ; /* :since */ */ from t where b >= :since ; -- end ; :since',
        "(select a::text from t where b >= (:since)::timestamptz)",
        "with x as (select 1) select * from x where :since < now()",
        "select a from t where b like '50%' and b >= :since",
    ],
)
def test_m5_since_is_found_where_it_is_code_and_nowhere_else(typed: str) -> None:
    query = read_query(typed)

    assert query.is_incremental
    assert query.text.count("%(since)s") == 1
    assert query.text % {"since": ":since"} in typed.strip()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "query_empty"),
        (" -- nothing\n/* at all */", "query_empty"),
        ("delete from t", "not_a_query"),
        ("; select 1", "several_statements"),
        ("set role postgres", "not_a_query"),
        ("$1", "not_a_query"),
        ("select 1; drop table t", "several_statements"),
        ("select 1;;select 2", "several_statements"),
        ("select 1; /* x */ -- y\n commit", "several_statements"),
        ("select 'a", "quote_open"),
        ('select "a', "quote_open"),
        ("select 1 /* /* */", "comment_open"),
    ],
)
def test_m5_what_is_no_single_query_is_refused(typed: str, code: str) -> None:
    with pytest.raises(BadQuery) as refused:
        read_query(typed)

    assert refused.value.code == code


@given(st.text(alphabet="selct '\"$-/*;:\n%xe\\", max_size=40))
def test_m5_any_text_is_a_query_or_refused_and_loses_nothing(typed: str) -> None:
    try:
        query = read_query(typed)
    except BadQuery:
        return

    assert query.text % {"since": ":since"} in typed


@pytest.mark.parametrize(
    ("every", "after", "expected"),
    [
        ("quarter_hour", "2026-01-20T12:00:00+00:00", "2026-01-20T12:15:00+00:00"),
        ("quarter_hour", "2026-01-20T12:14:59+00:00", "2026-01-20T12:15:00+00:00"),
        ("hour", "2026-01-20T12:00:01+00:00", "2026-01-20T13:00:00+00:00"),
        ("day", "2026-01-20T01:59:59+00:00", "2026-01-20T02:00:00+00:00"),
        ("day", "2026-01-20T02:00:00+00:00", "2026-01-21T02:00:00+00:00"),
        ("day", "2026-03-28T02:00:00+00:00", "2026-03-29T01:00:00+00:00"),  # 3:00 is the hour that the clock jumps to
        ("day", "2026-10-24T01:00:00+00:00", "2026-10-25T02:00:00+00:00"),
    ],
)
def test_m5_a_source_is_asked_by_the_organizations_clock(every: str, after: str, expected: str) -> None:
    found = next_time(every, "03:00", after=datetime.fromisoformat(after), timezone="Europe/Berlin")

    assert found == datetime.fromisoformat(expected)


def test_m5_a_failing_source_is_left_alone_longer_each_time() -> None:
    waits = [wait_after(failures) for failures in range(1, MOST_FAILURES + 3)]

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), timedelta(hours=6))


def test_m5_a_cursor_goes_back_and_never_ahead() -> None:
    aware = cursor_after([NOW - timedelta(hours=1), NOW.astimezone(UTC)])
    naive = cursor_after([datetime(2026, 1, 20, 20)])
    day = cursor_after([date(2026, 1, 19), date(2026, 1, 20)])

    assert (aware, naive, day) == ("2026-01-20T12:00:00.000000+00:00", "2026-01-20T20:00:00.000000", "2026-01-20")
    assert cursor_before(aware, timedelta(minutes=60)) == "2026-01-20T11:00:00+00:00"
    assert cursor_before(day, timedelta(minutes=60)) == "2026-01-19"
    assert cursor_after([]) == ""
    far = datetime(2099, 1, 1, tzinfo=UTC)
    assert cursor_until(cursor_after([far]), NOW, "Asia/Shanghai") == aware
    assert cursor_until(cursor_after([far.replace(tzinfo=None)]), NOW, "Asia/Shanghai") == naive
    assert cursor_until("2099-01-01", NOW, "Asia/Shanghai") == "2026-01-20"
    assert cursor_until(aware, NOW + timedelta(seconds=1), "UTC") == aware


def extracted(value: Any, role: str = "measure") -> Any:
    """What becomes of one value, as the row reader is given it."""
    columns = [SourceColumn("/t", "instant", "at"), SourceColumn("/v", role, "v")]
    if role in ("instant", "key"):
        columns = [SourceColumn("/v", "instant", "at"), SourceColumn("/v", "key", "k")]
    row = Extractor(SourcePlan(tuple(columns)), is_json=True).row({"t": "2026-01-01", "v": value})
    return {"instant": row["at"], "key": row.get("key")}.get(role, row["values"].get("v"))


@pytest.mark.parametrize(
    ("role", "value", "expected"),
    [
        ("measure", Decimal("1E+3"), "1000"),
        ("measure", Decimal("1E-7"), "0.0000001"),
        ("measure", Decimal("1E+999999"), "1E+999999"),
        ("measure", 0.1, "0.1"),
        ("measure", " 12.5 ", "12.5"),
        ("measure", " ", None),
        ("measure", True, True),
        ("dimension", 7, "7"),
        ("dimension", False, "false"),
        ("dimension", ["x"], ["x"]),
        ("instant", "2026-01-01T10:00:00.123456789Z", "2026-01-01T10:00:00.123456Z"),
        ("instant", "2026-01-01 10:00 UTC", "2026-01-01 10:00:00Z"),
        ("instant", "2026-01-01T10:00:00+0800", "2026-01-01T10:00:00+08:00"),
        ("instant", "2026-01-01T10:00:00-05", "2026-01-01T10:00:00-05:00"),
        ("instant", 1767225600, "2026-01-01T00:00:00+00:00"),
        ("instant", Decimal("1767225600.5"), "2026-01-01T00:00:00.500000+00:00"),
        ("instant", 1767225600001, "2026-01-01T00:00:00.001000+00:00"),
        ("instant", 20260101, Decimal(20260101)),
        ("key", 7, "7"),
        ("key", "", None),
        ("key", {"a": 1}, {"a": 1}),
    ],
)
def test_m5_values_say_the_same_in_our_types_and_others_stay_to_be_refused(
    role: str, value: Any, expected: Any
) -> None:
    assert extracted(value, role) == expected


def test_m5_parts_of_a_key_are_put_together_and_all_are_needed() -> None:
    columns = (SourceColumn("/t", "instant", "at"), SourceColumn("/a", "key", "a"), SourceColumn("/b", "key", "b"))
    extractor = Extractor(SourcePlan(columns), is_json=True)

    assert extractor.row({"t": 1, "a": "x", "b": 2})["key"] == "x\x1f2"
    assert extractor.row({"t": 1, "a": "x"})["key"] is None


@given(JSON)
def test_m5_whatever_is_sent_is_read_or_refused(value: Any) -> None:
    plan = SourcePlan(
        (SourceColumn("/t", "instant", "at"), SourceColumn("/k", "key", "id"), SourceColumn("/v", "measure", "v"),
         SourceColumn("/d", "dimension", "d"))
    )  # fmt: skip
    roles = {"at": "instant", "id": "key", "v": "measure", "d": "dimension"}
    reader = RowReader(roles, row_key="columns", timezone="UTC")
    rows = [Extractor(plan, is_json=True).row(row) for row in ({"t": value, "k": value, "v": value, "d": value}, value)]

    read = reader.read(rows, keeps_good=True)

    assert len(read.instants) + len({error.row for error in read.errors}) == 2


def test_m5_good_rows_are_kept_beside_bad_ones_only_when_that_is_asked_for() -> None:
    rows = [{"at": "2026-01-01", "key": "1"}, {"at": "never", "key": "2"}, {"at": "2026-01-03", "key": "3"}]

    def read(**facts: bool) -> list[str]:
        return RowReader({}, row_key="columns", timezone="UTC").read(rows, **facts).row_keys

    assert read(keeps_good=True) == ["1", "3"]
    assert read() == ["1"]


def test_m5_a_plan_says_what_cannot_work() -> None:
    columns = [
        SourceColumn("/a", "instant", "a"), SourceColumn("/b", "instant", "b"), SourceColumn("", "measure", "c"),
        SourceColumn("/d", "measure", "D"), SourceColumn("/e", "measure", "c"),
    ]  # fmt: skip

    assert problems_of(columns) == [
        ("columns[1].role", "two_instants"),
        ("columns[2].path", "path_missing"),
        ("columns[3].key", "key_form"),
        ("columns[4].key", "key_twice"),
    ]
    assert problems_of([]) == [("columns", "instant_missing")]
