"""Each change of a step leaves its stamp, and the time of a run is what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from organization.access import Actor
from organization.models import Organization
from processes.choices import RunState
from processes.models import Run, RunStep, StepRound, StepStamp
from processes.queries.times import as_clock, times_of
from processes.services import approvals, steps
from processes.services.runs import start_run
from tests.factories import make_actor
from tests.factories.processes import in_force, step, text

pytestmark = pytest.mark.django_db
MINE = {"who": "starter"}


def at(run: Run, key: str) -> RunStep:
    return RunStep.objects.get(run=run, key=key)


def became(run: Run, key: str) -> list[tuple[str, int]]:
    rows = StepStamp.objects.filter(run=run, step__key=key).order_by("pk")
    return list(rows.values_list("state", "round"))


def test_p21_a_step_that_is_given_back_keeps_the_stamps_of_before(owner: Actor, scope: Organization) -> None:
    run = start_run(owner, in_force(owner, scope, text(step("a", responsible=MINE))))
    on_phone = datetime(2026, 1, 1, tzinfo=UTC)

    steps.claim_step(owner, at(run, "a"), device_at=on_phone)
    steps.release_step(owner, at(run, "a"))
    steps.start_step(owner, at(run, "a"))
    steps.finish_step(owner, at(run, "a"), device_at=on_phone)

    assert became(run, "a") == [("open", 1), ("claimed", 1), ("open", 1), ("started", 1), ("done", 1)]
    stamps = StepStamp.objects.filter(run=run).order_by("pk")
    assert [stamp.device_at for stamp in stamps] == [None, on_phone, None, None, on_phone]
    assert {stamp.made_by_id for stamp in stamps} == {owner.member_id}
    assert [stamp.made_at for stamp in stamps] == sorted(stamp.made_at for stamp in stamps)


def test_p21_rounds_keep_their_clocks_and_the_times_of_the_run_add_up(owner: Actor, scope: Organization) -> None:
    other = make_actor("owner")
    asks = {"approvers": [{"who": "member", "reference": str(other.member_id)}]}
    one = step("a", responsible=MINE, approval=asks)
    two = step("b", responsible=MINE, approval=asks | {"send_back_to": ["a"]}, after=["a"])
    run = start_run(owner, in_force(owner, scope, text(one, two)))

    def work(key: str) -> None:
        steps.start_step(owner, at(run, key))
        steps.finish_step(owner, at(run, key))

    work("a")
    approvals.vote_on_step(other, at(run, "a"), approves=True)
    granted = at(run, "a").approved_at
    work("b")
    approvals.vote_on_step(other, at(run, "b"), approves=False, comment="Again", back_to=at(run, "a"))
    for key in ("a", "b"):
        work(key)
        approvals.vote_on_step(other, at(run, key), approves=True)

    run.refresh_from_db()
    assert run.state == RunState.FINISHED
    turn = ["open", "started", "in_approval", "done"]
    assert became(run, "a") == [(state, number) for number in (1, 2) for state in turn]
    assert [pair for pair in became(run, "b") if pair[0] == "started"] == [("started", 1), ("started", 2)]
    assert became(run, "b")[-1] == ("done", 2)
    kept = StepRound.objects.filter(step__run=run).order_by("step__key")
    assert [(one.step.key, one.round, one.approved_at) for one in kept] == [("a", 1, granted), ("b", 1, None)]

    found = times_of(run)
    assert found.run.elapsed == run.finished_at - run.started_at
    for split in (found.run, found.steps[at(run, "a").pk], found.steps[at(run, "b").pk]):
        assert split.work > timedelta() < split.rework
        assert split.elapsed <= found.run.elapsed


def test_p21_a_stamp_is_not_moved(owner: Actor, scope: Organization) -> None:
    run = start_run(owner, in_force(owner, scope, text(step("a", responsible=MINE))))

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        StepStamp.objects.filter(run=run).update(made_at=run.started_at - timedelta(hours=1))


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00:00"), (59, "0:00:59"), (3_661, "1:01:01"), (97_509, "27:05:09")]
)
def test_p21_a_length_of_time_is_shown_to_the_second(seconds: int, shown: str) -> None:
    assert as_clock(seconds) == shown
