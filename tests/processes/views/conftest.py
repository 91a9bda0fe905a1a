"""Browsers of members."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from organization.middleware import SESSION_KEY
from organization.models import Member, Organization
from organization.tenancy import tenant_context
from tests.factories import make_member

SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(organization: Organization) -> SignIn:
    """The browser of a new member with a built-in role, or of a given one."""

    def signed_in(role: str | None = "owner", member: Member | None = None) -> Client:
        with tenant_context(organization.pk):
            member = member or make_member(role)
        client = Client()
        client.force_login(member.user)
        session = client.session
        session[SESSION_KEY] = organization.pk
        session.save()
        return client

    return signed_in
