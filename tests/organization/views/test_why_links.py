"""The way from a page to the reasons why it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from metrics.choices import PanelKind
from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.models import Organization, Role, WorkCalendar
from organization.services.calendars import create_calendar
from organization.tenancy import tenant_context
from tests.factories import make_actor


def dashboard(organization: Organization) -> tuple[Any, str]:
    made = create_dashboard(make_actor("owner"), organization, name="Board", panels=[PanelSpec(None, PanelKind.TEXT)])
    return made, "metrics:dashboard-detail"


def role(organization: Organization) -> tuple[Any, str]:
    return Role.objects.get(key="manager"), "organization:role-detail"


def calendar(organization: Organization) -> tuple[Any, str]:
    made: WorkCalendar = create_calendar(make_actor("owner"), organization, name="Shop floor")
    return made, "organization:calendar-detail"


@pytest.mark.parametrize("make", [dashboard, role, calendar])
def test_o4_a_page_leads_to_why_it_is_shown(
    make: Callable[[Organization], tuple[Any, str]], organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("owner")
    with tenant_context(organization.pk):
        row, page = make(organization)

    html = client.get(reverse(page, args=[row.pk])).content.decode()

    why = reverse("organization:why", args=[row._meta.label_lower, row.pk])
    assert f'href="{why}"' in html
    assert row.display_name in client.get(why).content.decode()
