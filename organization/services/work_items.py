"""What people owe: opened by what needs it, closed by what finishes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import Outcome
from organization.engine.kept_facts import FACTS, WORK, kept
from organization.errors import DomainError, StateConflict
from organization.models import Department, Member, Role, WorkItem
from organization.queries.absences import stood_in_for
from organization.queries.kinds import place_of
from organization.queries.work import bearers, is_due_provisional, open_items
from organization.services import audit, notices
from organization.usecases import use_case
from organization.work_kinds import find


class NobodyOwes(DomainError):
    """Work without a member or a role would never be done."""

    message = _("Say who is to do this.")
    field = "owner"


class AlreadyClosed(DomainError):
    """The work was finished meanwhile."""

    message = _("This is done already.")


def open_item(
    actor: Actor,
    *,
    kind: str,
    subject: Any,
    owner: Member | None = None,
    role: Role | None = None,
    department: Department | None = None,
    due_at: datetime | None = None,
    occasion: str = "",
    facts: Mapping[str, Any] | None = None,
    url: str = "",
) -> WorkItem:
    """Let somebody owe `kind` on `subject`; part of a use case or a handler, in its transaction.

    kind: one that a `work_kinds.py` declares; its title is filled with `facts` when somebody reads it (see
    `notices.tell`). Owed by the member `owner`, or by whoever bears `role`: in `department`, else in the nearest one
    above it where somebody does. occasion: tells several of one kind on one object apart, such as "2026-03". due_at: see
    `queries.work.due_after_working_days` and `due_on_day`; one beyond the calendar's known days is marked provisional.
    url: where it is finished, by default the subject's page.

    An open item of the same kind, object, occasion and owner is not opened again: its due date, facts and address are
    set to what is said now. The owner is told of a new one, where the kind says so. Raises NobodyOwes.
    """
    if owner is None and role is None:
        raise NobodyOwes
    told = [owner] if owner else []
    if owner is not None:
        role, department = None, owner.department
    elif role is not None:
        department, told = bearers(role, department)
    values = {
        "facts": kept(facts or {}),
        "url": url or place_of(subject),
        "due_at": due_at,
        "is_provisional": is_due_provisional(department, due_at),
        "department": department,
    }
    key = {"kind": kind, "occasion": occasion, "owner": owner, "role": role}
    item = _open_one(actor, key, values, subject)
    if item is None:
        return _set_again(actor, key, values, subject)
    if find(kind).tells:
        tell_of(actor, item, kind="organization.work_opened", recipients=told)
    return item


def close_item(
    actor: Actor,
    *,
    kind: str,
    subject: Any,
    occasion: str | None = None,
    outcome: Outcome = Outcome.DONE,
) -> list[WorkItem]:
    """Close what is open of `kind` on `subject`, whoever owes it; part of the use case that finished it.

    occasion: only that one, None for all. outcome: DROPPED where nobody needs it any more. Closing what is closed
    already does nothing. Notices about the items stop asking for attention. Returns the items that were closed.
    """
    items = open_items(subject, kind=kind)
    if occasion is not None:
        items = items.filter(occasion=occasion)
    closed = list(items.select_for_update(of=("self",)).order_by("pk"))
    for item in closed:
        _close(actor, item, outcome)
    return closed


@use_case("organization.work.assign")
def reassign(actor: Actor, item: WorkItem, *, owner: Member, version: int | None = None) -> WorkItem:
    """Let another member owe an open item. version: what the editor saw, None for whatever stands.

    The new owner is told; what the old one was told is settled. Where the new one owes the same already, the item is
    dropped for theirs, which comes back. Raises AlreadyClosed, StateConflict.
    """
    item = WorkItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if item.closed_at is not None:
        raise AlreadyClosed
    if version not in (None, item.version):
        raise StateConflict
    before = item.owner_id
    if before == owner.pk:
        return item
    theirs = _same_of(item, owner)
    if theirs is not None:
        _close(actor, item, Outcome.DROPPED)
        return theirs
    item.owner, item.role, item.department = owner, None, owner.department
    item.is_provisional = is_due_provisional(item.department, item.due_at)
    item.version += 1
    item.save(update_fields=["owner", "role", "department", "is_provisional", "version"])
    audit.record(actor, "organization.work.reassigned", item, changed={"owner": [before, owner.pk]})
    notices.settle(item)
    tell_of(actor, item, kind="organization.work_given", recipients=[owner], dedupe=f"{item.pk}:{item.version}")
    return item


@use_case("organization.work.assign")
def drop(actor: Actor, item: WorkItem) -> WorkItem:
    """Close an item that nobody needs any more. Raises AlreadyClosed."""
    item = WorkItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if item.closed_at is not None:
        raise AlreadyClosed
    _close(actor, item, Outcome.DROPPED)
    return item


def tell_of(actor: Actor, item: WorkItem, *, kind: str, recipients: list[Member], dedupe: str = "") -> None:
    """Tell members of a work item, by its title."""
    facts = {"work": {WORK: item.kind, FACTS: item.facts}, "due": item.due_at}
    notices.tell(
        actor,
        kind=kind,
        recipients=recipients,
        subject=item,
        facts=facts,
        dedupe=dedupe or str(item.pk),
        url=item.url,
    )


def _open_one(actor: Actor, key: dict[str, Any], values: dict[str, Any], subject: Any) -> WorkItem | None:
    """A new item, None where the same is open already."""
    source = {"source_type": subject._meta.label_lower, "source_id": subject.pk}
    try:
        with transaction.atomic():
            item = WorkItem.objects.create(**key, **values, **source, opened_by_id=actor.member_id)
    except IntegrityError:
        return None
    audit.record(
        actor,
        "organization.work.opened",
        item,
        kind=item.kind,
        owner=item.owner_id,
        role=item.role_id,
        source=item.source_id,
    )
    return item


def _set_again(actor: Actor, key: dict[str, Any], values: dict[str, Any], subject: Any) -> WorkItem:
    same = open_items(subject, kind=key["kind"]).filter(occasion=key["occasion"], owner=key["owner"], role=key["role"])
    if key["owner"] is None:
        same = same.filter(department=values["department"])
    item = same.select_for_update(of=("self",)).get()
    changed = {name: value for name, value in values.items() if getattr(item, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(item, name, value)
        item.version += 1
        item.save(update_fields=[*changed, "version"])
        audit.record(actor, "organization.work.changed", item, fields=sorted(changed))
    return item


def _close(actor: Actor, item: WorkItem, outcome: Outcome) -> None:
    item.closed_at, item.closed_by_id, item.outcome = timezone.now(), actor.member_id, outcome
    item.version += 1
    item.save(update_fields=["closed_at", "closed_by", "outcome", "version"])
    audit.record(actor, "organization.work.closed", item, outcome=outcome, **_behalf(actor, item))
    notices.settle(item)


def _behalf(actor: Actor, item: WorkItem) -> dict[str, Any]:
    """For whom a deputy finished it: the trail names both."""
    if actor.member_id is None or item.owner_id in (None, actor.member_id):
        return {}
    found = stood_in_for(actor.member_id)
    return {"for_member": item.owner_id} if any(one.member_id == item.owner_id for one in found) else {}


def _same_of(item: WorkItem, owner: Member) -> WorkItem | None:
    fields = ("kind", "source_type", "source_id", "occasion")
    same = WorkItem.objects.filter(**{name: getattr(item, name) for name in fields}, owner=owner, closed_at=None)
    return same.first()
