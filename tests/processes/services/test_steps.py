"""Steps of a run: taken, done, skipped, given away, each act once."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from organization.access import Actor
from organization.models import Absence, AuditEntry, DomainEvent, Organization, WorkItem
from processes.choices import DeviationKind, RunState, StepState
from processes.errors import BadAnswer, NeedsReason, NotComplete, NotNow, NotYours, TakenBySomebody
from processes.models import Answer, Deviation, Run, RunStep
from processes.queries.mine import my_steps
from processes.services import andon, approvals, runs, steps
from processes.services.owed import follow_run
from processes.services.runs import Start, start_run
from tests.factories import actor_of, make_actor, make_member
from tests.factories.processes import in_force, step, text

pytestmark = pytest.mark.django_db


def run_of(actor: Actor, organization: Organization, *made: dict[str, Any], **rules: Any) -> Run:
    return start_run(actor, in_force(actor, organization, text(*made, **rules)))


def at(run: Run, key: str, row: int = 0) -> RunStep:
    return RunStep.objects.get(run=run, key=key, row=row)


def field(key: str, kind: str = "text", **values: Any) -> dict[str, Any]:
    return {"key": key, "label": key, "kind": kind, **values}


def test_p21_each_state_has_its_own_stamp_and_the_devices_clock_beside_it(owner: Actor, scope: Organization) -> None:
    run = run_of(owner, scope, step("a", responsible={"who": "starter"}))
    on_phone = datetime(2026, 1, 1, tzinfo=UTC)

    steps.claim_step(owner, at(run, "a"), device_at=on_phone)
    steps.start_step(owner, at(run, "a"), device_at=on_phone)
    done = steps.finish_step(owner, at(run, "a"), device_at=on_phone)

    row = at(run, "a")
    assert (done.state, done.run_state) == (StepState.DONE, RunState.FINISHED)
    assert row.opened_at <= row.claimed_at <= row.started_at <= row.finished_at
    assert (row.claimed_device_at, row.started_device_at, row.finished_device_at) == (on_phone,) * 3
    assert row.started_at > on_phone + timedelta(days=1)


def test_p29_an_act_that_is_sent_again_changes_once_and_gets_the_same_reply(owner: Actor, scope: Organization) -> None:
    run, number = run_of(owner, scope, step("a"), step("b")), uuid.uuid4()
    first = steps.finish_step(owner, at(run, "a"), operation=number)
    traces = (AuditEntry.objects.count(), DomainEvent.objects.count())

    again = steps.finish_step(owner, at(run, "a"), operation=number)

    assert (first.is_replay, again.is_replay) == (False, True)
    assert again.facts == first.facts
    assert (AuditEntry.objects.count(), DomainEvent.objects.count()) == traces


def test_a_step_that_is_done_is_not_done_again_by_another_act(owner: Actor, scope: Organization) -> None:
    run = run_of(owner, scope, step("a"), step("b"))
    steps.finish_step(owner, at(run, "a"))

    with pytest.raises(NotNow) as refused:
        steps.finish_step(owner, at(run, "a"), operation=uuid.uuid4())

    assert refused.value.current == StepState.DONE
    assert str(refused.value) == "This step is done already."


def test_p13_of_two_who_claim_one_wins_and_the_other_is_told_who(owner: Actor, scope: Organization) -> None:
    make_member("manager")
    first, second = make_actor("manager"), make_actor("manager")
    run = run_of(owner, scope, step("a", responsible={"who": "role", "reference": "manager"}))
    assert at(run, "a").assigned_to_id is None

    steps.claim_step(first, at(run, "a"))
    with pytest.raises(TakenBySomebody) as refused:
        steps.claim_step(second, at(run, "a"))

    assert str(refused.value) == f"{first.name} has taken this step."
    assert at(run, "a").assigned_to_id == first.member_id


def test_p13_the_role_is_resolved_when_the_step_opens(owner: Actor, scope: Organization) -> None:
    run = run_of(owner, scope, step("a"), step("b", after=["a"], responsible={"who": "role", "reference": "manager"}))
    assert (at(run, "b").state, at(run, "b").assigned_to_id) == (StepState.WAITING, None)
    late = make_member("manager")

    steps.finish_step(owner, at(run, "a"))

    assert (at(run, "b").state, at(run, "b").assigned_to_id) == (StepState.OPEN, late.pk)


def test_p13_the_person_of_a_field_owes_the_step(owner: Actor, scope: Organization) -> None:
    chosen = make_member("staff")
    run = run_of(
        owner,
        scope,
        step("a", fields=[field("who", "person", required=True)]),
        step("b", after=["a"], responsible={"who": "field", "reference": "who"}),
    )

    steps.finish_step(owner, at(run, "a"), answers={"who": str(chosen.pk)})

    assert at(run, "b").assigned_to_id == chosen.pk


def test_somebody_elses_step_is_not_done(owner: Actor, scope: Organization) -> None:
    run = run_of(owner, scope, step("a"))
    stranger = make_actor("staff")

    with pytest.raises(NotYours):
        steps.finish_step(stranger, at(run, "a"))

    assert at(run, "a").state == StepState.OPEN


def test_p3_a_hidden_required_step_does_not_block_and_what_was_typed_stays(owner: Actor, scope: Organization) -> None:
    shown = {"field": "kind", "is": "is", "value": "big"}
    options = {"options": [{"key": "big", "label": "Big"}, {"key": "small", "label": "Small"}]}
    run = run_of(
        owner,
        scope,
        step("a", fields=[field("kind", "choice", required=True, settings=options)]),
        step("b", condition=shown, fields=[field("why", required=True)]),
    )
    steps.answer_field(owner, at(run, "a"), field_key="kind", value="big")
    steps.answer_field(owner, at(run, "b"), field_key="why", value="Typed")

    steps.answer_field(owner, at(run, "a"), field_key="kind", value="small")
    done = steps.finish_step(owner, at(run, "a"))

    kept = Answer.objects.get(field_key="why")
    assert at(run, "b").state == StepState.NOT_APPLICABLE
    assert (kept.value, kept.is_applicable) == ("Typed", False)
    assert done.run_state == RunState.FINISHED


def test_p1_a_date_field_moves_the_due_date_in_the_same_act_and_a_date_by_hand_stays(
    owner: Actor, scope: Organization
) -> None:
    rule = {"amount": 2, "unit": "days", "direction": "before", "origin": "field", "field": "delivery"}
    run = run_of(owner, scope, step("a", fields=[field("delivery", "date")]), step("b", due=rule))
    assert at(run, "b").due_at is None

    steps.answer_field(owner, at(run, "a"), field_key="delivery", value="2027-03-10")
    first = at(run, "b").due_at
    steps.answer_field(owner, at(run, "a"), field_key="delivery", value="2027-03-11")
    moved = at(run, "b")
    runs.set_due(owner, moved, due_at=datetime(2027, 1, 1, tzinfo=UTC), reason="The customer asked")
    steps.answer_field(owner, at(run, "a"), field_key="delivery", value="2027-03-12")

    assert first is not None
    assert moved.due_at is not None
    assert (moved.due_at - first, moved.due_rule) == (timedelta(days=1), "field")
    assert at(run, "b").due_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert Deviation.objects.get(kind=DeviationKind.OVERRIDE).reason == "The customer asked"


def test_p15_skipped_late_and_out_of_order_are_records_with_reasons(owner: Actor, scope: Organization) -> None:
    run = run_of(owner, scope, step("a"), step("b"), step("c"), order="recorded")

    with pytest.raises(NeedsReason):
        steps.finish_step(owner, at(run, "b"))
    steps.finish_step(owner, at(run, "b"), reason="The oven was free")
    steps.skip_step(owner, at(run, "a"), reason="No goods today")
    runs.set_due(owner, at(run, "c"), due_at=timezone.now() - timedelta(hours=1), reason="Agreed")
    steps.finish_step(owner, at(run, "c"), reason="The lorry was late")

    found = {(row.kind, row.sop_step.key, row.reason) for row in Deviation.objects.select_related("sop_step")}
    assert found == {
        (DeviationKind.OUT_OF_ORDER, "b", "The oven was free"),
        (DeviationKind.SKIPPED, "a", "No goods today"),
        (DeviationKind.OVERRIDE, "c", "Agreed"),
        (DeviationKind.LATE, "c", "The lorry was late"),
    }
    assert {row.sop_version_id for row in Deviation.objects.all()} == {run.sop_version_id}


def test_p15_a_value_outside_its_limits_needs_a_word_and_is_recorded(owner: Actor, scope: Organization) -> None:
    limits = {"warn_above": "8", "most": "30"}
    run = run_of(owner, scope, step("a", fields=[field("celsius", "number", settings=limits)]))
    with pytest.raises(BadAnswer):
        steps.answer_field(owner, at(run, "a"), field_key="celsius", value="31")
    steps.answer_field(owner, at(run, "a"), field_key="celsius", value="9")

    with pytest.raises(NotComplete):
        steps.finish_step(owner, at(run, "a"))
    steps.answer_field(owner, at(run, "a"), field_key="celsius", value="9", note="The door stood open")
    steps.finish_step(owner, at(run, "a"))

    found = Deviation.objects.get()
    assert (found.kind, found.field_key, found.reason) == ("out_of_range", "celsius", "The door stood open")


def test_p10_a_failed_critical_answer_asks_for_note_photo_and_action(owner: Actor, scope: Organization) -> None:
    clean = field("clean", "checkbox", critical=True, fail_when={"is": "not_ticked"})
    run = run_of(owner, scope, step("a", fields=[clean]))
    answered = steps.answer_field(owner, at(run, "a"), field_key="clean", value=False)
    assert answered.facts["needs"] == ["action", "note", "photo"]

    with pytest.raises(NotComplete) as refused:
        steps.finish_step(owner, at(run, "a"))
    mender = make_member("staff")
    due = timezone.now() + timedelta(days=2)
    found = steps.explain_failure(
        owner, at(run, "a"), field_key="clean", note="Oil", action="Clean the floor", owner=mender, due_at=due
    )
    with pytest.raises(NotComplete) as still:
        steps.finish_step(owner, at(run, "a"))

    assert str(refused.value).endswith("a note, a photo, a corrective action.")
    assert str(still.value).endswith("Still missing: a photo.")
    item = WorkItem.objects.get(kind="processes.corrective")
    assert (item.owner_id, item.due_at, item.source_id) == (mender.pk, due, found.pk)
    assert (found.step_id, found.field_key, found.kind) == (at(run, "a").pk, "clean", "failed")


def test_p11_the_score_leaves_out_what_does_not_apply(owner: Actor, scope: Organization) -> None:
    hidden = {"field": "x", "is": "not_ticked"}
    run = run_of(
        owner,
        scope,
        step("a", weight=2, fields=[field("x", "checkbox", weight=3), field("y", "checkbox", weight=5)]),
        step("b", weight=10, condition=hidden),
        step("c", weight=5),
        pass_percent=60,
    )
    steps.finish_step(owner, at(run, "a"), answers={"x": True, "y": False})
    steps.skip_step(owner, at(run, "c"), reason="No time")

    run.refresh_from_db()
    assert (run.score_earned, run.score_possible, run.result) == (5, 15, "failed")


def test_p12_rows_of_a_section_are_added_while_it_runs(owner: Actor, scope: Organization) -> None:
    content = {
        "sections": [
            {
                "key": "rooms",
                "title": "Rooms",
                "repeats": {"row": "Room", "least": 1, "most": 2},
                "steps": [step("a", fields=[field("size", "number", required=True)])],
            }
        ]
    }
    run = start_run(owner, in_force(owner, scope, content))

    row = runs.add_row(owner, run, section_key="rooms", name="Kitchen")
    with pytest.raises(NotNow):
        runs.add_row(owner, run, section_key="rooms")
    steps.finish_step(owner, at(run, "a", 1), answers={"size": "3"})
    with pytest.raises(NotComplete):
        steps.finish_step(owner, at(run, "a", 2))
    done = steps.finish_step(owner, at(run, "a", 2), answers={"size": "4"})

    assert (row.number, done.run_state) == (2, RunState.FINISHED)
    assert sorted(Answer.objects.values_list("step__row", "value")) == [(1, "3"), (2, "4")]


def test_p14_the_same_event_starts_one_run(owner: Actor, scope: Organization) -> None:
    sop = in_force(owner, scope)
    start = Start(cause="event", source="shop", external_id="order-7")

    first, second = start_run(owner, sop, start=start), start_run(owner, sop, start=start)

    assert first.pk == second.pk
    assert Run.objects.count() == 1
    assert (first.cause, first.source) == ("event", "shop")


def test_work_items_say_what_the_state_of_the_run_says(owner: Actor, scope: Organization) -> None:
    run = run_of(owner, scope, step("a"), step("b"))

    def owed() -> set[tuple[int, int | None]]:
        follow_run(organization_id=scope.pk, run_id=run.pk)
        follow_run(organization_id=scope.pk, run_id=run.pk)
        rows = WorkItem.objects.filter(kind="processes.step", closed_at=None)
        return set(rows.values_list("source_id", "owner_id"))

    a, b = at(run, "a").pk, at(run, "b").pk
    colleague = make_member("staff")
    assert owed() == {(a, owner.member_id), (b, owner.member_id)}
    steps.hand_over(owner, at(run, "b"), to=colleague, note="Please")
    assert owed() == {(a, owner.member_id), (b, colleague.pk)}
    steps.finish_step(owner, at(run, "a"))
    assert owed() == {(b, colleague.pk)}
    runs.cancel_run(owner, run, reason="Ordered twice")
    assert owed() == set()
    assert my_steps(actor_of(colleague), as_of=timezone.now()) == []


def voters(count: int) -> tuple[list[Actor], list[dict[str, str]]]:
    members = [make_member("manager") for _number in range(count)]
    return [actor_of(one) for one in members], [{"who": "member", "reference": str(one.pk)} for one in members]


def test_p5_two_of_three_pass_on_the_second_yes_and_the_starter_does_not_count(
    owner: Actor, scope: Organization
) -> None:
    actors, approvers = voters(2)
    starter = {"who": "starter"}
    rule = {"approvers": [*approvers, starter], "mode": "count", "count": 2}
    run = run_of(owner, scope, step("a", approval=rule))
    steps.finish_step(owner, at(run, "a"))
    assert at(run, "a").state == StepState.IN_APPROVAL

    with pytest.raises(Exception, match="does not count"):
        approvals.vote_on_step(owner, at(run, "a"), approves=True)
    first = approvals.vote_on_step(actors[0], at(run, "a"), approves=True)
    second = approvals.vote_on_step(actors[1], at(run, "a"), approves=True)

    assert [first.state, second.state, second.run_state] == [
        StepState.IN_APPROVAL,
        StepState.DONE,
        RunState.FINISHED,
    ]
    assert not WorkItem.objects.filter(kind="processes.approval", closed_at=None).exists()


def test_p5_the_deputy_of_an_absent_approver_votes_and_both_names_are_kept(owner: Actor, scope: Organization) -> None:
    [absent], approvers = voters(1)
    deputy = make_actor("manager")
    today = timezone.now().date()
    Absence.objects.create(
        member_id=absent.member_id,
        deputy_id=deputy.member_id,
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=2),
    )
    run = run_of(owner, scope, step("a", approval={"approvers": approvers}))
    steps.finish_step(owner, at(run, "a"))

    approvals.vote_on_step(deputy, at(run, "a"), approves=True)

    vote = at(run, "a").approvals.get().votes.get()
    assert (vote.member_id, vote.given_by_id) == (absent.member_id, deputy.member_id)
    assert at(run, "a").state == StepState.DONE


def test_p4_a_no_opens_the_chosen_step_and_what_was_built_on_it_with_their_answers(
    owner: Actor, scope: Organization
) -> None:
    [approver], approvers = voters(1)
    run = run_of(
        owner,
        scope,
        step("a", fields=[field("x")]),
        step("b", after=["a"]),
        step("free"),
        step("c", after=["b"], approval={"approvers": approvers, "send_back_to": ["a"]}),
    )
    steps.finish_step(owner, at(run, "a"), answers={"x": "kept"})
    for key in ("b", "free", "c"):
        steps.finish_step(owner, at(run, key))

    with pytest.raises(NeedsReason):
        approvals.vote_on_step(approver, at(run, "c"), approves=False, back_to=at(run, "a"))
    with pytest.raises(NotNow):
        approvals.vote_on_step(approver, at(run, "c"), approves=False, comment="No", back_to=at(run, "free"))
    approvals.vote_on_step(approver, at(run, "c"), approves=False, comment="Wrong x", back_to=at(run, "a"))

    states = {row.key: (row.state, row.round) for row in run.steps.all()}
    assert states["a"] == (StepState.OPEN, 2)
    assert states["free"] == (StepState.DONE, 1)
    assert {states["b"][1], states["c"][1]} == {2}
    assert Answer.objects.get().value == "kept"
    kept = at(run, "a").rounds.get()
    assert (kept.round, kept.comment, kept.sent_back_by_id) == (1, "Wrong x", approver.member_id)
    assert kept.finished_at is not None


def test_p18_a_call_tells_the_leader_then_the_next_one_up_and_is_a_deviation(owner: Actor, scope: Organization) -> None:
    caller = make_actor("staff")
    run = run_of(owner, scope, step("a", responsible={"who": "member", "reference": str(caller.member_id)}))
    call = andon.call_for_help(caller, at(run, "a"), reason="The belt stands still")
    assert (call.told_id, call.deviation.kind) == (owner.member_id, DeviationKind.ANDON)
    again = andon.call_for_help(caller, at(run, "a"), reason="Still")
    later = call.called_at + andon.ESCALATE

    early = andon.escalate_call(organization_id=scope.pk, call_id=call.pk, as_of=later - timedelta(seconds=1))
    due = andon.escalate_call(organization_id=scope.pk, call_id=call.pk, as_of=later)
    answered = andon.answer_call(owner, call)
    with pytest.raises(NotNow):
        andon.answer_call(make_actor("manager"), call)
    resolved = andon.resolve_call(owner, call, resolution="New fuse")

    assert again.pk == call.pk
    assert (early, due) == (False, True)
    assert (answered.answered_by_id, resolved.state) == (owner.member_id, "resolved")


def test_my_steps_takes_one_statement_for_one_row_and_for_ten(
    owner: Actor, scope: Organization, django_assert_num_queries: Any
) -> None:
    run_of(owner, scope, step("a"))
    with django_assert_num_queries(1):
        assert len(my_steps(owner, as_of=timezone.now())) == 1
    run_of(owner, scope, *(step(f"s{number}") for number in range(9)))

    with django_assert_num_queries(1):
        found = my_steps(owner, as_of=timezone.now())

    assert len(found) == 10
