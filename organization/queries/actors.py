"""From a signed-in person or a token to the actor with their rights, in one statement each."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from organization.access import Actor, Grant
from organization.choices import ActorKind, Scope
from organization.engine.tokens import token_digest
from organization.models import ApiToken, Member, RoleGrant

WIDTH = {scope.value: width for width, scope in enumerate(Scope)}


def _with_grants() -> Any:
    granted = (
        RoleGrant.objects.filter(role__assignments__member=OuterRef("pk"))
        .order_by()
        .values(
            json=JSONObject(
                codename="codename",
                scope="scope",
                department=F("role__assignments__department_id"),
                path=F("role__assignments__department__path"),
            )
        )
    )
    return Member.objects.select_related("organization", "department").annotate(granted=ArraySubquery(granted))


def member_of(user_id: int) -> Member | None:
    """The person's active membership in the open organization, with `organization`, `department` and `granted`."""
    return _with_grants().filter(user_id=user_id, is_active=True).first()


def actor_for(member: Member, *, limit_to: set[str] | None = None, token_id: int | None = None) -> Actor:
    """The actor of a member that `member_of` or `token_holder` gave; limit_to: the codenames a token may use."""
    grants: dict[str, list[Grant]] = defaultdict(list)
    for row in member.granted:  # type: ignore[attr-defined]  # annotated
        if limit_to is not None and row["codename"] not in limit_to:
            continue
        department_id, path = row["department"], row["path"] or ""
        if department_id is None and member.department is not None:
            department_id, path = member.department_id, member.department.path
        grants[row["codename"]].append(Grant(row["scope"], department_id, path))
    return Actor(
        kind=ActorKind.TOKEN if token_id else ActorKind.MEMBER,
        organization_id=member.organization_id,
        member_id=member.pk,
        user_id=member.user_id,
        token_id=token_id,
        department_id=member.department_id,
        name=member.name,
        grants={
            codename: tuple(sorted(held, key=lambda grant: -WIDTH[grant.scope])) for codename, held in grants.items()
        },
    )


def token_holder(text: str, *, as_of: datetime) -> tuple[ApiToken, Member, Actor] | None:
    """A live token of the open organization with its member and actor, None for any other text."""
    token = ApiToken.objects.filter(digest=token_digest(text), revoked_at=None, expires_at__gt=as_of).first()
    if token is None:
        return None
    member = _with_grants().filter(pk=token.member_id, is_active=True, user__is_active=True).first()
    if member is None:
        return None
    return token, member, actor_for(member, limit_to=set(token.codenames), token_id=token.pk)
