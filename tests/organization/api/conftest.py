"""An organization, and machines that call in the name of its members."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from organization.models import Organization
from organization.permissions import all_permissions
from organization.services.tokens import create_token
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_member
from tests.metrics.api.conftest import Caller

MakeCaller = Callable[..., Caller]


@pytest.fixture
def make_caller(organization: Organization) -> MakeCaller:
    """A caller with a token for a new member of the role; codenames: all rights unless some are named."""

    def make(role: str = "owner", codenames: Sequence[str] = ()) -> Caller:
        wanted = list(codenames) or [permission.codename for permission in all_permissions()]
        with tenant_transaction(organization.pk):
            owner, member = actor_of(make_member("owner")), make_member(role)
            expires_at = timezone.now() + timedelta(days=1)
            _row, text = create_token(
                owner, organization, name="A machine", member=member, codenames=wanted, expires_at=expires_at
            )
        return Caller(text)

    return make


@pytest.fixture
def caller(make_caller: MakeCaller) -> Caller:
    return make_caller()
