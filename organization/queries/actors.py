"""From a signed-in person or a token to the actor with their rights, in one statement each."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from organization.access import Actor, Grant
from organization.choices import ActorKind, Scope
from organization.engine.tokens import token_digest
from organization.models import ApiToken, Department, Member, Organization, RoleGrant
from organization.tenancy import OutsideTransaction, current_organization_id


def _names(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _columns(model: Any, table: str) -> str:
    return ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)


_ENDS = list(accumulate((0, *(len(_names(model)) for model in (Member, Organization, Department)))))
PLACES = tuple(zip((Member, Organization, Department), _ENDS, _ENDS[1:], strict=False))
MEMBER = f"""
SELECT {_columns(Member, "member")}, {_columns(Organization, "organization")}, {_columns(Department, "department")},
       (SELECT coalesce(json_agg(json_build_object('codename', granted.codename, 'scope', granted.scope,
                                                   'department', borne.department_id, 'path', place.path)), '[]')
          FROM organization_roleassignment borne
          JOIN organization_rolegrant granted
            ON granted.organization_id = borne.organization_id AND granted.role_id = borne.role_id
          LEFT JOIN organization_department place ON place.id = borne.department_id
         WHERE borne.organization_id = member.organization_id AND borne.member_id = member.id)
  FROM organization_member member
  JOIN organization_organization organization ON organization.id = member.organization_id
  LEFT JOIN organization_department department ON department.id = member.department_id
 WHERE member.organization_id = %s AND member.user_id = %s AND member.is_active
"""
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
    """The person's active membership in the open organization, with `organization`, `department` and `granted`.

    Every page asks this first, so its SQL is written out: putting it together by the ORM takes several times as long as
    asking the database.
    """
    organization_id = current_organization_id()
    if not connection.in_atomic_block:
        raise OutsideTransaction("Tenant rows need a transaction; open one with transaction.atomic().")
    with connection.cursor() as cursor:
        cursor.execute(MEMBER, [organization_id, user_id])
        row = cursor.fetchone()
    if row is None:
        return None
    member, organization, department = (_instance(model, row[start:end]) for model, start, end in PLACES)
    member.organization = organization
    member.department = department if department.pk is not None else None
    member.granted = row[-1]
    return member


def _instance(model: Any, values: tuple[Any, ...]) -> Any:
    return model.from_db(connection.alias, _names(model), values)


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
