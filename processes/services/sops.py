"""SOPs and the drafts of their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.errors import DomainError, StateConflict
from organization.models import Department, Member, Organization
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import use_case
from processes.choices import ChangeClass, VersionState
from processes.engine.content import Procedure
from processes.errors import NotNow
from processes.events import SOP_CHANGED, SOP_CREATED, SOP_RETIRED
from processes.models import Sop, SopVersion, VersionAuthor
from processes.services import texts
from processes.services.clock import moment

EDIT = "processes.sop.edit"
FIELDS = ("name", "name_zh", "code", "department", "owner", "review_every_months")


class CodeTaken(DomainError):
    """Two SOPs of one organization do not share a code."""

    message = _("Another SOP has this code.")
    field = "code"


@use_case(EDIT)
def make_sop(
    actor: Actor,
    organization: Organization,
    *,
    name: str,
    name_zh: str = "",
    code: str = "",
    department: Department | None = None,
    owner: Member | None = None,
    review_every_months: int = 12,
    content: Mapping[str, Any] | None = None,
) -> Sop:
    """A new SOP with its first draft. owner: the actor where none is named. Raises BadProcedure, CodeTaken."""
    procedure = texts.read(texts.EMPTY if content is None else content)
    sop = Sop(
        name=name,
        name_zh=name_zh,
        code=code.strip(),
        department=department,
        owner_id=owner.pk if owner else actor.member_id,
        review_every_months=review_every_months,
        reference=next_reference("SOP"),
    )
    _save(sop)
    _draft(actor, sop, procedure, number=1, reason="")
    audit.record(actor, "processes.sop.created", sop, reference=sop.reference)
    events.emit(actor, SOP_CREATED, sop)
    return sop


@use_case(EDIT)
def change_sop(actor: Actor, sop: Sop, *, version: int | None = None, **values: Any) -> Sop:
    """Change what stands around the text: FIELDS. version: what the editor saw. Raises StateConflict, CodeTaken."""
    sop = Sop.objects.select_for_update(of=("self",)).get(pk=sop.pk)
    if version not in (None, sop.version):
        raise StateConflict
    changed = [name for name in FIELDS if name in values and getattr(sop, name) != values[name]]
    for name in changed:
        setattr(sop, name, values[name])
    if changed:
        sop.version += 1
        _save(sop)
        audit.record(actor, "processes.sop.changed", sop, fields=changed)
        events.emit(actor, SOP_CHANGED, sop)
    return sop


@use_case(EDIT)
def duplicate_sop(actor: Actor, sop: Sop, *, name: str, name_zh: str = "") -> Sop:
    """A new SOP whose first draft is the text in force, or the newest where none is. The actor owns it."""
    newest = SopVersion.objects.filter(sop=sop).order_by("-number").first()
    source = SopVersion.objects.get(pk=sop.current_id) if sop.current_id else newest
    organization = Organization.objects.get(pk=sop.organization_id)
    content = source.content if source else None
    return make_sop(actor, organization, name=name, name_zh=name_zh, department=sop.department, content=content)


@use_case(EDIT)
def start_draft(actor: Actor, sop: Sop, *, reason: str = "") -> SopVersion:
    """The next version as a draft with the text in force. Raises NotNow where one is being written or reviewed."""
    sop = Sop.objects.select_for_update(of=("self",)).get(pk=sop.pk)
    if sop.retired_at is not None:
        raise NotNow(_("This SOP is retired. Bring it back first."))
    if SopVersion.objects.filter(sop=sop, state__in=[VersionState.DRAFT, VersionState.IN_REVIEW]).exists():
        raise NotNow(_("A version is being written already. Work on that one."))
    newest = SopVersion.objects.filter(sop=sop).order_by("-number").first()
    source = SopVersion.objects.get(pk=sop.current_id) if sop.current_id else newest
    procedure = texts.read(source.content if source else texts.EMPTY)
    draft = _draft(actor, sop, procedure, number=newest.number + 1 if newest else 1, reason=reason)
    audit.record(actor, "processes.version.started", draft, number=draft.number)
    events.emit(actor, SOP_CHANGED, sop)
    return draft


@use_case(EDIT)
def edit_draft(actor: Actor, version: SopVersion, *, content: Mapping[str, Any], seen: int) -> SopVersion:
    """Replace the whole text of a draft. seen: the `version` that the editor began with; StateConflict where somebody
    saved another one meanwhile. Raises BadProcedure, NotNow."""
    draft = texts.locked(version, VersionState.DRAFT)
    if draft.version != seen:
        raise StateConflict
    return store(actor, draft, texts.read(content))


@use_case(EDIT)
def edit_step(actor: Actor, version: SopVersion, *, step: Mapping[str, Any], before: Mapping[str, Any]) -> SopVersion:
    """Replace one step of a draft, whatever others changed in its other steps meanwhile.

    step, before: the step as it shall be and as the editor saw it, under one key. Raises StateConflict where that step is
    gone or is another one now, BadProcedure, NotNow.
    """
    draft = texts.locked(version, VersionState.DRAFT)
    content = draft.content
    for section in content.get("sections", []):
        steps = section.get("steps", [])
        for index, present in enumerate(steps):
            if present["key"] == before["key"]:
                if present != dict(before) or step.get("key") != before["key"]:
                    raise StateConflict
                steps[index] = dict(step)
                return store(actor, draft, texts.read(content))
    raise StateConflict


@use_case(EDIT)
def describe_change(actor: Actor, version: SopVersion, *, change_class: ChangeClass, reason: str) -> SopVersion:
    """Say how much a draft changes for those who follow it, and why. Raises NotNow."""
    draft = texts.locked(version, VersionState.DRAFT)
    draft.change_class, draft.change_reason = change_class, reason.strip()
    draft.save(update_fields=["change_class", "change_reason", "updated_at"])
    audit.record(actor, "processes.version.described", draft, change_class=change_class)
    return draft


@use_case("processes.sop.publish")
def retire_sop(actor: Actor, sop: Sop, *, reason: str = "") -> Sop:
    """Take a SOP out of use: nobody starts a run of it any more; what runs goes on. Raises NotNow."""
    sop = Sop.objects.select_for_update(of=("self",)).get(pk=sop.pk)
    if sop.retired_at is not None:
        raise NotNow(_("This SOP is retired already."))
    now = moment()
    open_ones = SopVersion.objects.filter(sop=sop, state__in=[VersionState.APPROVED, VersionState.EFFECTIVE])
    open_ones.update(state=VersionState.RETIRED, retired_at=now)
    sop.current, sop.retired_at = None, now
    sop.version += 1
    sop.save(update_fields=["current", "retired_at", "version", "updated_at"])
    sop.steps.update(is_current=False)
    sop.plans.update(next_at=None, is_active=False)
    sop.public_forms.update(is_open=False)
    audit.record(actor, "processes.sop.retired", sop, reason=bool(reason))
    events.emit(actor, SOP_RETIRED, sop)
    return sop


def _draft(actor: Actor, sop: Sop, procedure: Procedure, *, number: int, reason: str) -> SopVersion:
    draft = SopVersion(sop=sop, number=number, change_reason=reason, made_by_id=actor.member_id)
    texts.put(draft, procedure)
    draft.save()
    _note_author(actor, draft)
    return draft


def store(actor: Actor, draft: SopVersion, procedure: Procedure) -> SopVersion:
    """Let a locked draft say this; the same text changes nothing. Part of use cases, in their transaction."""
    before = draft.sha256
    texts.put(draft, procedure)
    if draft.sha256 != before:
        draft.version += 1
        draft.save(update_fields=["content", "sha256", "version", "updated_at"])
        _note_author(actor, draft)
        audit.record(actor, "processes.version.edited", draft, sha256=[before, draft.sha256])
    return draft


def _note_author(actor: Actor, draft: SopVersion) -> None:
    if actor.member_id is not None:
        VersionAuthor.objects.get_or_create(sop_version=draft, member_id=actor.member_id)


def _save(sop: Sop) -> None:
    try:
        with transaction.atomic():
            sop.save()
    except IntegrityError as error:
        raise CodeTaken from error
