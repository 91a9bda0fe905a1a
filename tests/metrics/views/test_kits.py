"""The offer of a starter kit on a dataset's page, and its button."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from metrics.models import Dashboard, Dataset, Kpi
from organization.middleware import SESSION_KEY
from organization.models import Organization
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member, make_organization
from tests.factories.metrics import load, make_dataset
from tests.metrics.services.test_kits import ENGLISH, KEYS, retail_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(organization: Organization) -> Dataset:
    with tenant_context(organization.pk):
        made = make_dataset(make_actor("owner"), organization, ENGLISH)
        load(made, retail_rows())
    return made


def browser(organization: Organization, role: str) -> Client:
    """The browser of a new member."""
    with tenant_context(organization.pk):
        member = make_member(role)
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = organization.pk
    session.save()
    return client


def address(dataset: Dataset, kit: str = "orders") -> str:
    return f"/metrics/datasets/{dataset.pk}/kits/{kit}/"


def test_manager_is_offered_the_kit_and_one_button_makes_it(organization: Organization, dataset: Dataset) -> None:
    client = browser(organization, "manager")
    page = client.get(f"/metrics/datasets/{dataset.pk}/").content.decode()
    form = page[page.index(f'action="{address(dataset)}"') :]
    sent = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([a-z_]+)">', form[: form.index("</form>")]))

    answer = client.post(address(dataset), sent)

    with tenant_context(organization.pk):
        dashboard = Dashboard.objects.get()
        assert set(Kpi.objects.values_list("key", flat=True)) == KEYS
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/metrics/dashboards/{dashboard.pk}/")
    assert address(dataset) not in client.get(f"/metrics/datasets/{dataset.pk}/").content.decode()


def test_columns_can_be_checked_first_and_a_wrong_choice_comes_back(
    organization: Organization, dataset: Dataset
) -> None:
    client = browser(organization, "manager")

    page = client.get(address(dataset)).content.decode()
    answer = client.post(address(dataset), {"quantity": "quantity"})

    assert re.search(r'<option value="invoice_no" selected', page)
    assert answer.status_code == 422
    assert "Choose more columns" in answer.content.decode()
    with tenant_context(organization.pk):
        assert not Kpi.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("staff", 403), ("auditor", 403)])
def test_kit_needs_the_right_to_define_kpis(
    organization: Organization, dataset: Dataset, role: str, status: int
) -> None:
    answer = browser(organization, role).post(address(dataset), {"order": "invoice_no", "amount": "unit_price"})

    assert answer.status_code == status
    with tenant_context(organization.pk):
        assert not Kpi.objects.exists()


def test_unknown_kit_and_another_company_s_dataset_are_not_found(organization: Organization, dataset: Dataset) -> None:
    client, stranger = browser(organization, "manager"), browser(make_organization(), "manager")

    assert client.get(address(dataset, "nothing")).status_code == 404
    assert stranger.get(address(dataset)).status_code == 404
    assert stranger.post(address(dataset), {"order": "invoice_no", "amount": "unit_price"}).status_code == 404
