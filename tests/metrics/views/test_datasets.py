"""The list of datasets."""

from __future__ import annotations

import pytest
from django.test import Client

from organization.middleware import SESSION_KEY
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member, make_organization
from tests.factories.metrics import at, load, make_dataset


@pytest.mark.django_db
def test_m1_the_first_row_is_shown_by_the_organizations_day() -> None:
    organization = make_organization(timezone="Asia/Shanghai")
    with tenant_context(organization.pk):
        dataset = make_dataset(make_actor("owner"), organization)
        load(dataset, [{"at": at("2025-02-28", "16:30+00:00"), "id": "1", "quantity": 1, "price": 2}])
        member = make_member("owner")
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = organization.pk
    session.save()

    html = client.get("/metrics/datasets/").content.decode()

    assert '<td class="nowrap at-gone">1 Mar 2025</td>' in html
