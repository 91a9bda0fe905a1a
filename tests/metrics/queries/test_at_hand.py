"""The pinned dashboards that are read with the member: those, and only those, that the member may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from metrics.models import Dashboard, DashboardShare
from metrics.queries.at_hand import MOST_PINNED, pinned_dashboards
from metrics.queries.dashboard_list import dashboard_rows
from metrics.services.dashboard_pins import pin_dashboard
from metrics.services.dashboard_sharing import share_dashboard, stop_sharing
from metrics.services.dashboards import delete_dashboard
from organization.choices import Scope
from organization.models import Member, Organization, Role, RoleAssignment, RoleGrant
from organization.models.absence import Absence, LentRole
from organization.queries.actors import actor_for, member_of
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member
from tests.metrics.helpers import client_of

pytestmark = pytest.mark.django_db
VIEW = "metrics.dashboard.view"


class Company:
    """Bob of the store in the north, whose role reaches his department, and dashboards of others."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.owner_member = make_member("owner")
        self.owner = actor_of(self.owner_member)
        self.north = create_department(self.owner, organization, name="North", code="north")
        self.store = create_department(self.owner, organization, name="Store", code="store", parent=self.north)
        self.south = create_department(self.owner, organization, name="South", code="south")
        self.role = Role.objects.create(name="Reader", key="reader-here")
        RoleGrant.objects.create(role=self.role, codename=VIEW, scope=Scope.DEPARTMENT)
        RoleGrant.objects.create(role=self.role, codename="organization.home.view", scope=Scope.OWN)
        self.bob = make_member("staff", name="Bob")
        Member.objects.filter(pk=self.bob.pk).update(department=self.store)
        RoleAssignment.objects.filter(member=self.bob).delete()
        RoleAssignment.objects.create(member=self.bob, role=self.role)

    def board(self, name: str, **values: Any) -> Dashboard:
        return Dashboard.objects.create(name=name, reference=f"D-{name}", **{"owner": self.owner_member} | values)

    def pin(self, *boards: Dashboard) -> None:
        for board in boards:
            board.pins.create(member=self.bob)

    def at_hand(self) -> list[str]:
        member = member_of(self.bob.user_id)
        assert member is not None
        return [one.name for one in pinned_dashboards(actor_for(member), member.at_hand)]  # type: ignore[attr-defined]

    def listed(self) -> list[str]:
        """The same by the rows of the list, which asks the database for each right."""
        member = member_of(self.bob.user_id)
        assert member is not None
        found = dashboard_rows(actor_for(member)).filter(is_pinned=True).order_by("name_key")
        return [one.display_name for one in found]


@pytest.fixture
def company(scope: Organization) -> Company:
    return Company(scope)


def _lend(company: Company) -> None:
    ann, today = make_member("staff", name="Ann"), timezone.localdate()
    wide = Role.objects.create(name="Wide", key="wide")
    assignment = RoleAssignment.objects.create(member=ann, role=wide)
    away = Absence.objects.create(
        member=ann, deputy=company.bob, starts_on=today - timedelta(days=1), ends_on=today + timedelta(days=1)
    )
    LentRole.objects.create(absence=away, assignment=assignment)
    DashboardShare.objects.create(dashboard=Dashboard.objects.get(name="Far"), role=wide)


WAYS: dict[str, Callable[[Company, Dashboard], Any]] = {
    "nothing": lambda _company, _far: None,
    "a share with the person": lambda company, far: DashboardShare.objects.create(dashboard=far, member=company.bob),
    "a share with another": lambda company, far: DashboardShare.objects.create(
        dashboard=far, member=company.owner_member
    ),
    "a share with the role": lambda company, far: DashboardShare.objects.create(dashboard=far, role=company.role),
    "a share with the department above": lambda company, far: DashboardShare.objects.create(
        dashboard=far, department=company.north
    ),
    "a share with another department": lambda company, far: DashboardShare.objects.create(
        dashboard=far, department=company.south
    ),
    "a role that is lent": lambda company, _far: _lend(company),
    "its move to the department": lambda company, far: Dashboard.objects.filter(pk=far.pk).update(
        department=company.store
    ),
    "its move, private": lambda company, far: Dashboard.objects.filter(pk=far.pk).update(
        department=company.store, is_private=True
    ),
    "its own, private": lambda company, far: Dashboard.objects.filter(pk=far.pk).update(
        owner=company.bob, is_private=True
    ),
    "a right to all": lambda company, _far: RoleGrant.objects.filter(role=company.role, codename=VIEW).update(
        scope=Scope.ORGANIZATION
    ),
    "a right to what is below": lambda company, _far: RoleGrant.objects.filter(role=company.role).update(
        scope=Scope.BELOW
    ),
    "a right to one's own": lambda company, far: (
        RoleGrant.objects.filter(role=company.role).update(scope=Scope.OWN),
        Dashboard.objects.filter(pk=far.pk).update(owner=company.bob),
    ),
    "no right": lambda company, far: (
        DashboardShare.objects.create(dashboard=far, member=company.bob),
        RoleGrant.objects.filter(role=company.role).delete(),
    ),
}
SHOWN = {
    "a share with the person", "a share with the role", "a share with the department above", "a role that is lent",
    "its move to the department", "its own, private", "a right to all", "a right to one's own",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_o4_a_pin_shows_what_the_list_shows_and_no_more(company: Company, way: str) -> None:
    far = company.board("Far", department=company.south)
    company.pin(far)

    WAYS[way](company, far)

    assert company.at_hand() == company.listed()
    assert company.at_hand() == (["Far"] if way in SHOWN else [])


def test_pins_stand_by_name_and_end_somewhere(company: Company) -> None:
    company.pin(*(company.board(f"{chr(ord('z') - i)} board", department=company.store) for i in range(14)))

    names = company.at_hand()

    assert names == sorted(names)
    assert names == company.listed()[:MOST_PINNED]


def test_o4_the_menu_shows_pins_of_the_person_and_loses_one_at_once_without_a_statement(
    organization: Organization, django_assert_num_queries: Any
) -> None:
    with tenant_context(organization.pk):
        company = Company(organization)
        board = company.board("Far & wide", department=company.south)
        share = share_dashboard(company.owner, board, with_whom=company.bob)
        other = client_of(company.owner_member)
    client = client_of(company.bob)
    link = f'href="/metrics/dashboards/{board.pk}/"'

    def menu(of: Any = client) -> str:
        page = of.get("/my/preferences/").content.decode()
        return page[page.index("<nav") : page.index("</nav>")]

    menu()
    with django_assert_num_queries(4):
        assert link not in menu()
    with tenant_context(organization.pk):
        pin_dashboard(actor_of(company.bob), board, is_pinned=True)
    with django_assert_num_queries(4):
        assert link in menu()
    with django_assert_num_queries(4):
        assert "Far &amp; wide" in menu()
    assert link not in menu(other)

    with tenant_context(organization.pk):
        Dashboard.objects.filter(pk=board.pk).update(name="Renamed")
    assert "Renamed" in menu()
    with tenant_context(organization.pk):
        stop_sharing(company.owner, board, share=share)
    assert link not in menu()
    with tenant_context(organization.pk):
        share_dashboard(company.owner, board, with_whom=company.bob)
    assert link in menu()
    with tenant_context(organization.pk):
        delete_dashboard(company.owner, board)
    assert link not in menu()


def test_an_open_pin_is_the_current_place(company: Company) -> None:
    board = company.board("Store", department=company.store)
    company.pin(board)

    page = client_of(company.bob).get(f"/metrics/dashboards/{board.pk}/").content.decode()
    menu = page[page.index("<nav") : page.index("</nav>")]

    assert menu.count('aria-current="page"') == 1
    assert f'href="/metrics/dashboards/{board.pk}/" title="Store" aria-current="page"' in menu
