"""What a member wants to hear, where, and when; and the organization's defaults."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import Channel
from organization.engine.audit_chain import changes
from organization.errors import DomainError, NotVisible, StateConflict
from organization.models import Member, Notice, NoticePreference, Organization, Watch
from organization.notice_kinds import all_kinds, find_or_none
from organization.services import audit
from organization.usecases import use_case


class KindIsFixed(DomainError):
    """Some notices cannot be switched off."""

    message = _("This kind of notice cannot be muted.")


class HalfAnHour(DomainError):
    """Quiet hours need both ends."""

    message = _("Say both when the quiet begins and when it ends, or neither.")
    field = "quiet_until"


@use_case("organization.home.view")
def choose(actor: Actor, member: Member, *, version: int | None = None, **values: Any) -> NoticePreference:
    """Set a member's own wishes: channels (kind -> channels), muted_kinds, digest, digest_hour, digest_weekday, quiet_from,
    quiet_until; what is not named stays. version: what the editor saw. Raises StateConflict, HalfAnHour, KindIsFixed.
    """
    if member.pk != actor.member_id:
        raise NotVisible
    return _set(actor, member, version, values)


@use_case("organization.settings.edit")
def choose_default(
    actor: Actor, organization: Organization, *, version: int | None = None, **values: Any
) -> NoticePreference:
    """Set what holds for everybody who has not chosen otherwise; values as in `choose`, without quiet hours."""
    return _set(actor, None, version, values)


@use_case("organization.home.view")
def mute_kind(actor: Actor, organization: Organization, *, kind: str, is_muted: bool = True) -> None:
    """Hear nothing more of a kind, or hear of it again; what is unread of it is read. Raises KindIsFixed."""
    member = _own(actor)
    preference = _locked(member)
    known = find_or_none(kind)
    if known is None:
        raise NotVisible
    if known.is_fixed:
        raise KindIsFixed
    muted = set(preference.muted_kinds) - {kind} | ({kind} if is_muted else set())
    if muted == set(preference.muted_kinds):
        return
    preference.muted_kinds = sorted(muted)
    preference.version += 1
    preference.save(update_fields=["muted_kinds", "version"])
    if is_muted:
        Notice.objects.filter(recipient=member, kind=kind, read_at=None).update(read_at=timezone.now())
    audit.record(actor, "organization.notices.chosen", member, kind=kind, muted=is_muted)


@use_case("organization.home.view")
def watch(actor: Actor, organization: Organization, *, label: str, pk: int, level: str) -> None:
    """Follow an object ("follow"), hear nothing of it ("mute"), or as everybody ("")."""
    member = _own(actor)
    mine = Watch.objects.filter(member=member, object_type=label, object_id=pk)
    if not level:
        mine.delete()
        return
    is_muted = level == "mute"
    Watch.objects.update_or_create(member=member, object_type=label, object_id=pk, defaults={"is_muted": is_muted})
    if is_muted:
        about = Notice.objects.filter(recipient=member, subject_type=label, subject_id=pk, read_at=None)
        about.update(read_at=timezone.now())


@use_case("organization.home.view")
def end_mails(actor: Actor, member: Member, *, kind: str = "") -> NoticePreference:
    """No mails of a kind to a member any more, or none at all where no kind is named. By the link in their own mail."""
    if not actor.is_system and member.pk != actor.member_id:
        raise NotVisible
    preference = _locked(member)
    default = NoticePreference.objects.filter(member=None).first()
    base = default.channels if default else {}
    ended = [find_or_none(kind)] if kind else all_kinds()
    for one in ended:
        if one is not None:
            chosen = preference.channels.get(one.name, base.get(one.name, one.channels))
            preference.channels[one.name] = [str(channel) for channel in chosen if channel != Channel.MAIL]
    preference.version += 1
    preference.save(update_fields=["channels", "version"])
    audit.record(actor, "organization.notices.chosen", member, kind=kind)
    return preference


def _own(actor: Actor) -> Member:
    member = Member.objects.filter(pk=actor.member_id).first()
    if member is None:
        raise NotVisible
    return member


def _set(actor: Actor, member: Member | None, version: int | None, values: dict[str, Any]) -> NoticePreference:
    preference = _locked(member)
    if version not in (None, preference.version):
        raise StateConflict
    changed = changes({name: getattr(preference, name) for name in values}, values)
    for name, value in values.items():
        setattr(preference, name, value)
    _check(preference)
    preference.version += 1
    preference.save()
    subject = member or Organization.objects.get(pk=actor.organization_id)
    audit.record(actor, "organization.notices.chosen", subject, fields=sorted(changed))
    return preference


def _check(preference: NoticePreference) -> None:
    if (preference.quiet_from is None) != (preference.quiet_until is None):
        raise HalfAnHour
    fixed = {kind.name for kind in all_kinds() if kind.is_fixed}
    if fixed & set(preference.muted_kinds):
        raise KindIsFixed
    known = {kind.name for kind in all_kinds()}
    preference.channels = {
        kind: [channel for channel in Channel.values if channel in chosen]
        for kind, chosen in preference.channels.items()
        if kind in known
    }


def _locked(member: Member | None) -> NoticePreference:
    NoticePreference.objects.get_or_create(member=member)
    return NoticePreference.objects.select_for_update(of=("self",)).get(member=member)
