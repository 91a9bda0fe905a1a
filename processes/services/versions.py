"""A version from its draft to the day on which it takes effect."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from organization.access import Actor, system_actor
from organization.engine.local_time import local_day
from organization.models import Member, Organization
from organization.queries.work import due_after_working_days
from organization.services import audit, events, notices
from organization.services.work_items import close_item, open_item
from organization.tenancy import tenant_transaction
from organization.usecases import use_case
from processes import work_kinds
from processes.choices import ChangeClass, VersionState
from processes.errors import BadProcedure, ClassNotConfirmed, NeedsReason, NotNow, OwnVersion
from processes.events import VERSION_APPROVED, VERSION_EFFECTIVE, VERSION_SENT_BACK, VERSION_SUBMITTED
from processes.models import Sop, SopStep, SopVersion, VersionComment
from processes.services import texts
from processes.services.clock import moment

REVIEW_DAYS = 5
WHY = "sop_versions"


@use_case("processes.sop.edit")
def submit_for_review(
    actor: Actor,
    version: SopVersion,
    *,
    change_class: ChangeClass,
    reason: str,
    reviewer: Member | None = None,
    effective_on: date | None = None,
) -> SopVersion:
    """Ask for the review of a draft. reviewer: the head of the SOP's department where none is named; they owe it.

    Raises NeedsReason where it is not said what changes, BadProcedure for a text without a step, NotNow.
    """
    draft = texts.locked(version, VersionState.DRAFT)
    if not reason.strip():
        raise NeedsReason(_("Say what changes, and why."), field="reason")
    procedure = texts.read(draft.content)
    if next(procedure.steps(), None) is None:
        raise BadProcedure(_("A procedure needs at least one step."))
    draft.state, draft.submitted_at, draft.submitted_by_id = VersionState.IN_REVIEW, moment(), actor.member_id
    draft.change_class, draft.change_reason, draft.effective_on = change_class, reason.strip(), effective_on
    draft.save()
    asked = reviewer or (draft.sop.department.head if draft.sop.department else None)
    if asked is not None:
        due = due_after_working_days(draft.sop.department, days=REVIEW_DAYS, since=draft.submitted_at)
        facts = {"sop": draft.sop, "number": draft.number}
        open_item(actor, kind=work_kinds.VERSION, subject=draft, owner=asked, due_at=due.at, facts=facts)
    audit.record(actor, "processes.version.submitted", draft, number=draft.number, change_class=change_class)
    events.emit(actor, VERSION_SUBMITTED, draft, sop=draft.sop_id)
    return draft


@use_case("processes.sop.review")
def comment_on_step(actor: Actor, version: SopVersion, *, text: str, step_key: str = "") -> VersionComment:
    """Say something about a step of a version, or about the whole. Raises NeedsReason for an empty text."""
    if not text.strip():
        raise NeedsReason(_("Write your comment."), field="text")
    known = {step["key"] for section in version.content.get("sections", []) for step in section.get("steps", [])}
    if step_key and step_key not in known:
        raise NotNow(_("This step is not in the version any more."))
    comment = VersionComment.objects.create(
        sop_version=version,
        step_key=step_key,
        text=text.strip(),
        made_by_id=actor.member_id,
        made_at=moment(),
    )
    audit.record(actor, "processes.version.commented", version, comment=comment.pk)
    return comment


@use_case("processes.sop.review")
def resolve_comment(actor: Actor, comment: VersionComment) -> VersionComment:
    """Note that a comment is dealt with. Doing so again changes nothing."""
    comment = VersionComment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if comment.resolved_at is None:
        comment.resolved_at, comment.resolved_by_id = moment(), actor.member_id
        comment.save(update_fields=["resolved_at", "resolved_by"])
        audit.record(actor, "processes.version.comment_resolved", comment.sop_version, comment=comment.pk)
    return comment


@use_case("processes.sop.approve")
def send_back(actor: Actor, version: SopVersion, *, comment: str) -> SopVersion:
    """Give a version in review back to its authors, with what is wrong. Raises NeedsReason, NotNow."""
    if not comment.strip():
        raise NeedsReason(_("Say what has to change."), field="comment")
    row = texts.locked(version, VersionState.IN_REVIEW)
    row.state = VersionState.DRAFT
    row.save(update_fields=["state", "updated_at"])
    VersionComment.objects.create(sop_version=row, text=comment.strip(), made_by_id=actor.member_id, made_at=moment())
    close_item(actor, kind=work_kinds.VERSION, subject=row)
    facts = {"sop": row.sop, "number": row.number, "comment": comment.strip()}
    notices.tell(actor, kind="processes.version_sent_back", recipients=_authors(row), subject=row, facts=facts)
    audit.record(actor, "processes.version.sent_back", row, number=row.number)
    events.emit(actor, VERSION_SENT_BACK, row, sop=row.sop_id)
    return row


@use_case("processes.sop.approve")
def approve_version(
    actor: Actor, version: SopVersion, *, change_class: ChangeClass, effective_on: date | None = None
) -> SopVersion:
    """Approve a version in review; it takes effect on its day, at once where that is today or past.

    change_class: the approver confirms the author's. effective_on: the author's day where none is named, else today.
    Raises OwnVersion for whoever wrote on it, ClassNotConfirmed, NotNow.
    """
    row = texts.locked(version, VersionState.IN_REVIEW)
    if actor.member_id is not None and _is_author(actor.member_id, row):
        raise OwnVersion
    if change_class != row.change_class:
        raise ClassNotConfirmed
    today = _today(row)
    row.state, row.approved_at, row.approved_by_id = VersionState.APPROVED, moment(), actor.member_id
    row.effective_on = max(effective_on or row.effective_on or today, today)
    row.save()
    close_item(actor, kind=work_kinds.VERSION, subject=row)
    facts = {"sop": row.sop, "number": row.number}
    notices.tell(actor, kind="processes.version_approved", recipients=_authors(row), subject=row, facts=facts)
    audit.record(
        actor, "processes.version.approved", row, number=row.number, change_class=change_class, on=row.effective_on
    )
    events.emit(actor, VERSION_APPROVED, row, sop=row.sop_id)
    if row.effective_on <= today:
        _take_effect(actor, row)
    return row


@use_case("processes.sop.publish")
def schedule_effective(actor: Actor, version: SopVersion, *, effective_on: date) -> SopVersion:
    """Let an approved version take effect on another day; at once where that is today or past. Raises NotNow."""
    row = texts.locked(version, VersionState.APPROVED)
    row.effective_on = max(effective_on, _today(row))
    row.save(update_fields=["effective_on", "updated_at"])
    audit.record(actor, "processes.version.scheduled", row, on=row.effective_on)
    if row.effective_on <= _today(row):
        _take_effect(actor, row)
    return row


@use_case("processes.sop.publish")
def make_effective(actor: Actor, version: SopVersion) -> SopVersion:
    """Put an approved version in force now. Raises NotNow."""
    row = texts.locked(version, VersionState.APPROVED)
    row.effective_on = _today(row)
    _take_effect(actor, row)
    return row


def follow_versions(*, organization_id: int, as_of: datetime) -> None:
    """Put in force what is due by the organization's own clock, and ask for the reviews that are."""
    with tenant_transaction(organization_id):
        today = local_day(as_of, Organization.objects.get(pk=organization_id).timezone)
        actor = system_actor(organization_id, WHY)
        rows = SopVersion.objects.select_for_update(of=("self",), skip_locked=True).select_related("sop__department")
        for row in rows.filter(state=VersionState.APPROVED, effective_on__lte=today).order_by("sop_id", "number"):
            _take_effect(actor, row)
        stale = rows.filter(state=VersionState.EFFECTIVE, review_on__lte=today, review_asked=False)
        for row in stale.select_related("sop__owner__department", "sop__department").order_by("pk"):
            _ask_for_review(actor, row)


def _take_effect(actor: Actor, row: SopVersion) -> None:
    now = moment()
    sop = Sop.objects.select_for_update(of=("self",)).get(pk=row.sop_id)
    SopVersion.objects.filter(sop=sop, state=VersionState.EFFECTIVE).update(state=VersionState.RETIRED, retired_at=now)
    row.state, row.effective_at = VersionState.EFFECTIVE, now
    if sop.review_every_months and row.effective_on is not None:
        row.review_on = months_after(row.effective_on, sop.review_every_months)
    row.save()
    sop.current = row
    sop.save(update_fields=["current", "updated_at"])
    _follow_steps(sop, row)
    for older in SopVersion.objects.filter(sop=sop, review_asked=True).defer("content"):
        close_item(actor, kind=work_kinds.REVIEW, subject=older)
    if sop.owner is not None:
        facts = {"sop": sop, "number": row.number}
        notices.tell(
            actor,
            kind="processes.version_effective",
            recipients=[sop.owner],
            subject=sop,
            facts=facts,
            tells_followers=True,
        )
    audit.record(actor, "processes.version.effective", row, number=row.number)
    events.emit(actor, VERSION_EFFECTIVE, row, sop=sop.pk, number=row.number, change_class=row.change_class)


def _follow_steps(sop: Sop, row: SopVersion) -> None:
    """Let the steps of the SOP be those of the version in force; what it no longer has keeps its last title."""
    present = [step for _section, step in texts.read(row.content).steps()]
    known = {step.key: step for step in sop.steps.all()}
    sop.steps.exclude(key__in=[step.key for step in present]).update(is_current=False)
    made = [
        SopStep(sop=sop, key=step.key, title=step.title, title_zh=step.title_zh, is_current=True)
        for step in present
        if step.key not in known
    ]
    SopStep.objects.bulk_create(made)
    changed = []
    for step in present:
        if (kept := known.get(step.key)) is not None:
            kept.title, kept.title_zh, kept.is_current = step.title, step.title_zh, True
            changed.append(kept)
    SopStep.objects.bulk_update(changed, ["title", "title_zh", "is_current"])


def _ask_for_review(actor: Actor, row: SopVersion) -> None:
    row.review_asked = True
    row.save(update_fields=["review_asked"])
    asked = row.sop.owner or (row.sop.department.head if row.sop.department else None)
    if asked is not None:
        due = due_after_working_days(row.sop.department, days=REVIEW_DAYS, since=moment())
        open_item(actor, kind=work_kinds.REVIEW, subject=row, owner=asked, due_at=due.at, facts={"sop": row.sop})


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, the last one where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _authors(row: SopVersion) -> list[Member]:
    return list(Member.objects.filter(pk__in=row.authors.values("member_id")))


def _is_author(member_id: int, row: SopVersion) -> bool:
    return member_id in {row.made_by_id, row.submitted_by_id} or row.authors.filter(member_id=member_id).exists()


def _today(row: SopVersion) -> date:
    return local_day(moment(), Organization.objects.get(pk=row.organization_id).timezone)
