"""Pages of imports, as a manager, a member of the staff and a stranger meet them."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from metrics.choices import BatchStatus
from metrics.models import Dataset, ImportBatch
from metrics.services.import_run import run_import
from organization.middleware import SESSION_KEY
from organization.models import Organization
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member, make_organization
from tests.metrics.importing import checked, column_of, imported

pytestmark = pytest.mark.django_db

LIST = "/metrics/imports/"
GOOD = "".join(f"2024-03-{day:02},France,{day},1.50\n" for day in range(1, 13))
ORDERS = f"Order Date,Country,Quantity,Unit Price\n{GOOD}2024-03-20,Spain,many,10\n"


def browser(organization: Organization, role: str = "manager") -> Client:
    """The browser of a new member."""
    with tenant_context(organization.pk):
        member = make_member(role)
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = organization.pk
    session.save()
    return client


def upload(client: Client, content: str | bytes, name: str = "orders.csv", **values: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(f"{LIST}new/", {"upload": SimpleUploadedFile(name, data), **values})


def the_batch(organization: Organization) -> ImportBatch:
    with tenant_context(organization.pk):
        return ImportBatch.objects.select_related("dataset").get()


def inputs(page: str) -> dict[str, str]:
    """What a browser would send of the mapping form, as the page has it."""
    form = page[page.index("data-warn") :]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            values[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        values[name] = chosen[1] if chosen else ""
    return values


def test_m5_a_file_goes_all_the_way_through_the_browser(organization: Organization) -> None:
    client = browser(organization)

    answer = upload(client, ORDERS)

    batch = the_batch(organization)
    mapping_url, detail_url = f"{LIST}{batch.pk}/columns/", f"{LIST}{batch.pk}/"
    assert (answer.status_code, answer.url) == (302, mapping_url)
    page = client.get(mapping_url).content.decode()
    assert "<td>France</td>" in page
    values = inputs(page) | {
        "settings-name": "Shop orders",
        "settings-name_zh": "店铺订单",
        "columns-1-name_zh": "国家",
        "derived-0-key": "revenue",
        "derived-0-expression": "quantity * unit_price",
        "derived-0-unit": "money",
    }
    assert client.post(mapping_url, values).url == detail_url
    page = client.get(detail_url).content.decode()
    assert f'hx-get="{detail_url}progress/"' in page
    assert "Checking every row" in client.get(f"{detail_url}progress/").content.decode()
    assert run_import(organization.pk, batch.pk)
    assert client.get(f"{detail_url}progress/", headers={"HX-Request": "true"})["HX-Redirect"] == detail_url
    page = client.get(detail_url).content.decode()
    assert "Load the good rows" in page
    assert "This is not a number." in page
    refused = b"".join(client.get(f"{detail_url}refused/").streaming_content).decode("utf-8-sig")
    assert refused.splitlines()[1] == "2024-03-20,Spain,many,10,14,Quantity: This is not a number."
    assert client.post(f"{detail_url}confirm/", {"choice": "load"}).url == detail_url
    assert run_import(organization.pk, batch.pk)
    batch = the_batch(organization)
    assert (batch.status, batch.rows_created, batch.rows_refused) == (BatchStatus.DONE, 12, 1)
    with tenant_context(organization.pk):
        assert (batch.dataset.name, batch.dataset.name_zh) == ("Shop orders", "店铺订单")
        assert column_of(batch.dataset, "quantity") == list(range(1, 13))
        assert batch.dataset.columns.get(key="country").name_zh == "国家"
    assert "Undo the import" in client.get(detail_url).content.decode()
    assert client.post(f"{detail_url}undo/").url == detail_url
    assert run_import(organization.pk, batch.pk)
    with tenant_context(organization.pk):
        assert Dataset.objects.get().row_count == 0


@pytest.mark.parametrize("claimed", ["-1", "0", "1"])
def test_m5_a_wrong_number_of_lines_changes_nothing_of_the_mapping(organization: Organization, claimed: str) -> None:
    client = browser(organization)
    upload(client, ORDERS)
    url = f"{LIST}{the_batch(organization).pk}/columns/"

    answer = client.post(url, inputs(client.get(url).content.decode()) | {"columns-INITIAL_FORMS": claimed})

    assert answer.status_code == 302
    assert [column["key"] for column in the_batch(organization).plan["mapping"]["columns"]] == [
        *("order_date", "country", "quantity", "unit_price")
    ]


def test_m5_load_none_leaves_no_dataset(organization: Organization) -> None:
    client = browser(organization)
    upload(client, ORDERS)
    batch = the_batch(organization)
    url = f"{LIST}{batch.pk}/"
    client.post(f"{url}columns/", inputs(client.get(f"{url}columns/").content.decode()))
    run_import(organization.pk, batch.pk)

    answer = client.post(f"{url}confirm/", {"choice": "none"}, follow=True)

    assert "Nothing of the file was loaded." in answer.content.decode()
    assert the_batch(organization).status == BatchStatus.DISCARDED
    with tenant_context(organization.pk):
        assert Dataset.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "The file is empty."), (b"<html><body><table></table></body></html>", "This is a web page, not a table.")],
)
def test_m5_what_is_no_table_comes_back_with_422(organization: Organization, content: bytes, sentence: str) -> None:
    answer = upload(browser(organization), content)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with tenant_context(organization.pk):
        assert ImportBatch.objects.count() == 0


def test_m5_bad_mapping_comes_back_with_422_at_its_places(organization: Organization) -> None:
    client = browser(organization)
    upload(client, ORDERS)
    url = f"{LIST}{the_batch(organization).pk}/columns/"
    values = inputs(client.get(url).content.decode()) | {
        "columns-2-type": "text",
        "derived-0-key": "revenue",
        "derived-0-expression": "quantity * cost",
        "settings-name": "",
    }

    answer = client.post(url, values)

    forms = answer.context["forms"]
    assert answer.status_code == 422
    assert forms.columns.forms[2].errors == {"type": ["A number must be read as a number or as yes and no."]}
    again = client.post(url, values | {"columns-2-type": "number"})
    forms = again.context["forms"]
    assert forms.settings.errors == {"name": ["Give the new dataset a name."]}
    assert "There is nothing named cost here." in forms.derived.forms[0].errors["expression"][0]
    assert the_batch(organization).status == BatchStatus.UPLOADED


def test_m5_file_is_read_again_as_the_person_knows_better(organization: Organization) -> None:
    client = browser(organization)
    upload(client, "Title\nA;B\n2024-01-01;1\n2024-01-02;2\n2024-01-03;3\n")
    batch = the_batch(organization)
    url = f"{LIST}{batch.pk}/columns/"
    layout = {"action": "reread", "layout-encoding": "cp1252", "layout-delimiter": ";", "layout-header": "0"}

    assert client.post(url, layout).url == url

    batch = the_batch(organization)
    assert (batch.facts["encoding"], batch.facts["names"]) == ("cp1252", ["Column 1", "Column 2"])
    wrong = client.post(url, layout | {"layout-header": "77"})
    assert wrong.status_code == 422
    assert "The header cannot stand there" in wrong.content.decode()


def test_m5_ambiguous_dates_are_said(organization: Organization) -> None:
    client = browser(organization)

    upload(client, "Date,N\n01/02/2024,1\n03/04/2024,2\n05/06/2024,3\n")

    page = client.get(f"{LIST}{the_batch(organization).pk}/columns/").content.decode()
    assert "can be read in two ways" in page


def test_m5_xlsx_is_imported_from_the_browser(organization: Organization) -> None:
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    for row in (["Date", "Shop", "Sales"], ["2024-01-01", "North", 1.5], ["2024-01-02", "South", 2]):
        book.active.append(row)
    book.save(file)
    client = browser(organization)

    upload(client, file.getvalue(), "shops.xlsx")

    batch = the_batch(organization)
    client.post(f"{LIST}{batch.pk}/columns/", inputs(client.get(f"{LIST}{batch.pk}/columns/").content.decode()))
    run_import(organization.pk, batch.pk)
    assert (the_batch(organization).status, the_batch(organization).rows_created) == (BatchStatus.CHECKED, 2)


@pytest.mark.parametrize("role", ["staff"])
def test_m5_staff_sees_no_imports(organization: Organization, role: str) -> None:
    with tenant_context(organization.pk):
        batch = checked(actor_of(make_member("owner")), organization, ORDERS)
    client = browser(organization, role)

    for path in ("", "new/", f"{batch.pk}/", f"{batch.pk}/columns/", f"{batch.pk}/progress/", f"{batch.pk}/refused/"):
        assert client.get(LIST + path).status_code == 403
    for path in ("confirm/", "undo/"):
        assert client.post(f"{LIST}{batch.pk}/{path}").status_code == 403
    assert the_batch(organization).status == BatchStatus.CHECKED


def test_m5_auditor_reads_and_changes_nothing(organization: Organization) -> None:
    with tenant_context(organization.pk):
        batch = checked(actor_of(make_member("owner")), organization, ORDERS)
    client = browser(organization, "auditor")

    page = client.get(f"{LIST}{batch.pk}/")

    assert page.status_code == 200
    assert "Load the good rows" not in page.content.decode()
    assert client.get(f"{LIST}{batch.pk}/columns/").status_code == 403
    assert client.post(f"{LIST}{batch.pk}/confirm/").status_code == 403
    assert the_batch(organization).status == BatchStatus.CHECKED


def test_m5_another_organization_finds_nothing(organization: Organization) -> None:
    with tenant_context(organization.pk):
        batch = checked(actor_of(make_member("owner")), organization, ORDERS)
    stranger = browser(make_organization(), "owner")

    for path in ("", "columns/", "progress/", "refused/"):
        assert stranger.get(f"{LIST}{batch.pk}/{path}").status_code == 404
    for path in ("confirm/", "undo/", "columns/"):
        assert stranger.post(f"{LIST}{batch.pk}/{path}", {}).status_code == 404
    assert batch.reference not in stranger.get(LIST).content.decode()
    assert the_batch(organization).status == BatchStatus.CHECKED


@pytest.mark.parametrize("count", [1, 10])
def test_m5_list_costs_the_same_statements_for_one_and_ten(
    organization: Organization, django_assert_num_queries: Any, count: int
) -> None:
    with tenant_context(organization.pk):
        owner = actor_of(make_member("owner"))
        for number in range(count):
            imported(owner, organization, f"Date,N\n2024-01-01,{number}\n")
    client = browser(organization)
    client.get(LIST)

    with django_assert_num_queries(STATEMENTS):
        page = client.get(LIST)

    assert len(page.context["page"].rows) == count


STATEMENTS = 8
