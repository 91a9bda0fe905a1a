"""POST /api/v1/observations/: all rows or none, exactly as sent, once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from metrics.models import ImportBatch, Observation, RollupMark
from organization.models import ApiToken, AuditEntry, DomainEvent, IdempotencyKey
from organization.services.tokens import revoke_token
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member
from tests.metrics.api.conftest import SEE, WRITE, Caller, Company


def stored(company: Company) -> list[tuple[Any, ...]]:
    with tenant_transaction(company.organization.pk):
        rows = Observation.objects.order_by("observed_at", "row_key")
        return list(rows.values_list("row_key", "observed_at", "m1", "m2"))


def row(key: str, at: str = "2025-03-31T17:45:00+08:00", **values: Any) -> dict[str, Any]:
    return {"at": at, "key": key, "values": values}


def test_m5_rows_are_stored_exactly_and_sent_again_change_nothing(company: Company) -> None:
    caller = company.caller()
    rows = [
        row("1", quantity=2, price="0.1", customer="安娜"),
        row("2", at="2025-03-31", quantity=-3, price=0.30000000000000004),
    ]

    first = caller.send("orders", *rows)
    again = caller.send("orders", *rows)

    assert first.status_code == 201
    assert first.json() | {"batch": ""} == {"batch": "", "created": 2, "updated": 0, "unchanged": 0, "superseded": 0}
    assert again.json()["unchanged"] == 2
    assert stored(company) == [
        ("2", datetime(2025, 3, 30, 16, tzinfo=UTC), Decimal(-3), Decimal("0.3")),
        ("1", datetime(2025, 3, 31, 9, 45, tzinfo=UTC), Decimal(2), Decimal("0.1")),
    ]
    with tenant_transaction(company.organization.pk):
        batch = ImportBatch.objects.get(reference=first.json()["batch"])
        assert (batch.source, batch.status, batch.rows_created) == ("api", "done", 2)
        assert AuditEntry.objects.filter(verb="metrics.observations.recorded").count() == 2
        assert DomainEvent.objects.filter(name="metrics.batch_loaded", subject_id=batch.pk).count() == 1
        assert RollupMark.objects.filter(dataset_id=company.orders.pk).count() == 2


def test_m5_a_correction_keeps_what_it_does_not_name_and_null_clears(company: Company) -> None:
    caller = company.caller()
    caller.send("orders", row("1", quantity=2, price="9.99"))

    assert caller.send("orders", row("1", quantity=5)).json()["updated"] == 1
    assert stored(company)[0][2:] == (Decimal(5), Decimal("9.99"))
    assert caller.send("orders", row("1", quantity=None)).json()["updated"] == 1
    assert stored(company)[0][2:] == (None, Decimal("9.99"))
    assert caller.send("orders", row("1", quantity=1), row("1", quantity=7)).json()["superseded"] == 1
    assert stored(company)[0][2:] == (Decimal(7), Decimal("9.99"))


def test_m5_rows_carry_days_until_one_carries_a_time(company: Company) -> None:
    caller, seen = company.caller(), []
    for sent in (row("1", at="2025-03-31"), row("2", at="2025-03-31T17:45"), row("3", at="2025-04-01")):
        assert caller.send("orders", sent).status_code == 201
        with tenant_transaction(company.organization.pk):
            company.orders.refresh_from_db()
            seen.append(company.orders.is_daily)

    assert seen == [True, False, False]


def test_m5_rows_known_by_content_are_told_apart_by_it_and_counted(company: Company) -> None:
    caller = company.caller()
    visit = {"at": "2025-03-31T08:00", "values": {"quantity": 1}}

    assert caller.send("visits", visit, visit, visit | {"values": {"quantity": 2}}).json()["created"] == 3
    same = {"at": "2025-03-31T00:00:00Z", "values": {"quantity": "1.0", "price": None}}
    assert caller.send("visits", same, same).json() | {"batch": ""} == {
        "batch": "", "created": 0, "updated": 0, "unchanged": 2, "superseded": 0,
    }  # fmt: skip


def test_m5_a_wrong_row_is_named_with_column_value_and_reason_and_nothing_is_stored(company: Company) -> None:
    caller = company.caller()

    answer = caller.send(
        "orders",
        row("1", quantity=1),
        {"at": "31.03.2025", "values": {"quantity": "a lot", "colour": "red", "revenue": 5, "country": 7}},
        "no row",
        {"at": "2025-02-30", "key": 5, "values": [1], "more": 1},
    )

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert {(error["row"], error["column"], error["value"]) for error in answer.json()["errors"]} == {
        (1, "at", "31.03.2025"), (1, "key", ""), (1, "quantity", "a lot"), (1, "colour", "red"), (1, "revenue", "5"),
        (1, "country", "7"), (2, "", "no row"), (3, "more", ""), (3, "key", "5"), (3, "at", "2025-02-30"),
        (3, "values", "[1]"),
    }  # fmt: skip
    assert all(error["reason"] for error in answer.json()["errors"])
    assert stored(company) == []
    with tenant_transaction(company.organization.pk):
        assert not ImportBatch.objects.exists()


HOSTILE = {
    "not json": "{",
    "nan": '{"dataset": "orders", "rows": [{"at": "2025-01-01", "key": "1", "values": {"quantity": NaN}}]}',
    "infinity": '{"dataset": "orders", "rows": [{"at": "2025-01-01", "key": "1", "values": {"quantity": -Infinity}}]}',
    "exponent beyond Decimal": '{"dataset": "orders", "rows": [{"values": {"quantity": 1e9999999999999999999}}]}',
    "nul": '{"dataset": "orders", "rows": [{"at": "2025-01-01", "key": "a\\u0000b", "values": {}}]}',
    "lone surrogate": '{"dataset": "orders", "rows": [{"at": "2025-01-01", "key": "\\ud800", "values": {}}]}',
    "surrogate as a name": '{"dataset": "orders", "rows": [{"at": "2025-01-01", "key": "1", "values": {"\\udfff": 1}}]}',
    "not utf-8": b'{"dataset": "\xff"}',
    "deep": '{"dataset": "orders", "rows": ' + "[" * 50 + "]" * 50 + "}",
    "bottomless": "[" * 200_000,
    "an integer of 5,000 digits": '{"dataset": "orders", "rows": [' + "9" * 5000 + "]}",
    "no object": "[]",
    "a number": "1",
    "another member": '{"dataset": "orders", "rows": [{}], "more": 1}',
    "no rows": '{"dataset": "orders", "rows": []}',
    "rows no list": '{"dataset": "orders", "rows": {}}',
    "dataset no text": '{"dataset": 5, "rows": [{}]}',
    "nothing": "",
}
IMPOSSIBLE = {
    "beyond numeric": {"quantity": "1" * 27},
    "1e400": "1e400",
    "a huge integer": "1" + "0" * 4000,
    "1e-400": "1e-400",
    "true": "true",
    "a list": "[1]",
    "an object": '{"a": 1}',
}


@pytest.mark.parametrize("case", HOSTILE)
def test_m5_a_body_that_cannot_be_read_is_a_400(company: Company, case: str) -> None:
    answer = company.caller().post("observations/", HOSTILE[case])

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert stored(company) == []


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_m5_a_number_that_cannot_be_kept_is_a_422(company: Company, case: str) -> None:
    value = '"' + "1" * 27 + '"' if case == "beyond numeric" else IMPOSSIBLE[case]
    body = f'{{"dataset": "orders", "rows": [{{"at": "2025-01-01", "key": "1", "values": {{"quantity": {value}}}}}]}}'

    answer = company.caller().post("observations/", body)

    assert answer.status_code == 422
    assert [error["column"] for error in answer.json()["errors"]] == ["quantity"]
    assert stored(company) == []


@pytest.mark.parametrize(
    "at",
    ["0001-01-01", "9999-12-31T23:59:59-14:00", "1700-01-01", "2299-01-01", "2025-01-01T25:00", "2025-W01-1", "٢٠٢٥-٠١-٠١",
     "2025-01-01T00:00:00+99:99", "2025-01-01\n", 20250101, None, True],
)  # fmt: skip
def test_m5_an_instant_that_is_none_is_a_422(company: Company, at: Any) -> None:
    answer = company.caller().send("orders", {"at": at, "key": "1", "values": {}})

    assert (answer.status_code, [error["column"] for error in answer.json()["errors"]]) == (422, ["at"])


def test_m5_offsets_wider_than_the_database_reads_are_the_instant_that_they_mean(company: Company) -> None:
    answer = company.caller().send(
        "orders", row("1", at="2025-01-01T23:59:00+23:59"), row("2", at="2025-01-01T00:00-16:00")
    )

    assert answer.status_code == 201
    assert [(key, at) for key, at, *_ in stored(company)] == [
        ("1", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2", datetime(2025, 1, 1, 16, tzinfo=UTC)),
    ]


def test_m5_texts_and_keys_longer_than_the_index_holds_are_a_422(company: Company) -> None:
    answer = company.caller().send("orders", row("k" * 2001, country="中" * 667))

    assert {error["column"] for error in answer.json()["errors"]} == {"key", "country"}


def test_m5_ten_thousand_rows_go_in_and_one_more_does_not(company: Company) -> None:
    caller = company.caller()
    rows = [row(str(number), quantity=number) for number in range(10_001)]

    assert caller.send("orders", *rows).status_code == 400
    answer = caller.send("orders", *rows[:-1])

    assert (answer.status_code, answer.json()["created"]) == (201, 10_000)


def test_m5_the_same_number_of_statements_stores_one_row_or_a_thousand(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    caller = company.caller()
    counts = []
    for size in (1, 1000):
        caller.send("orders", row("before", country="FR"))
        with django_assert_max_num_queries(60) as seen:
            caller.send("orders", *(row(f"{size}-{number}", country="FR") for number in range(size)))
        counts.append(len(seen.captured_queries))

    assert counts[0] == counts[1]


def test_m5_a_body_beyond_the_limit_is_a_413(company: Company, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    assert company.caller().send("orders", row("1", country="x" * 1000)).status_code == 413


def test_m5_under_a_key_a_call_counts_once_and_its_answer_comes_again(company: Company) -> None:
    caller, key = company.caller(), str(uuid4())

    first = caller.send("visits", {"at": "2025-01-01", "values": {}}, Idempotency_Key=key)
    again = caller.send("visits", {"at": "2025-01-01", "values": {}}, Idempotency_Key=key)
    other = caller.send("visits", {"at": "2025-01-02", "values": {}}, Idempotency_Key=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert len(stored(company)) == 1
    assert caller.send("visits", {"at": "2025-01-01", "values": {}}, Idempotency_Key="none").status_code == 400


def test_m5_a_refused_call_does_not_use_its_key_up(company: Company) -> None:
    caller, key = company.caller(), str(uuid4())

    assert caller.send("orders", {"at": "never"}, Idempotency_Key=key).status_code == 422
    assert caller.send("orders", row("1"), Idempotency_Key=key).status_code == 201


def test_m5_rows_go_by_key_and_their_old_state_is_kept(company: Company) -> None:
    caller = company.caller()
    caller.send("orders", row("1", quantity=1), row("2", quantity=2))

    answer = caller.post("observations/removals/", {"dataset": "orders", "keys": ["1", "none"]})

    assert (answer.status_code, answer.json()["removed"]) == (200, 1)
    assert [kept[0] for kept in stored(company)] == ["2"]
    assert caller.post("observations/removals/", {"dataset": "orders", "keys": [1]}).status_code == 422
    assert caller.post("observations/removals/", {"dataset": "other", "keys": ["1"]}).status_code == 404


def test_m5_the_right_to_write_is_enough_to_take_rows_out(company: Company) -> None:
    caller = company.caller(codenames=[WRITE])
    caller.send("orders", row("1", quantity=1))

    answer = caller.post("observations/removals/", {"dataset": "orders", "keys": ["1"]})

    assert (answer.status_code, answer.json()["removed"], stored(company)) == (200, 1, [])


@pytest.mark.parametrize("dataset", ["nothing", "orders\\u0000", "theirs"])
def test_o4_what_is_hidden_and_what_is_missing_are_the_same_404(
    company: Company, make_company: Any, dataset: str
) -> None:
    theirs = make_company()
    with tenant_transaction(theirs.organization.pk):
        theirs.visits.key = "theirs"
        theirs.visits.save()

    answer = company.caller().send(dataset.encode().decode(), {"at": "2025-01-01", "values": {}})

    assert answer.status_code == 404
    assert stored(theirs) == []


def test_o4_seeing_a_dataset_is_not_writing_to_it(company: Company) -> None:
    reader = company.caller("auditor", [SEE])

    assert reader.get("datasets/").status_code == 200
    assert reader.send("orders", row("1")).status_code == 403
    assert stored(company) == []


def test_o4_a_token_reaches_no_further_than_its_codenames(company: Company) -> None:
    writer = company.caller(codenames=[WRITE])

    assert writer.send("orders", row("1")).status_code == 201
    assert writer.get("datasets/").status_code == 403
    assert writer.get("kpis/").status_code == 403


@pytest.mark.parametrize("change", ["expired", "revoked", "foreign", "garbled", "none", "member left"])
def test_o4_a_token_that_does_not_hold_is_a_401_and_changes_nothing(
    company: Company, make_company: Any, change: str
) -> None:
    caller = company.caller(days=-1 if change == "expired" else 1)
    theirs = make_company()
    with tenant_transaction(company.organization.pk):
        token = ApiToken.objects.get()
        if change == "revoked":
            revoke_token(actor_of(make_member("owner")), token)
        if change == "member left":
            type(token.member).objects.filter(pk=token.member_id).update(is_active=False)
    if change == "foreign":
        caller = Caller(caller.token.replace(f"ops_{company.organization.pk}_", f"ops_{theirs.organization.pk}_"))
    if change == "garbled":
        caller = Caller("ops_99999999999999999999_x")
    if change == "none":
        caller = Caller("")

    answer = caller.send("orders", row("1"))

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert stored(company) == stored(theirs) == []
    with tenant_transaction(company.organization.pk):
        assert not IdempotencyKey.objects.exists()
    with connection.cursor() as cursor:  # the connection is left as it was
        cursor.execute("SELECT 1")
