"""Organizations, people and actors for tests. Each call makes what it says and nothing else."""

from __future__ import annotations

import itertools

from organization.access import Actor
from organization.choices import BuiltInRole
from organization.engine.names import sort_key
from organization.models import Department, Member, Organization, Role, User
from organization.queries.actors import actor_for, member_of
from organization.services.organizations import found_organization
from organization.services.roles import give_role
from organization.tenancy import tenant_context

_numbers = itertools.count(1)
PASSWORD = "a-long-password-1"


def make_user(name: str = "", **fields: object) -> User:
    """A person who signs in with PASSWORD."""
    number = next(_numbers)
    return User.objects.create_user(f"person{number}@example.com", PASSWORD, name=name or f"Person {number}", **fields)


def make_organization(**fields: object) -> Organization:
    """An organization with built-in roles and an owner."""
    number = next(_numbers)
    values = {"name": f"Company {number}", "slug": f"company-{number}"} | fields
    return found_organization(owner=make_user(), **values)


def make_member(
    role: BuiltInRole | str | None = BuiltInRole.STAFF, *, department: Department | None = None, **fields: object
) -> Member:
    """A member of the open organization who bears a built-in role, or none."""
    user = make_user()
    values = {"name": user.name, "name_pinyin": sort_key(user.name)} | fields
    member = Member.objects.create(user=user, department=department, **values)
    if role is not None:
        give_role(member, Role.objects.get(key=role))
    return member


def actor_of(member: Member) -> Actor:
    """The actor with the member's present rights."""
    found = member_of(member.user_id)
    assert found is not None
    return actor_for(found)


def make_actor(role: BuiltInRole | str | None = BuiltInRole.OWNER, **fields: object) -> Actor:
    """An actor of the open organization with a built-in role."""
    return actor_of(make_member(role, **fields))


def in_organization(organization: Organization):
    """The scope of an organization, for tests with several."""
    return tenant_context(organization.pk)
