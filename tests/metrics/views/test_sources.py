"""Pages of sources, as an administrator, a manager and another organization's owner meet them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from metrics.engine.source_plan import plan_of
from metrics.models import Dataset, DataSource, SourceDelivery
from metrics.services.source_run import run_source
from organization.models import AuditEntry, Organization
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member
from tests.factories.metrics import make_dataset
from tests.metrics.helpers import client_of, statements
from tests.metrics.importing import all_rows, column_of
from tests.metrics.sourcing import Elsewhere, deliver, elsewhere, make_webhook, orders, sent_order

pytestmark = pytest.mark.django_db
LIST = "/metrics/sources/"
SAMPLE = {
    "type": "order.paid",
    "sent_at": "2026-01-20T10:00:00Z",
    "order": {"id": "A-1", "amount": "19.90", "customer": {"country": "France"}},
}


def browser(organization: Organization, role: str = "admin") -> Client:
    with tenant_context(organization.pk):
        return client_of(make_member(role))


def the_source(organization: Organization) -> DataSource:
    with tenant_context(organization.pk):
        return DataSource.objects.select_related("dataset").get()


def inputs(page: str) -> dict[str, str]:
    """What a browser would send of the form that settles columns, as the page has it."""
    form = page[page.index('name="columns-TOTAL_FORMS"') - 200 :]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            values[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        values[name] = chosen[1] if chosen else ""
    return values


def line_of(values: dict[str, str], path: str) -> str:
    return next(
        name.removesuffix("-path") for name, value in values.items() if name.endswith("-path") and value == path
    )


def secret_on(page: str) -> str:
    return re.findall(r"whsec_[A-Za-z0-9+/=]+", page)[0]


def test_m5_a_webhook_is_set_up_from_an_example_and_takes_rows_into_a_dataset_of_its_own(
    organization: Organization,
) -> None:
    client = browser(organization)

    made = client.post(f"{LIST}new/webhook/", {"name": "Shop", "sample": json.dumps(SAMPLE)})
    secret, source = secret_on(made.content.decode()), the_source(organization)
    columns_url = f"{LIST}{source.pk}/columns/"
    page = client.get(columns_url).content.decode()
    values = inputs(page)
    settled = client.post(columns_url, values | {"action": "settle"})

    assert made["Cache-Control"] == "no-store"
    assert f"/hooks/{organization.pk}-{source.address}/" in made.content.decode()
    assert secret not in page
    assert "19.90" in page
    assert (settled.status_code, settled["Location"]) == (302, f"{LIST}{source.pk}/")
    source = the_source(organization)
    roles = {column.path: column.role for column in plan_of(source.plan).columns}
    assert roles == {
        "/type": "dimension",
        "/sent_at": "instant",
        "/order/id": "key",
        "/order/amount": "measure",
        "/order/customer/country": "dimension",
    }
    assert deliver(source, secret, SAMPLE).json()["created"] == 1
    with tenant_context(organization.pk):
        assert (source.dataset.name, source.dataset.row_key) == ("Shop", "columns")
        assert [row[5] for row in all_rows(source.dataset)] == ["A-1"]
    detail = client.get(f"{LIST}{source.pk}/").content.decode()
    assert "msg_1" in detail
    assert secret not in detail
    dataset_page = client.get(f"/metrics/datasets/{source.dataset_id}/").content.decode()
    assert f'href="{LIST}{source.pk}/"' in dataset_page


def test_m5_lines_may_be_changed_left_out_and_added(organization: Organization) -> None:
    client = browser(organization)
    client.post(f"{LIST}new/webhook/", {"name": "Shop", "sample": json.dumps([SAMPLE])})
    url = f"{LIST}{the_source(organization).pk}/columns/"
    values = inputs(client.get(url).content.decode())
    kind, country = line_of(values, "/type"), line_of(values, "/order/customer/country")
    blank = next(name.removesuffix("-path") for name, value in values.items() if name.endswith("-path") and not value)

    values |= {f"{kind}-role": "ignore", f"{country}-key": "land", f"{country}-name": "Land"}
    values |= {f"{blank}-path": "/order/vat", f"{blank}-role": "measure", f"{blank}-key": "vat"}
    client.post(url, values)

    source = the_source(organization)
    assert {column.path: column.key for column in plan_of(source.plan).columns} == {
        "/sent_at": "sent_at",
        "/order/id": "id",
        "/order/amount": "amount",
        "/order/customer/country": "land",
        "/order/vat": "vat",
    }
    with tenant_context(organization.pk):
        assert set(source.dataset.columns.values_list("key", flat=True)) == {"sent_at", "id", "amount", "land", "vat"}
    again = inputs(client.get(url).content.decode())
    assert again[f"{line_of(again, '/type')}-role"] == "ignore"


def test_m5_what_cannot_work_is_shown_where_it_stands_and_changes_nothing(organization: Organization) -> None:
    client = browser(organization)
    client.post(f"{LIST}new/webhook/", {"name": "Shop", "sample": json.dumps(SAMPLE)})
    url = f"{LIST}{the_source(organization).pk}/columns/"
    values = inputs(client.get(url).content.decode())
    amount, moment = line_of(values, "/order/amount"), line_of(values, "/sent_at")

    answer = client.post(
        url, values | {f"{amount}-key": "Amount!", f"{moment}-role": "ignore", f"{amount}-path": "order.amount"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Small letters, digits and underscores" in page
    assert "This is no place such as" in page
    assert "One column must hold the date or time" in page
    with tenant_context(organization.pk):
        assert Dataset.objects.count() == 0
    assert the_source(organization).plan == {}


def test_m5_a_webhook_into_a_dataset_takes_the_meaning_of_its_columns(organization: Organization) -> None:
    client = browser(organization)
    with tenant_context(organization.pk):
        dataset = make_dataset(make_actor("owner"), organization)

    body = [{"number": "A1", "created": "2026-01-20", "quantity": 2, "color": "red"}]
    client.post(f"{LIST}new/webhook/", {"name": "Shop", "dataset": dataset.pk, "sample": json.dumps(body)})
    url = f"{LIST}{the_source(organization).pk}/columns/"
    values = inputs(client.get(url).content.decode())

    assert values[f"{line_of(values, '/created')}-key"] == "at"
    assert values[f"{line_of(values, '/quantity')}-role"] == "measure"
    assert values[f"{line_of(values, '/color')}-role"] == "ignore"
    number = line_of(values, "/number")
    refused = client.post(url, values | {f"{number}-role": "dimension", f"{number}-key": "number"})
    assert refused.status_code == 422
    assert "told apart by: id" in refused.content.decode()
    assert client.post(url, values | {f"{number}-role": "key", f"{number}-key": "id"}).status_code == 302


@pytest.mark.parametrize("sample", ["{", "5", '{"a": "\\u0000"}', '{"a": NaN}', "[" * 5000], ids=range(5))
def test_m5_an_example_that_is_none_is_refused_with_its_reason(organization: Organization, sample: str) -> None:
    client = browser(organization)

    answer = client.post(f"{LIST}new/webhook/", {"name": "Shop", "sample": sample})

    assert answer.status_code == 422
    with tenant_context(organization.pk):
        assert DataSource.objects.count() == 0


def test_m5_the_first_delivery_or_a_pasted_one_becomes_the_example(organization: Organization) -> None:
    client = browser(organization)
    made = client.post(f"{LIST}new/webhook/", {"name": "Shop"})
    source = the_source(organization)
    url = f"{LIST}{source.pk}/columns/"
    waiting = client.get(url).content.decode()

    sent = deliver(source, secret_on(made.content.decode()), SAMPLE)
    first = inputs(client.get(url).content.decode())
    pasted = client.post(url, {"action": "sample", "sample": '[{"when": "2026-01-01", "what": 3}]'})
    second = inputs(client.get(url).content.decode())

    assert "columns-TOTAL_FORMS" not in waiting
    assert (sent.status_code, pasted.status_code) == (202, 302)
    assert line_of(first, "/order/amount")
    assert line_of(second, "/what")
    assert client.post(url, {"action": "sample", "sample": ""}).status_code == 422


def test_m5_buttons_switch_make_a_new_secret_and_remove(organization: Organization) -> None:
    client = browser(organization)
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        source, old = make_webhook(owner, organization, make_dataset(owner, organization))
    url = f"{LIST}{source.pk}/"

    client.post(f"{url}switch/", {"is_enabled": "0"})
    assert deliver(source, old, orders(sent_order(1))).status_code == 404
    client.post(f"{url}switch/", {"is_enabled": "1"})
    new = secret_on(client.post(f"{url}secret/").content.decode())
    assert new != old
    assert deliver(source, new, orders(sent_order(1)), key="a").status_code == 200
    assert deliver(source, old, orders(sent_order(2)), key="b").status_code == 200
    assert "The old secret is good until" in client.get(url).content.decode()
    assert client.post(f"{url}remove/").status_code == 302
    assert deliver(source, new, orders(sent_order(3)), key="c").status_code == 404
    with tenant_context(organization.pk):
        assert (DataSource.objects.count(), SourceDelivery.objects.count()) == (0, 0)
        assert len(all_rows(source.dataset)) == 2
        verbs = AuditEntry.objects.filter(object_type="metrics.datasource").order_by("pk")
        assert [verb.rpartition(".")[2] for verb in verbs.values_list("verb", flat=True)] == [
            "created",
            "settled",
            "switched_off",
            "switched_on",
            "secret_changed",
            "removed",
        ]


def test_m5_refused_rows_stand_on_the_delivery_and_come_as_a_file(organization: Organization) -> None:
    client = browser(organization)
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        source, secret = make_webhook(owner, organization, make_dataset(owner, organization))
    deliver(source, secret, orders(sent_order(1), sent_order(2, price="=dear"), sent_order(3, placed_at=None)))
    with tenant_context(organization.pk):
        delivery = SourceDelivery.objects.get()
    url = f"{LIST}{source.pk}/deliveries/{delivery.pk}/"

    page = client.get(url).content.decode()
    file = b"".join(client.get(f"{url}refused/")).decode("utf-8-sig")

    assert "This column holds numbers." in page
    lines = file.splitlines()
    assert lines[0] == "Row,Reason,As it was sent"
    assert lines[1].startswith("2,/price: This column holds numbers.,")
    assert lines[2].startswith('3,"/placed_at: This is no instant')
    assert len(lines) == 3


@pytest.fixture(scope="module")
def database(django_db_setup: None) -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


def test_m5_a_query_is_looked_at_settled_and_asked(
    organization: Organization, database: Elsewhere, settings: Any
) -> None:
    settings.PULL_PRIVATE_HOSTS = [database.host]
    database.add(*((n, f"2026-01-{n:02} 10:00+00", 1, n, "France", f"2026-01-{n:02} 10:00+00") for n in range(1, 10)))
    client = browser(organization)
    facts = database.settings() | {"name": "Warehouse", "password": database.password}

    made = client.post(f"{LIST}new/sql/", facts)
    source = the_source(organization)
    url = f"{LIST}{source.pk}/"
    waiting = client.get(f"{url}columns/").content.decode()
    assert client.get(f"{url}progress/").status_code == 200
    run_source(organization.pk, source.pk)
    assert client.get(f"{url}progress/").status_code == 302
    page = client.get(f"{url}columns/").content.decode()
    settled = client.post(f"{url}columns/", inputs(page))
    run_source(organization.pk, source.pk)

    assert made["Location"] == f"{url}columns/"
    assert "hx-get" in waiting
    assert "2026-01-09 10:00:00+00:00" in page
    assert settled.status_code == 302
    source = the_source(organization)
    assert source.problem == ""
    with tenant_context(organization.pk):
        assert sum(column_of(source.dataset, "price")) == 45
    detail = client.get(url).content.decode()
    edit = client.get(f"{url}edit/").content.decode()
    assert "updated_at" not in detail
    assert "changed_at &gt;= :since" in detail
    assert 'type="password"' in edit
    assert not re.search(r'name="password"[^>]*value=', edit)
    assert client.post(f"{url}run/").status_code == 302
    assert run_source(organization.pk, source.pk)
    changed = client.post(f"{url}edit/", facts | {"password": "", "every": "day", "at": "04:30"})
    assert changed.status_code == 302
    assert the_source(organization).settings | {"every": "", "at": ""} == database.settings() | {"every": "", "at": ""}
    assert the_source(organization).settings["at"] == "04:30"


def test_m5_a_query_that_is_none_stays_in_its_form(organization: Organization, database: Elsewhere) -> None:
    client = browser(organization)
    facts = database.settings(query="DELETE FROM orders", cursor="") | {"name": "Warehouse", "password": "x"}

    answer = client.post(f"{LIST}new/sql/", facts)

    assert answer.status_code == 422
    assert "A query begins with SELECT" in answer.content.decode()
    assert 'value="x"' not in answer.content.decode()
    with tenant_context(organization.pk):
        assert DataSource.objects.count() == 0


def test_o4_a_manager_sees_sources_and_may_not_touch_them(organization: Organization) -> None:
    client = browser(organization, "manager")
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        source, _secret = make_webhook(owner, organization, make_dataset(owner, organization))
    url = f"{LIST}{source.pk}/"

    page = client.get(url).content.decode()

    assert "Switch off" not in page
    assert f"{url}columns/" not in page
    for button in ("switch", "run", "secret", "look", "remove", "columns", "edit"):
        assert client.post(f"{url}{button}/").status_code == 403
    assert "New webhook" not in client.get(LIST).content.decode()


@pytest.mark.parametrize("count", [1, 10])
def test_m5_a_source_takes_the_same_statements_however_many_deliveries_it_had(
    organization: Organization, count: int
) -> None:
    client = browser(organization)
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        source, secret = make_webhook(owner, organization, make_dataset(owner, organization))
    for number in range(count):
        deliver(source, secret, orders(sent_order(number)), key=f"msg_{number}")
    client.get(f"{LIST}{source.pk}/")

    with statements(4):
        page = client.get(f"{LIST}{source.pk}/").content.decode()

    assert page.count(">msg_") == count


@pytest.mark.parametrize("count", [1, 10])
def test_m5_the_list_takes_the_same_statements_however_long_it_is(organization: Organization, count: int) -> None:
    client = browser(organization)
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        dataset = make_dataset(owner, organization)
        for _number in range(count):
            make_webhook(owner, organization, dataset)
    client.get(LIST)

    with statements(5):
        page = client.get(LIST).content.decode()

    assert page.count(">Shop</a>") == count
    assert page.count(">Webhook</td>") == count


def test_m5_pages_speak_chinese(organization: Organization) -> None:
    client = browser(organization)
    client.cookies["ops-language"] = "zh-hans"

    with translation.override("en"):  # what the request activates ends with the block
        page = client.get(f"{LIST}new/sql/").content.decode()

    assert "新建数据库查询" in page
