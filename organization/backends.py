"""Who a session belongs to: the person, read together with what they may do in the open organization."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from ops_platform.database.scope import organization_var
from organization.models import Member, User
from organization.queries.actors import member_of, person_of


class PersonBackend(AuthenticationBackend):
    """allauth's, with one statement for the person and their membership where an organization is open."""

    def get_user(self, user_id: Any) -> User | None:
        if organization_var.get() is None or not connection.in_atomic_block:
            return super().get_user(user_id)
        found = person_of(user_id)
        if found is None or not self.user_can_authenticate(found[0]):
            return None
        person, member = found
        person._membership = (organization_var.get(), member)  # type: ignore[attr-defined]  # for `membership`
        return person


def membership(person: Any) -> Member | None:
    """The person's active membership in the open organization, without asking again for what came with them."""
    organization_id, member = getattr(person, "_membership", (None, None))
    return member if organization_id == organization_var.get() else member_of(person.pk)
