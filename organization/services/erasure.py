"""Erasing a person: who they were goes, what they did stays under a pseudonym.

The trail needs no change: it holds numbers, never names (`models.audit`), so its chain stays as it was sealed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organization.access import Actor
from organization.choices import ActorKind, BuiltInRole
from organization.engine.names import sort_key
from organization.errors import DomainError, StateConflict
from organization.events import MEMBER_CHANGED
from organization.models import (
    ApiToken,
    AuditEntry,
    IdempotencyKey,
    Member,
    Organization,
    RequestOrigin,
    RoleAssignment,
    User,
)
from organization.personal import Erasure
from organization.queries.memberships import has_other_memberships
from organization.queries.personal_data import declared
from organization.services import audit, events
from organization.services.roles import refuse_last_owner
from organization.services.sign_in import forget_failures
from organization.usecases import use_case

NOBODY = "erased.invalid"


class AlreadyErased(DomainError):
    """There is nothing left to erase."""

    message = gettext_lazy("This person was erased already.")


class WrongPerson(DomainError):
    """What was typed is not the name of the person."""

    message = gettext_lazy("This is not the name of the person. Nothing was erased.")
    field = "typed"


@use_case("organization.member.erase")
def erase_person(actor: Actor, member: Member, *, version: int, typed: str, as_of: datetime) -> Member:
    """Erase who a member is. Counts, figures and the trail stay as they are, under a pseudonym; it cannot be undone.

    Their account goes too, unless it opens other organizations. typed: the name, by hand. Raises AlreadyErased,
    WrongPerson, StateConflict, LastOwner.
    """
    member = Member.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk)
    if member.erased_at is not None:
        raise AlreadyErased
    if member.version != version:
        raise StateConflict
    if typed.strip() != member.name:
        raise WrongPerson
    if RoleAssignment.objects.filter(member=member, role__key=BuiltInRole.OWNER).exists():
        refuse_last_owner(leaving=member)
    account = member.user
    _forget_origins(member)
    _revoke_tokens(member, as_of)
    for model, personal in declared():
        if personal.person and not personal.of_account:
            _forget_rows(model, personal, member)
    IdempotencyKey.objects.filter(actor_key=f"member:{member.pk}").delete()
    _rename(member, as_of)
    _forget_account(account)
    audit.record(actor, "organization.member.erased", member)
    events.emit(actor, MEMBER_CHANGED, member)
    return member


def pseudonym(member: Member) -> str:
    """What an erased person is called, in the organization's language."""
    with translation.override(Organization.objects.get(pk=member.organization_id).language):
        return _("Erased person %(number)s") % {"number": member.pk}


def _rename(member: Member, as_of: datetime) -> None:
    """The row of the membership stays, since all that the person owns points at it; its account is nobody's."""
    member.user = User.objects.create_user(f"{member.organization_id}-{member.pk}@{NOBODY}", None, is_active=False)
    member.name = pseudonym(member)
    member.name_pinyin = sort_key(member.name)
    member.position = None
    member.joined_on = None
    member.is_active = False
    member.erased_at = as_of
    member.version += 1
    member.save()


def _forget_rows(model: Any, personal: Any, member: Member) -> None:
    rows = model.objects.filter(**{personal.person: member.pk})
    if personal.fate is Erasure.DELETED:
        rows.delete()
    elif personal.fate is Erasure.BLANKED:
        rows.update(**personal.blanks)


def _forget_origins(member: Member) -> None:
    """The addresses of every request in which the person, or a token of theirs, changed something."""
    tokens = ApiToken.objects.filter(member=member).values("pk")
    by_person = Q(actor_kind=ActorKind.MEMBER, actor_id=member.pk)
    by_token = Q(actor_kind=ActorKind.TOKEN, actor_id__in=tokens)
    requests = AuditEntry.objects.filter(by_person | by_token).exclude(request_id="").values("request_id")
    RequestOrigin.objects.filter(request_id__in=requests).delete()


def _revoke_tokens(member: Member, as_of: datetime) -> None:
    ApiToken.objects.filter(member=member, revoked_at=None).update(revoked_at=as_of)


def _forget_account(account: User) -> None:
    """With sessions and second factors, which hang on it. One that opens other organizations is theirs to keep."""
    if has_other_memberships(account.pk):
        return
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(account.pk):
            session.delete()
    forget_failures(account.email)
    account.delete()
