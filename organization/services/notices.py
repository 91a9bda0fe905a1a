"""Telling people. A notice is written in the transaction of what it tells; channels carry it after that."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation

from organization.access import Actor
from organization.choices import Language
from organization.engine.kept_facts import NAME, NAME_ZH, STANDS_IN_FOR, STANDS_IN_UNTIL, kept
from organization.errors import NotVisible
from organization.models import Absence, Member, Notice, Organization
from organization.notice_kinds import find
from organization.queries.absences import covers_of
from organization.queries.kinds import place_of
from organization.queries.notice_channels import watchers, wishes_of
from organization.services.notice_deliveries import route
from organization.usecases import use_case


def tell(
    actor: Actor,
    *,
    kind: str,
    recipients: Iterable[Member],
    subject: Any,
    facts: Mapping[str, Any] | None = None,
    dedupe: str = "",
    url: str = "",
    tells_followers: bool = False,
) -> list[Notice]:
    """Tell members that something happened to `subject`; part of a use case or a handler, in its transaction.

    kind: one that a `notice_kinds.py` declares; its sentences are filled with `facts` when somebody reads them, in their
    language: numbers, texts, days, instants, and objects with names (departments, KPIs, members) as they are. The
    caller chooses recipients who may see the subject. Nobody is told what they did themselves, and members who have left
    are told nothing. dedupe: telling again with the same one tells nobody twice; give the event's id or the period,
    since handlers run at least once. url: the exact place that it leads to, by default the page of the subject.
    tells_followers: also those who follow the subject and may see it. Who muted the kind or the subject hears nothing.
    Who stands in for a recipient who is away is told as well, where the kind needs an act.
    Returns the new notices; mails and posts of bots follow by the recipients' wishes.
    """
    declared = find(kind)
    telling = uuid.uuid4()
    muted, followers = watchers(subject)
    told = _listeners(actor, [*recipients, *(followers if tells_followers else ())])
    covers = covers_of(told.values()) if declared.needs_act else []
    deputies = _listeners(actor, [cover.deputy for cover in covers if cover.deputy.pk not in told])
    more = {cover.deputy.pk: cover.absence for cover in reversed(covers) if cover.deputy.pk in deputies}
    told |= deputies
    wishes = wishes_of(told.values())
    if not declared.is_fixed:
        told = {pk: member for pk, member in told.items() if pk not in muted and kind not in wishes[pk].muted_kinds}
    Notice.objects.bulk_create(
        (
            Notice(
                recipient=member,
                kind=kind,
                subject_type=subject._meta.label_lower,
                subject_id=subject.pk,
                facts=kept({**(facts or {}), **_stands_in(more.get(member.pk))}),
                url=url or place_of(subject),
                dedupe=f"{kind}:{dedupe or telling}",
                telling=telling,
                by_id=actor.member_id,
            )
            for member in told.values()
        ),
        ignore_conflicts=True,
    )
    made = list(Notice.objects.filter(telling=telling, recipient__in=list(told)).order_by("pk"))
    route(made, declared, told, wishes, timezone.now())
    return made


def _stands_in(absence: Absence | None) -> dict[str, Any]:
    return {STANDS_IN_FOR: absence.member, STANDS_IN_UNTIL: absence.ends_on} if absence else {}


def in_both_languages(named: Any) -> dict[str, str]:
    """The name of an object as a fact, where it is no field: of a built-in role, say."""
    with translation.override(Language.ENGLISH):
        english = str(named)
    with translation.override(Language.CHINESE):
        return {NAME: english, NAME_ZH: str(named)}


def settle(subject: Any, *, kinds: Iterable[str] = ()) -> int:
    """What notices say about `subject` is settled: they stop asking for attention. Returns how many did.

    kinds: only notices of these, all where none is named. Part of a use case, in its transaction.
    """
    about = Q(subject_type=subject._meta.label_lower, subject_id=subject.pk, done_at=None)
    if names := list(kinds):
        about &= Q(kind__in=names)
    return Notice.objects.filter(about).update(done_at=timezone.now())


def _listeners(actor: Actor, recipients: Iterable[Member]) -> dict[int, Member]:
    """Active members other than the actor, with what their channels need to know, in one statement."""
    ids = {member.pk for member in recipients if member.pk != actor.member_id}
    if not ids:
        return {}
    found = Member.objects.filter(pk__in=ids, is_active=True).select_related("user", "department", "organization")
    return {member.pk: member for member in found.order_by("pk")}


@use_case("organization.home.view")
def mark_read(actor: Actor, notice: Notice, *, is_read: bool = True) -> Notice:
    """Note that the recipient has seen it, or wants to see it again. Other people's notices do not exist for them."""
    if notice.recipient_id != actor.member_id:
        raise NotVisible
    notice.read_at = timezone.now() if is_read else None
    notice.save(update_fields=["read_at"])
    return notice


@use_case("organization.home.view")
def mark_all_read(actor: Actor, organization: Organization) -> int:
    """Note that the actor has seen all that there is in their inbox; how many they had not."""
    unread = Notice.objects.filter(recipient_id=actor.member_id, read_at=None, done_at=None)
    return unread.update(read_at=timezone.now())
