"""API tokens: shown once, kept as a hash."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from organization.access import Actor
from organization.engine.tokens import token_digest
from organization.models import ApiToken, Member, Organization
from organization.services import audit
from organization.services.roles import BeyondOwnRights
from organization.usecases import use_case

USE_KEPT_FOR = timedelta(minutes=1)


def create_token(
    actor: Actor, organization: Organization, *, name: str, member: Member, codenames: list[str], expires_at: datetime
) -> tuple[ApiToken, str]:
    """A token that acts for `member` within `codenames`: the row, and the text that is never shown again.

    For somebody else only with rights that the actor holds over the whole organization. Raises BeyondOwnRights.
    """
    text = f"ops_{organization.pk}_{secrets.token_urlsafe(32)}"
    token = _store_token(
        actor, organization, name=name, member=member, codenames=codenames, expires_at=expires_at, text=text
    )
    return token, text


@use_case("organization.token.edit")
def _store_token(
    actor: Actor,
    organization: Organization,
    *,
    name: str,
    member: Member,
    codenames: list[str],
    expires_at: datetime,
    text: str,
) -> ApiToken:
    for codename in codenames:
        if not (actor.holds_everywhere(codename) or (member.pk == actor.member_id and actor.holds(codename))):
            raise BeyondOwnRights
    token = ApiToken.objects.create(
        name=name,
        member=member,
        codenames=sorted(codenames),
        expires_at=expires_at,
        prefix=text[:12],
        digest=token_digest(text),
    )
    audit.record(actor, "organization.token.made", token, member=member, codenames=sorted(codenames))
    return token


@use_case("organization.token.edit")
def revoke_token(actor: Actor, token: ApiToken) -> ApiToken:
    """End a token at once; a second time changes nothing."""
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        audit.record(actor, "organization.token.revoked", token)
    return token


def note_use(token: ApiToken, *, as_of: datetime) -> None:
    """Remember when a token was last used, to the minute; a call that finds the row locked leaves it to the other."""
    if token.last_used_at is not None and as_of - token.last_used_at < USE_KEPT_FOR:
        return
    free = ApiToken.objects.select_for_update(skip_locked=True).filter(pk=token.pk).values("pk")
    ApiToken.objects.filter(pk__in=free).update(last_used_at=as_of)
