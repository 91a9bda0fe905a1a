"""The board: which lane a run stands in, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from organization.models import Organization
from organization.tenancy import tenant_context
from processes.choices import Lane
from processes.models import Run
from processes.queries.board import MOST_CARDS, STILL_AFTER, board, in_lanes
from processes.services import andon, runs
from processes.services import steps as acts
from processes.services.clock import acting_at
from tests.factories import make_actor
from tests.factories.processes import in_force, step, text

pytestmark = pytest.mark.django_db


def lanes(as_of: Any = None) -> dict[str, str]:
    """Title of each run on the board -> its lane."""
    found = in_lanes(Run.objects.all(), as_of=as_of or timezone.now())
    return dict(found.values_list("title", "lane"))


def test_a_run_stands_in_the_first_lane_that_fits_and_leaves_the_board_when_it_ends(organization: Organization) -> None:
    now = timezone.now()
    with tenant_context(organization.pk):
        owner, other = make_actor("owner"), make_actor("owner")
        approval = {"approvers": [{"who": "member", "reference": str(other.member_id)}]}
        sop = in_force(owner, organization, text(step("a", approval=approval), step("b")))

        def begin(title: str, **values: Any) -> Run:
            return runs.start_run(owner, sop, start=runs.Start(title=title, **values))

        begin("going")
        begin("late", due_at=now + timedelta(minutes=1))
        asked = begin("approval")
        acts.finish_step(owner, asked.steps.get(key="a"))
        with acting_at(now - STILL_AFTER - timedelta(minutes=1)):
            begin("still")
        help_wanted = begin("help", due_at=now + timedelta(minutes=1))
        call = andon.call_for_help(owner, help_wanted.steps.get(key="a"), reason="Stuck")
        cancelled = begin("cancelled")
        runs.cancel_run(owner, cancelled, reason="No longer needed")

        assert lanes() == {
            "going": Lane.GOING,
            "late": Lane.GOING,
            "approval": Lane.APPROVAL,
            "still": Lane.STILL,
            "help": Lane.HELP,
        }
        after = lanes(now + timedelta(minutes=2))
        assert (after["late"], after["help"], after["going"]) == (Lane.LATE, Lane.HELP, Lane.GOING)
        # A settled call and a moved step put the runs where they belong now
        andon.resolve_call(owner, call, resolution="Unstuck")
        acts.start_step(owner, Run.objects.get(title="still").steps.get(key="a"))
        assert lanes()["still"] == lanes()["help"] == Lane.GOING
        assert lanes(now + timedelta(minutes=2))["help"] == Lane.LATE


def test_a_late_step_makes_its_run_late(organization: Organization) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        sop = in_force(owner, organization)
        run = runs.start_run(owner, sop, start=runs.Start(title="one"))
        soon = timezone.now() + timedelta(hours=1)
        runs.set_due(owner, run.steps.get(key="a"), due_at=soon, reason="Agreed")

        assert lanes()["one"] == Lane.GOING
        assert lanes(soon + timedelta(seconds=1))["one"] == Lane.LATE
        acts.finish_step(owner, run.steps.get(key="a"))
        assert lanes(soon + timedelta(seconds=1))["one"] == Lane.GOING


def test_the_board_asks_as_much_of_many_runs_as_of_few_and_shows_the_first_of_each_lane(
    organization: Organization, django_assert_num_queries: Callable[..., Any]
) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        sop = in_force(owner, organization)
        now = timezone.now()
        runs.begin(owner, sop, [runs.Start(title="first", due_at=now + timedelta(days=1))])
        with django_assert_num_queries(4):
            board(Run.objects.all(), as_of=timezone.now())

        later = [runs.Start(due_at=now + timedelta(days=2 + place)) for place in range(MOST_CARDS + 2)]
        runs.begin(owner, sop, later)

        with django_assert_num_queries(4):
            [going] = [lane for lane in board(Run.objects.all(), as_of=timezone.now()) if lane.count]
        assert (going.lane, going.count, len(going.runs), going.beyond) == (Lane.GOING, MOST_CARDS + 3, MOST_CARDS, 3)
        assert going.runs[0].title == "first"
        card: Any = going.runs[0]
        assert (card.done_count, card.step_count, card.at_step.key) == (0, 2, "a")
