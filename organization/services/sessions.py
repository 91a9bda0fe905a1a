"""Sign-ins: one row a browser in which a person is signed in, ended one by one or all at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.errors import DomainError
from organization.models import Member, RoleAssignment, SignIn, User
from organization.queries.memberships import organizations_of
from organization.services import audit
from organization.services.roles import refuse_beyond
from organization.usecases import use_case


class BelongsElsewhere(DomainError):
    """An administrator of one organization must not weaken an account that others rely on."""

    message = _("Only whoever runs this server can reset the second factor of this account.")


class NoSecondFactor(DomainError):
    """There is nothing to reset."""

    message = _("This person has no second factor.")


def note_sign_in(user_id: int, session_key: str, *, device: str, address: str, as_of: datetime) -> None:
    """Remember a browser in which a person has just signed in."""
    SignIn.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user_id": user_id,
            "device": device[:300],
            "address": address or None,
            "started_at": as_of,
            "seen_at": as_of,
        },
    )


def note_seen(known_key: str, session_key: str, *, address: str, as_of: datetime) -> None:
    """Remember when and from where it was last used; a new password gives the same browser another key."""
    SignIn.objects.filter(session_key=known_key).update(session_key=session_key, seen_at=as_of, address=address or None)


def forget(session_key: str) -> None:
    """The person signed out there."""
    SignIn.objects.filter(session_key=session_key).delete()


def end_one(person: User, sign_in_id: int) -> bool:
    """End one of a person's own sign-ins; whether there was such a one."""
    return _end(SignIn.objects.filter(user=person, pk=sign_in_id)) > 0


def end_all(person: User, *, but: Collection[str | None] = ()) -> int:
    """End a person's sign-ins, all but those with the given session keys; how many there were."""
    return _end(SignIn.objects.filter(user=person).exclude(session_key__in=[key for key in but if key]))


def forget_old(*, as_of: datetime) -> None:
    """Drop sessions that have run out, and the sign-ins whose session is gone."""
    Session.objects.filter(expire_date__lte=as_of).delete()
    SignIn.objects.filter(~Exists(Session.objects.filter(pk=OuterRef("session_key")))).delete()


@use_case("organization.member.edit")
def end_sign_ins(actor: Actor, member: Member) -> int:
    """Sign a member out everywhere; how many browsers that were."""
    count = end_all(member.user)
    audit.record(actor, "organization.member.signed_out", member, count=count)
    return count


@use_case("organization.member.edit")
def reset_second_factor(actor: Actor, member: Member) -> None:
    """Take a member's passkeys, app and recovery codes away, for somebody who has lost them all; and sign them out.

    Only whoever holds all that the member's roles give may do it, and only where the person belongs to no other
    organization; the operator's command may do it in any case. Raises NoSecondFactor, BelongsElsewhere, BeyondOwnRights.
    """
    found = Authenticator.objects.filter(user=member.user)
    if not found.exists():
        raise NoSecondFactor
    if not actor.is_system and len(organizations_of(member.user_id)) > 1:
        raise BelongsElsewhere
    for assignment in RoleAssignment.objects.filter(member=member).select_related("role", "department"):
        refuse_beyond(actor, assignment.role, assignment.department or member.department)
    found.delete()
    end_all(member.user)
    audit.record(actor, "organization.member.second_factor_reset", member)


def _end(sign_ins: object) -> int:
    keys = list(sign_ins.values_list("session_key", flat=True))  # type: ignore[attr-defined]  # a queryset
    Session.objects.filter(pk__in=keys).delete()
    SignIn.objects.filter(session_key__in=keys).delete()
    return len(keys)
