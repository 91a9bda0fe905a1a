"""Calls for help on a running step (P18)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from organization.access import Actor, system_actor
from organization.models import Department, Member
from organization.services import audit, events, notices
from organization.tenancy import tenant_transaction
from organization.usecases import use_case
from processes.choices import AndonState, DeviationKind
from processes.errors import NeedsReason, NotNow
from processes.events import ANDON_ANSWERED, ANDON_CALLED, ANDON_RESOLVED
from processes.models import AndonCall, Deviation, Run, RunStep
from processes.services.clock import moment
from processes.services.frame import Frame

ESCALATE = timedelta(minutes=10)
WHY = "andon"


@use_case("processes.run.work")
def call_for_help(
    actor: Actor,
    step: RunStep,
    *,
    reason: str,
    operation: UUID | None = None,
    device_at: datetime | None = None,
) -> AndonCall:
    """Pull the cord: the team leader is told at once, the next one up when nobody answers; the call is a deviation.

    A step with an open call gives that one. Raises NeedsReason, NotNow.
    """
    if not reason.strip():
        raise NeedsReason(_("Say in a few words what is wrong."))
    frame = Frame.of(actor, step.run_id, operation)
    frame.require_running()
    row = frame.step(step.pk)
    present = AndonCall.objects.filter(step=row).exclude(state=AndonState.RESOLVED).first()
    if present is not None or frame.replay is not None:
        return present or AndonCall.objects.filter(step=row).latest("pk")
    leader = _leader(frame.run, 1, actor.member_id)
    frame.deviate(row, DeviationKind.ANDON, reason=reason.strip())
    call = AndonCall.objects.create(
        run=frame.run,
        step=row,
        deviation=Deviation.objects.filter(step=row, kind=DeviationKind.ANDON).latest("pk"),
        reason=reason.strip()[:500],
        called_by_id=actor.member_id,
        called_at=frame.now,
        device_at=device_at,
        told=leader,
        escalate_at=frame.now + ESCALATE,
    )
    _tell(actor, call, leader)
    frame.reply(row, call=call.pk)
    events.emit(actor, ANDON_CALLED, call, run=frame.run.pk, step=row.pk)
    audit.record(actor, "processes.andon.called", call, run=frame.run.pk)
    return call


@use_case("processes.andon.answer")
def answer_call(actor: Actor, call: AndonCall) -> AndonCall:
    """Say that one is coming; whoever called is told who. Raises NotNow where somebody else is on the way."""
    call = AndonCall.objects.select_for_update(of=("self",)).select_related("step", "called_by").get(pk=call.pk)
    if call.state != AndonState.CALLED:
        raise NotNow(_("Somebody has answered this call already."), current=call.state)
    call.state, call.answered_by_id, call.answered_at = AndonState.ANSWERED, actor.member_id, moment()
    call.escalate_at = None
    call.save()
    if call.called_by is not None:
        facts = {"step": call.step.title, "who": actor.name}
        notices.tell(
            actor,
            kind="processes.andon_answered",
            recipients=[call.called_by],
            subject=call.step,
            facts=facts,
            url=call.get_absolute_url(),
        )
    seconds = int((call.answered_at - call.called_at).total_seconds())
    events.emit(actor, ANDON_ANSWERED, call, run=call.run_id, seconds=seconds)
    audit.record(actor, "processes.andon.answered", call, seconds=seconds)
    return call


@use_case("processes.andon.answer")
def resolve_call(actor: Actor, call: AndonCall, *, resolution: str) -> AndonCall:
    """Say what was done. Raises NeedsReason, NotNow."""
    if not resolution.strip():
        raise NeedsReason(_("Say what was done."), field="resolution")
    call = AndonCall.objects.select_for_update(of=("self",)).select_related("step").get(pk=call.pk)
    if call.state == AndonState.RESOLVED:
        raise NotNow(_("This call is resolved already."), current=call.state)
    return _resolve(actor, call, resolution)


def close_calls(actor: Actor, run: Run, *, resolution: str) -> None:
    """Resolve what is still called in a run that is over: nobody comes to it any more."""
    rows = AndonCall.objects.select_for_update(of=("self",)).select_related("step").filter(run=run)
    for call in rows.exclude(state=AndonState.RESOLVED):
        _resolve(actor, call, resolution)


def _resolve(actor: Actor, call: AndonCall, resolution: str) -> AndonCall:
    now = moment()
    if call.answered_at is None:
        call.answered_at, call.answered_by_id = now, actor.member_id
    call.state, call.resolved_at, call.resolved_by_id = AndonState.RESOLVED, now, actor.member_id
    call.resolution, call.escalate_at = resolution.strip()[:1000], None
    call.save()
    notices.settle(call.step, kinds=["processes.andon_called"])
    events.emit(actor, ANDON_RESOLVED, call, run=call.run_id)
    audit.record(actor, "processes.andon.resolved", call)
    return call


def escalate_call(*, organization_id: int, call_id: int, as_of: datetime) -> bool:
    """Tell the next person up of a call that nobody has answered in time. False when it is not due (any more)."""
    with tenant_transaction(organization_id):
        rows = AndonCall.objects.select_for_update(of=("self",), skip_locked=True).select_related(
            "run__department", "run__sop", "step", "told"
        )
        call = rows.filter(pk=call_id, state=AndonState.CALLED, escalate_at__lte=as_of).first()
        if call is None:
            return False
        call.level += 1
        leader = _leader(call.run, call.level, call.called_by_id)
        is_new = leader is not None and leader.pk != call.told_id
        call.told = leader or call.told
        call.escalate_at = as_of + ESCALATE if is_new else None
        call.save(update_fields=["level", "told", "escalate_at"])
        actor = system_actor(organization_id, WHY)
        if is_new:
            _tell(actor, call, leader)
        audit.record(actor, "processes.andon.escalated", call, level=call.level)
        return True


def _leader(run: Run, level: int, caller: int | None) -> Member | None:
    """The head of the run's department, of the one above it, ...; the SOP's owner where there is none."""
    heads: list[Member] = []
    if run.department is not None:
        ids = [int(part) for part in run.department.path.strip("/").split("/")]
        rows = Department.objects.filter(pk__in=ids, head__is_active=True).select_related("head").order_by("-depth")
        for row in rows:
            if row.head is not None and row.head.pk != caller and row.head not in heads:
                heads.append(row.head)
    owner = run.sop.owner
    if owner is not None and owner.pk != caller and owner not in heads:
        heads.append(owner)
    return heads[min(level, len(heads)) - 1] if heads else None


def _tell(actor: Actor, call: AndonCall, leader: Member | None) -> None:
    if leader is not None:
        notices.tell(
            actor,
            kind="processes.andon_called",
            recipients=[leader],
            subject=call.step,
            facts={"step": call.step.title, "run": call.run.title, "reason": call.reason},
            dedupe=f"{call.pk}:{call.level}",
            url=call.get_absolute_url(),
        )
