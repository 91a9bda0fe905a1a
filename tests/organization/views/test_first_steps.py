"""The first steps of a new organization tick themselves."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from metrics.models import Dashboard, Dataset, Kpi
from organization.models import AuditEntry, Organization
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import make_actor


def ticked(client: Client) -> list[bool]:
    return [step.is_done for step in client.get("/").context["steps"]]


def test_o8_steps_are_ticked_by_what_there_is_and_go_when_all_are_done(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("owner")
    assert ticked(client) == [False, True, False, False, False]

    with tenant_context(organization.pk):
        create_department(make_actor("owner"), organization, name="Sales", code="S")
        Dataset.objects.create(name="Orders", key="orders", reference="DS-1", first_at=timezone.now())
        Kpi.objects.create(name="Sales", key="sales", reference="KPI-1")
    assert ticked(client) == [True, True, True, True, False]

    with tenant_context(organization.pk):
        Dashboard.objects.create(name="Board", reference="DB-1")
    assert client.get("/").status_code == 302


def test_o8_steps_are_put_away_for_everybody(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client, staff = sign_in("owner"), sign_in("staff")

    assert staff.get("/").status_code == 302
    assert staff.post("/first-steps/close/").status_code == 403
    assert client.get("/").status_code == 200
    assert client.post("/first-steps/close/").status_code == 302

    assert client.get("/").status_code == 302
    with tenant_context(organization.pk):
        assert AuditEntry.objects.filter(facts__first_steps="closed").count() == 1
