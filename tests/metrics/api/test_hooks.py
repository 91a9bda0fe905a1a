"""POST /hooks/<address>/: signed, taken once, the good rows in and the others back."""

from __future__ import annotations

import io
import json
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.api.hooks import HookThrottle
from metrics.engine.signatures import new_secret, sign
from metrics.engine.source_plan import SourceColumn, SourcePlan
from metrics.models import Dataset, DataSource, ImportBatch, RollupMark, SourceDelivery
from metrics.services.imports import undo_import
from metrics.services.sources import rotate_secret, switch_source
from organization.access import Actor
from organization.middleware import SESSION_KEY
from organization.models import AuditEntry, DomainEvent, Organization
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member, make_organization
from tests.factories.metrics import make_dataset
from tests.metrics.importing import all_rows, column_of, ran
from tests.metrics.sourcing import ORDER_PLAN, deliver, hook_url, make_webhook, orders, sent_order

pytestmark = pytest.mark.django_db


class Shop:
    """A dataset of orders that a webhook feeds; questions about it open the scope themselves."""

    def __init__(self, organization: Organization, plan: SourcePlan | None = ORDER_PLAN, **dataset: Any) -> None:
        self.organization = organization
        with self.scope():
            self.owner: Actor = make_actor("owner")
            self.dataset: Dataset = make_dataset(self.owner, organization, **dataset)
            self.source, self.secret = make_webhook(self.owner, organization, self.dataset, plan)

    def scope(self) -> Any:
        return tenant_context(self.organization.pk)

    def send(self, *rows: dict[str, Any], **facts: Any) -> Any:
        return deliver(self.source, self.secret, orders(*rows), **facts)

    def keys(self) -> list[str]:
        with self.scope():
            return [row[5] for row in all_rows(self.dataset)]

    def column(self, key: str) -> list[Any]:
        with self.scope():
            return column_of(self.dataset, key)

    def traces(self) -> tuple[int, ...]:
        """What a delivery could leave."""
        with self.scope():
            kinds = (SourceDelivery, ImportBatch, AuditEntry, DomainEvent, RollupMark)
            return tuple(kind.objects.count() for kind in kinds)


@pytest.fixture
def shop(organization: Organization) -> Shop:
    return Shop(organization)


def test_m5_of_a_thousand_rows_with_three_bad_ones_997_are_taken_and_three_returned(shop: Shop) -> None:
    rows = [sent_order(number, price=f"{number}.10") for number in range(1, 1001)]
    rows[9]["placed_at"] = "yesterday"
    rows[499]["price"] = "dear"
    del rows[999]["number"]

    answer = shop.send(*rows)

    assert answer.status_code == 200
    told = answer.json()
    assert (told["rows"], told["created"], told["refused"], told["left_out"]) == (1000, 997, 3, 0)
    assert [(error["row"], error["column"], error["value"]) for error in told["errors"]] == [
        (10, "/placed_at", "yesterday"),
        (500, "/price", "dear"),
        (1000, "/number", ""),
    ]
    assert all(error["reason"].endswith(".") for error in told["errors"])
    assert len(shop.keys()) == 997
    assert sum(shop.column("price")) == sum(Decimal(f"{n}.10") for n in range(1, 1001) if n not in (10, 500, 1000))
    with shop.scope():
        batch = ImportBatch.objects.get(reference=told["batch"])
        assert (batch.source, batch.rows_created, batch.rows_refused) == ("webhook", 997, 3)
        assert AuditEntry.objects.filter(verb="metrics.source.loaded", reason="source_webhook").count() == 1
        assert DomainEvent.objects.filter(name="metrics.batch_loaded", subject_id=batch.pk).count() == 1


def test_m5_the_same_delivery_twice_changes_nothing_and_answers_the_same(shop: Shop) -> None:
    body = orders(sent_order(1, price=5), sent_order(2, price="dear"))

    first = deliver(shop.source, shop.secret, body)
    before = shop.traces()
    again = deliver(shop.source, shop.secret, body, at=int(time.time()) - 60)  # a retry is signed anew

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert shop.traces() == before
    assert shop.keys() == ["1"]


def test_m5_an_old_delivery_repeated_after_a_correction_does_not_undo_it(shop: Shop) -> None:
    shop.send(sent_order(1, price=5), key="a")
    shop.send(sent_order(1, price=6), key="b")

    shop.send(sent_order(1, price=5), key="a")

    assert shop.column("price") == [Decimal(6)]


def test_m5_a_webhook_id_with_another_body_is_refused(shop: Shop) -> None:
    shop.send(sent_order(1), key="a")
    before = shop.traces()

    answer = shop.send(sent_order(2), key="a")

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert shop.traces() == before


def test_m5_the_same_rows_under_another_id_change_nothing_and_leave_no_batch(shop: Shop) -> None:
    shop.send(sent_order(1), key="a")

    answer = shop.send(sent_order(1), key="b")

    assert (answer.json()["unchanged"], answer.json()["batch"]) == (1, None)
    with shop.scope():
        assert ImportBatch.objects.count() == 1
        assert SourceDelivery.objects.count() == 2


def test_m5_what_nothing_could_be_taken_of_may_come_again_under_its_id(shop: Shop) -> None:
    answer = shop.send(sent_order(1, price="dear"), key="a")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["column"] == "/price"
    with shop.scope():
        delivery = SourceDelivery.objects.get()
        assert (delivery.status, delivery.rows_refused, delivery.batch) == ("failed", 1, None)
    assert shop.send(sent_order(1, price="7"), key="a").status_code == 200
    assert shop.column("price") == [Decimal(7)]
    with shop.scope():
        assert SourceDelivery.objects.get().status == "done"


FORGED = {
    "another secret": {"secret": new_secret()},
    "another id": {"webhook_id": "msg_2"},
    "another time": {"webhook_timestamp": str(int(time.time()) - 1)},
    "no signature": {"webhook_signature": ""},
    "another version": {"webhook_signature": "v2,AAAA"},
    "no text": {"webhook_signature": "v1,ÿ"},
    "too old": {"at": int(time.time()) - 3000},
    "too new": {"at": int(time.time()) + 3000},
    "no time": {"webhook_timestamp": "now"},
    "odd digits": {"webhook_timestamp": "²"},
    "long id": {"key": "x" * 256},
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=list(FORGED))
def test_m5_what_is_not_signed_just_now_is_refused_and_changes_nothing(shop: Shop, changed: dict[str, Any]) -> None:
    before = shop.traces()
    facts = {"secret": shop.secret} | changed

    answer = deliver(shop.source, body=orders(sent_order(1)), **facts)

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert shop.traces() == before
    assert shop.keys() == []
    with shop.scope():
        assert DataSource.objects.get().problem == answer.json()["title"]


def test_m5_one_changed_byte_of_the_body_is_noticed(shop: Shop) -> None:
    raw = b'{"data": {"orders": []}}'
    signature = sign(shop.secret, "msg_1", int(time.time()), raw)

    answer = deliver(shop.source, shop.secret, raw + b" ", webhook_signature=signature)

    assert answer.status_code == 401


def test_m5_the_old_secret_is_good_for_a_day(shop: Shop) -> None:
    fresh = new_secret()
    with shop.scope():
        rotate_secret(shop.owner, shop.source, secret=fresh)

    both = deliver(shop.source, fresh, orders(sent_order(1)), key="a"), shop.send(sent_order(2), key="b")
    with shop.scope():
        DataSource.objects.update(old_until=timezone.now() - timedelta(seconds=1))
    late = shop.send(sent_order(3), key="c")

    assert [answer.status_code for answer in both] == [200, 200]
    assert late.status_code == 401


def test_m5_any_of_several_signatures_will_do(shop: Shop) -> None:
    raw = b'{"data": {"orders": []}}'
    now = int(time.time())
    several = f"v1a,x {sign(new_secret(), 'msg_1', now, raw)} {sign(shop.secret, 'msg_1', now, raw)}"

    assert deliver(shop.source, shop.secret, raw, at=now, webhook_signature=several).status_code == 200


def test_m5_an_address_without_its_last_slash_is_the_same(shop: Shop) -> None:
    raw, now = json.dumps(orders(sent_order(1))).encode(), str(int(time.time()))
    headers = {"webhook-id": "a", "webhook-timestamp": now, "webhook-signature": sign(shop.secret, "a", now, raw)}

    answer = Client().post(hook_url(shop.source)[:-1], raw, content_type="application/json", headers=headers)

    assert answer.status_code == 200
    assert shop.keys() == ["1"]


def test_m5_an_unknown_address_and_a_webhook_that_is_off_are_the_same_404(shop: Shop) -> None:
    missing = Client().post(f"/hooks/{shop.organization.pk}-nobody/", b"{}", content_type="application/json")
    nowhere = Client().post("/hooks/nobody/", b"{}", content_type="application/json")
    beyond = Client().post("/hooks/999999999999-x/", b"{}", content_type="application/json")
    with shop.scope():
        switch_source(shop.owner, shop.source, is_enabled=False)
    off = shop.send(sent_order(1))

    assert {answer.status_code for answer in (missing, nowhere, beyond, off)} == {404}
    assert missing.json() == nowhere.json() == beyond.json() == off.json()
    assert shop.keys() == []


def test_o4_the_address_of_one_organization_reaches_no_source_of_another(shop: Shop) -> None:
    other = Shop(make_organization())
    address = f"/hooks/{other.organization.pk}-{shop.source.address}/"

    answer = Client().post(address, b"{}", content_type="application/json")

    assert answer.status_code == 404
    assert deliver(other.source, shop.secret, orders(sent_order(1))).status_code == 401
    assert other.keys() == shop.keys() == []


def test_o4_a_persons_session_counts_for_nothing_at_a_webhook(shop: Shop) -> None:
    other = make_organization()
    with tenant_context(other.pk):
        member = make_member("owner")
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = other.pk
    session.save()

    answer = client.post(hook_url(shop.source), b"{}", content_type="application/json")

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"\xff", 400),
        (b'"text"', 400),
        (b'{"data": NaN}', 400),
        (b'{"data": "\\u0000"}', 400),
        (b"[" * 30 + b"]" * 30, 400),
        (b"{}", 422),
        (b'{"data": {"orders": 5}}', 422),
        (b'{"data": {"orders": [5]}}', 422),
        (b'{"data": {"orders": []}}', 200),
        (b'{"data": {"orders": [' + b"{}," * 10_000 + b"{}]}}", 413),
        (b" " * (12 * 1024 * 1024 + 1), 413),
    ],
    ids=[
        "nothing",
        "bytes",
        "text",
        "NaN",
        "NUL",
        "deep",
        "no place",
        "a number",
        "no object",
        "no rows",
        "many",
        "long",
    ],
)
def test_m5_every_body_gets_the_answer_it_deserves(shop: Shop, raw: bytes, status: int) -> None:
    answer = deliver(shop.source, shop.secret, raw)

    assert answer.status_code == status
    assert shop.keys() == []
    if status != 200:
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.fixture
def slow_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HookThrottle, "THROTTLE_RATES", {"hook": "2/min"})


def test_m5_too_many_deliveries_have_to_wait(shop: Shop, slow_rate: None) -> None:
    answers = [shop.send(sent_order(number), key=str(number)) for number in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert len(shop.keys()) == 2


def test_m5_the_types_of_the_sender_are_taken_for_what_they_say(organization: Organization) -> None:
    columns = (
        SourceColumn("^/sent", "instant", "at"),
        SourceColumn("/id", "key", "id"),
        SourceColumn("/a.b/0/c~1d", "measure", "quantity"),
        SourceColumn("/customer", "dimension", "customer"),
        SourceColumn("/paid", "dimension", "country"),
    )
    shop = Shop(organization, SourcePlan(columns, "/rows", only_at="^/type", only=("sale", "return")))
    row = {"id": 7, "a.b": [{"c/d": 1e3}], "customer": 12.50, "paid": True}

    seconds = deliver(shop.source, shop.secret, {"type": "sale", "sent": 1767225600, "rows": [row]}, key="a")
    deliver(shop.source, shop.secret, {"type": "sale", "sent": 1767225600123, "rows": [row | {"id": "8"}]}, key="b")
    nanos = row | {"id": 9}
    deliver(
        shop.source,
        shop.secret,
        {"type": "return", "sent": "2026-01-01 00:00:01.1234567+0000", "rows": [nanos]},
        key="c",
    )
    other = deliver(shop.source, shop.secret, {"type": "ping", "sent": 1, "rows": [row]}, key="d")

    assert seconds.json()["created"] == 1
    assert (other.json()["left_out"], other.json()["refused"], other.status_code) == (1, 0, 200)
    assert shop.keys() == ["7", "8", "9"]
    assert shop.column("quantity") == [Decimal(1000)] * 3
    assert shop.column("customer") == ["12.5"] * 3
    assert shop.column("country") == ["true"] * 3
    with shop.scope():
        assert [row[1].isoformat() for row in all_rows(shop.dataset)] == [
            "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00.123000+00:00",
            "2026-01-01T00:00:01.123456+00:00",
        ]
        assert not Dataset.objects.get().is_daily


def test_m5_a_place_that_is_not_there_keeps_what_the_row_had_and_null_clears_it(shop: Shop) -> None:
    shop.send(sent_order(1, price=5), key="a")

    shop.send({"number": 1, "placed_at": "2026-01-20T10:00:00Z", "price": None}, key="b")

    assert shop.column("price") == [None]
    assert shop.column("quantity") == [Decimal(1)]
    assert shop.column("country") == ["France"]


def test_m5_the_first_delivery_before_the_columns_are_settled_becomes_the_sample(organization: Organization) -> None:
    shop = Shop(organization, None)

    answer = shop.send(*(sent_order(number) for number in range(50)))

    assert answer.status_code == 202
    assert shop.keys() == []
    with shop.scope():
        sample = DataSource.objects.get().sample["body"]
        assert len(sample["data"]["orders"]) == 20
        assert sample["data"]["orders"][0]["customer"] == {"country": "France"}


def test_m5_what_a_webhook_brought_is_undone_as_an_import(shop: Shop) -> None:
    shop.send(sent_order(1, price=5), key="a")
    told = shop.send(sent_order(1, price=6), sent_order(2), key="b").json()

    with shop.scope():
        batch = ImportBatch.objects.get(reference=told["batch"])
        undo_import(shop.owner, batch)
        ran(batch)

    assert shop.keys() == ["1"]
    assert shop.column("price") == [Decimal(5)]


@override_settings(SECRET_KEY="another-key-" + "1" * 48)
def _with_another_key(shop: Shop) -> Any:
    return shop.send(sent_order(1))


def test_m5_another_secret_key_is_said_and_not_guessed_around(shop: Shop) -> None:
    answer = _with_another_key(shop)

    assert answer.status_code == 422
    assert "SECRET_KEY" in answer.json()["title"]


ORDERS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9)), min_size=1, max_size=4)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(bodies=st.lists(ORDERS, min_size=1, max_size=4), data=st.data())
def test_m5_any_sequence_with_repeats_equals_each_delivery_once(
    organization: Organization, bodies: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    once, repeated = Shop(organization), Shop(organization)
    repeats = data.draw(st.lists(st.integers(0, len(bodies) - 1), max_size=6))
    places = data.draw(st.permutations([*range(len(bodies)), *repeats]))
    first = list(dict.fromkeys(places))

    for shop, sequence in ((once, first), (repeated, places)):
        for place in sequence:
            rows = [sent_order(number, price=price) for number, price in bodies[place]]
            assert shop.send(*rows, key=f"msg_{place}").status_code == 200

    assert repeated.keys() == once.keys()
    assert repeated.column("price") == once.column("price")


def test_m5_the_example_of_the_documentation_signs_as_we_check(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    example = text.partition("## Webhooks")[2].partition("```python\n")[2].partition("```")[0]
    sent: list[Any] = []
    monkeypatch.setattr("urllib.request.urlopen", lambda request: sent.append(request) or io.BytesIO(b""))
    names: dict[str, Any] = {}
    exec(example, names)  # our own documentation

    names["send"]("http://testserver" + hook_url(shop.source), shop.secret, orders(sent_order(1)))

    [request] = sent
    answer = Client().post(
        hook_url(shop.source), request.data, content_type="application/json", headers=dict(request.header_items())
    )
    assert answer.status_code == 200
    assert shop.keys() == ["1"]
