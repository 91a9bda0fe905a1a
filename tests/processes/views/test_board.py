"""The board in the browser, the list's filters, and what a team leader does with many runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organization.models import AuditEntry, Organization
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from processes.choices import Lane, RunState
from processes.models import Handover, Run
from processes.services import andon, runs
from processes.services import steps as acts
from tests.factories import actor_of, make_member
from tests.factories.processes import in_force

pytestmark = pytest.mark.django_db
BOARD, LIST = reverse("processes:board"), reverse("processes:run-list")


@pytest.fixture
def led(organization: Organization, sign_in: Callable[..., Client]) -> dict[str, Any]:
    """A leader's client, two runs of the shop and one of the depot, with a call for help in the first."""
    with tenant_context(organization.pk):
        leader, colleague = make_member("owner", name="Li Na"), make_member("owner", name="Wang Wei")
        shop = create_department(actor_of(leader), organization, name="Shop", code="S")
        depot = create_department(actor_of(leader), organization, name="Depot", code="D")
        sop = in_force(actor_of(leader), organization, name="Opening")
        first, second, third = (
            runs.start_run(actor_of(leader), sop, start=runs.Start(title=title, department=department))
            for title, department in (("Shop 12", shop), ("Shop 13", shop), ("Depot 1", depot))
        )
        andon.call_for_help(actor_of(leader), first.steps.get(key="a"), reason="Stuck")
    return {
        "client": sign_in(member=leader),
        "colleague": colleague,
        "runs": (first, second, third),
        "shop": shop,
        "sop": sop,
    }


def test_a_leader_sees_each_run_in_its_lane_and_only_those_asked_for(led: dict[str, Any]) -> None:
    first, second, third = led["runs"]

    html = led["client"].get(BOARD).content.decode()

    help_lane = html.split('id="lane-help"')[1].split("<section")[0]
    assert f'href="{first.get_absolute_url()}"' in help_lane
    assert f'href="{second.get_absolute_url()}"' not in help_lane
    assert "0 of 2 steps" in help_lane
    assert f'href="{third.get_absolute_url()}"' in html
    narrowed = led["client"].get(BOARD, {"department": led["shop"].pk}).content.decode()
    assert f'href="{third.get_absolute_url()}"' not in narrowed
    assert f'href="{second.get_absolute_url()}"' in narrowed
    swapped = led["client"].get(BOARD, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="lanes").content.decode()
    assert swapped.lstrip().startswith('<div class="lanes"')


@pytest.mark.parametrize("address", [BOARD, LIST])
def test_a_filter_that_makes_no_sense_is_said_and_left_out(led: dict[str, Any], address: str) -> None:
    answer = led["client"].get(address, {"sop": "999999", "lane": "nowhere"})

    assert answer.status_code == 200
    assert led["runs"][0].get_absolute_url() in answer.content.decode()


def test_somebody_without_the_right_sees_no_run_of_others(
    organization: Organization, led: dict[str, Any], sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        stranger = make_member("staff", name="Zhao Lei")

    html = sign_in(member=stranger).get(BOARD).content.decode()

    assert not any(run.get_absolute_url() in html for run in led["runs"])


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ({"lane": "help"}, (True, False, False)),
        ({"lane": "going"}, (False, True, True)),
        ({"q": "Depot"}, (False, False, True)),
        ({"state": "finished"}, (False, False, False)),
        ({"state": "running", "lane": "late"}, (False, False, False)),
    ],
)
def test_the_list_narrows_to_a_lane_a_state_and_a_word(
    led: dict[str, Any], filters: dict[str, str], shown: tuple[bool, ...]
) -> None:
    html = led["client"].get(LIST, filters).content.decode()

    assert tuple(f'href="{run.get_absolute_url()}"' in html for run in led["runs"]) == shown


def test_many_runs_are_given_to_a_colleague_at_once_and_what_ended_is_told(
    organization: Organization, led: dict[str, Any]
) -> None:
    first, second, third = led["runs"]
    with tenant_context(organization.pk):
        runs.cancel_run(actor_of(second.started_by), second, reason="Closed")
    facts = {"act": "give", "pick": [run.pk for run in led["runs"]], "to": led["colleague"].pk, "note": "On leave"}

    answer = led["client"].post(LIST, facts | {"sure": "1"})

    assert answer.status_code == 200, answer.content.decode()[:500]
    html = answer.content.decode()
    assert second.title in html  # the one that stayed as it was, with its reason
    with tenant_context(organization.pk):
        for run, to in ((first, led["colleague"].pk), (third, led["colleague"].pk), (second, second.started_by_id)):
            assert set(run.steps.values_list("assigned_to", flat=True)) == {to}
        assert Handover.objects.filter(step__run=first, note="On leave").count() == 2
        assert AuditEntry.objects.filter(verb="processes.step.reassigned").count() == 4


def test_giving_a_run_to_whoever_has_it_is_refused_and_changes_nothing(
    organization: Organization, led: dict[str, Any]
) -> None:
    first = led["runs"][0]
    with tenant_context(organization.pk):
        leader = actor_of(first.started_by)
        with pytest.raises(acts.NotNow):
            acts.reassign_run(leader, first, to=first.started_by)
        assert not Handover.objects.exists()


def test_many_runs_are_cancelled_with_one_reason(organization: Organization, led: dict[str, Any]) -> None:
    picked = led["runs"][:2]

    led["client"].post(
        LIST, {"act": "cancel", "pick": [run.pk for run in picked], "reason": "Shop closed", "sure": "1"}
    )

    with tenant_context(organization.pk):
        states = dict(Run.objects.values_list("title", "state"))
        assert states == {
            "Shop 12": RunState.CANCELLED,
            "Shop 13": RunState.CANCELLED,
            "Depot 1": RunState.RUNNING,
        }
        assert set(Run.objects.filter(state=RunState.CANCELLED).values_list("cancel_reason", flat=True)) == {
            "Shop closed"
        }
        assert timezone.now() >= Run.objects.get(title="Shop 12").finished_at
    assert Lane.GOING in led["client"].get(BOARD).content.decode()
