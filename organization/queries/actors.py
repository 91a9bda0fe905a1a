"""From a signed-in person or a token to the actor with their rights, in one statement each."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType
from typing import Any

from django.db import connection

from organization.access import Actor, Grant
from organization.choices import ActorKind, Scope
from organization.engine.tokens import token_digest
from organization.models import ApiToken, Department, Member, Organization, User
from organization.permissions import find_or_none
from organization.tenancy import OutsideTransaction, current_organization_id


def _names(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _columns(model: Any, part: str) -> str:
    return ", ".join(f"(found.{part}).{field.column}" for field in model._meta.concrete_fields)


_PARTS = {"person": User, "member": Member, "organization": Organization, "department": Department}
_ENDS = list(accumulate((0, *(len(_names(model)) for model in _PARTS.values()))))
PLACES: tuple[Any, ...] = tuple(
    (model, _names(model), *ends) for model, *ends in zip(_PARTS.values(), _ENDS, _ENDS[1:], strict=False)
)
MEMBERSHIP = (
    f"SELECT {', '.join(_columns(model, part) for part, model in _PARTS.items())}, "
    "found.unguarded, found.granted::text, found.unread, found.owed, found.anybody_away, found.at_hand::text"
    " FROM organization_membership(%s, %s) found"
)
TOKEN_NAMES = _names(ApiToken)
HOLDER = MEMBERSHIP.replace(
    " FROM organization_membership(%s, %s) found",
    f", {', '.join(f'token.{field.column}' for field in ApiToken._meta.concrete_fields)}"
    " FROM organization_apitoken token"
    " JOIN organization_member holder ON holder.organization_id = token.organization_id AND holder.id = token.member_id"
    " CROSS JOIN LATERAL organization_membership(token.organization_id, holder.user_id) found"
    " WHERE token.organization_id = %s AND token.digest = %s AND token.revoked_at IS NULL AND token.expires_at > %s",
)
WIDTH = {scope.value: width for width, scope in enumerate(Scope)}


def person_of(user_id: int) -> tuple[User, Member | None] | None:
    """The person, and their active membership in the open organization as `member_of` gives it; None without person.

    Every page asks this first, so it goes by a function of the database: putting the statement together by the ORM, and
    planning it, each take several times as long as answering it.
    """
    row = _one(MEMBERSHIP, [current_organization_id(), user_id])
    return _people_of(row) if row is not None else None


def _one(sql: str, facts: list[Any]) -> tuple[Any, ...] | None:
    if not connection.in_atomic_block:
        raise OutsideTransaction("Tenant rows need a transaction; open one with transaction.atomic().")
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _people_of(row: tuple[Any, ...]) -> tuple[User, Member | None]:
    """The person and their membership from a row of MEMBERSHIP."""
    person, member, organization, department = (
        model.from_db(connection.alias, names, row[start:end]) for model, names, start, end in PLACES
    )
    if member.pk is None:
        return person, None
    organization.hidden_pillars = json.loads(organization.hidden_pillars)  # no field converts what a cursor reads
    member.user = person
    member.organization = organization
    member.department = department if department.pk is not None else None
    member.unguarded, member.granted, member.unread, member.owed, member.anybody_away, member.at_hand = row[_ENDS[-1] :]
    member.rows = row
    return person, member


def member_of(user_id: int) -> Member | None:
    """The active membership in the open organization, with `user`, `organization`, `department`, `granted` and `unguarded`.

    `unread` counts the notices in the inbox that they have not seen, `owed` the work due by the end of the
    organization's day; both stop at 100. `anybody_away`: whether any member is absent today.
    `at_hand` is what they pinned as JSON, None for nothing.
    """
    found = person_of(user_id)
    return found[1] if found else None


def seen_as(member: Member) -> str:
    """A digest of all that `member_of` read; what a page's frame shows changes with it alone."""
    return hashlib.sha256(repr(member.rows).encode()).hexdigest()  # type: ignore[attr-defined]  # set by `person_of`


def actor_for(member: Member, *, limit_to: set[str] | None = None, token_id: int | None = None) -> Actor:
    """The actor of a member that `member_of` or `token_holder` gave; limit_to: the codenames a token may use."""
    place = member.department.path if member.department is not None else ""
    held = _grants(member.granted, member.department_id, place)  # type: ignore[attr-defined]  # set by `person_of`
    if limit_to is not None:
        held = {codename: grants for codename, grants in held.items() if codename in limit_to}
    return Actor(
        kind=ActorKind.TOKEN if token_id else ActorKind.MEMBER,
        organization_id=member.organization_id,
        member_id=member.pk,
        user_id=member.user_id,
        token_id=token_id,
        department_id=member.department_id,
        name=member.name,
        grants=held,
    )


@lru_cache(maxsize=1_000)
def _grants(granted: str, department_id: int | None, path: str) -> Mapping[str, tuple[Grant, ...]]:
    """By codename, the widest first; people of a role share it. granted: as `organization_membership` gives it."""
    found: dict[str, list[Grant]] = defaultdict(list)
    for codename, scope, borne_in, borne_path, lender in json.loads(granted):
        place, below = (department_id, path) if borne_in is None else (borne_in, borne_path or "")
        found[codename].append(Grant(scope, place, below, lender))
        declared = find_or_none(codename)
        if declared and declared.reaches_own and lender is None and scope in (Scope.DEPARTMENT, Scope.BELOW):
            found[codename].append(Grant(Scope.OWN, place, below))
    widest_first = {code: tuple(sorted(held, key=lambda one: -WIDTH[one.scope])) for code, held in found.items()}
    return MappingProxyType(widest_first)


def token_holder(text: str, *, as_of: datetime) -> tuple[ApiToken, Member, Actor] | None:
    """A live token of the open organization with its member and actor, None for any other text."""
    row = _one(HOLDER, [current_organization_id(), token_digest(text), as_of])
    if row is None:
        return None
    token = ApiToken.from_db(connection.alias, TOKEN_NAMES, row[-len(TOKEN_NAMES) :])
    token.codenames = json.loads(token.codenames)  # no field converts what a cursor reads
    _person, member = _people_of(row[: -len(TOKEN_NAMES)])
    if member is None or not member.user.is_active:
        return None
    token.member = member
    return token, member, actor_for(member, limit_to=set(token.codenames), token_id=token.pk)
