"""Runs are started by hand, looked at and ended before their time in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from organization.models import Organization
from organization.tenancy import tenant_context
from processes.choices import RunState
from processes.models import Run
from processes.services import steps as acts
from tests.factories import actor_of, make_member
from tests.factories.processes import in_force, step, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(organization: Organization, sign_in: Callable[..., Client]) -> tuple[Client, Run]:
    """Somebody's client, and the run that they have just started."""
    with tenant_context(organization.pk):
        member = make_member("owner", name="Li Na")
        sop = in_force(actor_of(member), organization, text(step("a"), step("b")), name="Opening")
    client = sign_in(member=member)
    shown = client.get(sop.get_absolute_url()).content.decode()
    assert f'href="{reverse("processes:run-start", args=[sop.pk])}"' in shown
    facts = {"title": "Shop 12", "due_at": "2027-01-05T18:30"}
    answer = client.post(reverse("processes:run-start", args=[sop.pk]), facts)
    with tenant_context(organization.pk):
        run = Run.objects.select_related("started_by").get(sop=sop)
    assert answer["Location"] == run.get_absolute_url()
    return client, run


def test_p14_a_run_is_started_by_hand_with_what_it_is_about_and_its_due_time(started: tuple[Client, Run]) -> None:
    client, run = started

    html = client.get(run.get_absolute_url()).content.decode()

    assert (run.title, run.cause, run.started_by.name) == ("Shop 12", "hand", "Li Na")
    assert run.due_at == datetime(2027, 1, 5, 18, 30, tzinfo=UTC)
    for words in ("By hand", "Li Na", "Opening", "0 / 2"):
        assert words in html
    assert html.count('href="/processes/steps/') >= 2


def test_p6_a_run_tells_its_departures_and_where_they_happened(
    organization: Organization, started: tuple[Client, Run]
) -> None:
    client, run = started
    with tenant_context(organization.pk):
        acts.skip_step(actor_of(run.started_by), run.steps.get(key="a"), reason="The door is stuck")
        [deviation] = run.deviations.all()

    html = client.get(run.get_absolute_url()).content.decode()

    assert f'id="deviation-{deviation.pk}"' in html
    assert "The door is stuck" in html
    assert "1 / 2" in html


def test_p14_a_run_is_cancelled_with_a_reason_alone_and_once(
    organization: Organization, started: tuple[Client, Run]
) -> None:
    client, run = started
    address = reverse("processes:run-cancel", args=[run.pk])

    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "Closed today"}).status_code == 302
    again = client.post(address, {"reason": "Again"})

    with tenant_context(organization.pk):
        run.refresh_from_db()
    assert (run.state, run.cancel_reason) == (RunState.CANCELLED, "Closed today")
    assert again.status_code == 422
    html = client.get(run.get_absolute_url()).content.decode()
    assert "Closed today" in html
    assert address not in html
