"""Who sees and changes a dashboard: scopes, shares, private ones, the bin; and which opens first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from metrics.choices import PanelKind
from metrics.errors import BadDefinition
from metrics.models import Dashboard, DashboardPanel, DashboardPin, DashboardShare, FirstDashboard
from metrics.queries.dashboard_list import dashboard_rows, first_dashboard
from metrics.services.dashboard_pins import open_first, open_first_for_roles, pin_dashboard
from metrics.services.dashboard_sharing import share_dashboard, stop_sharing
from metrics.services.dashboards import (
    PanelSpec,
    change_dashboard,
    copy_dashboard,
    create_dashboard,
    delete_dashboard,
    restore_dashboard,
)
from organization.access import Actor, can
from organization.choices import Scope
from organization.errors import NotAllowed, NotVisible, OutOfReach
from organization.models import Member, Organization, Role
from organization.queries.absences import today
from organization.queries.reasons import verdicts
from organization.services.absences import change_absence, set_absence
from organization.services.departments import create_department
from organization.services.roles import assign_role, create_role, set_grants
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_actor, make_member

pytestmark = pytest.mark.django_db
EDIT = "metrics.dashboard.edit"


class Company:
    """A private dashboard of Ann's, and people around."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.owner = make_actor("owner")
        self.sales = create_department(self.owner, organization, name="Sales", code="S")
        self.north = create_department(self.owner, organization, name="North", code="N", parent=self.sales)
        self.ann = make_member("manager")
        self.bob = make_member("staff", department=self.north)
        self.dashboard = self.make("Ann's", owner=self.ann, is_private=True)

    def make(self, name: str, **values: Any) -> Dashboard:
        maker = actor_of(values["owner"]) if values.get("owner") else self.owner
        return create_dashboard(maker, self.organization, name=name, panels=[PanelSpec(None, PanelKind.TEXT)], **values)

    def sees(self, member: Member, codename: str | None = None) -> bool:
        """Whether list and `can` say so, which must agree."""
        actor = actor_of(member)
        listed = Dashboard.objects.visible_to(actor, codename).filter(pk=self.dashboard.pk).exists()
        assert listed == bool(can(actor, codename or Dashboard.view_permission, self.dashboard))
        return listed


@pytest.fixture
def company(organization: Organization) -> Any:
    with tenant_context(organization.pk):
        yield Company(organization)


def test_o4_private_dashboard_is_open_to_its_owner_alone(company: Company) -> None:
    assert company.sees(company.ann)
    assert company.sees(company.ann, EDIT)
    assert not company.sees(company.bob)
    assert not can(company.owner, EDIT, company.dashboard)
    with pytest.raises(NotVisible):
        change_dashboard(company.owner, company.dashboard, version=1, name="Taken")
    assert dashboard_rows(company.owner).count() == 0


SHARED_WITH = {
    "the person": lambda company: company.bob,
    "their department": lambda company: company.north,
    "the department above": lambda company: company.sales,
    "their role": lambda _company: Role.objects.get(key="staff"),
}


@pytest.mark.parametrize("whom", SHARED_WITH)
def test_o4_shares_open_a_private_dashboard(company: Company, whom: str) -> None:
    ann = actor_of(company.ann)
    # Roles are seen by those who administer them
    sharer = ann if whom != "their role" else _with(ann, company.owner, "organization.role.view")
    share = share_dashboard(sharer, company.dashboard, with_whom=SHARED_WITH[whom](company))

    assert company.sees(company.bob)
    assert not company.sees(company.bob, EDIT)
    assert not company.sees(make_member("auditor"))

    share_dashboard(sharer, company.dashboard, with_whom=SHARED_WITH[whom](company), may_edit=True)
    assert company.sees(company.bob, EDIT)
    assert DashboardShare.objects.count() == 1
    stop_sharing(ann, company.dashboard, share=share)
    assert not company.sees(company.bob)


def why(
    member: Member, dashboard: Dashboard, codename: str = Dashboard.view_permission
) -> tuple[bool, list[tuple[bool, str]]]:
    """What the page says to it, of the dashboard itself; its answer is that of `can`."""
    verdict = next(one for one in verdicts(member, dashboard) if one.permission.codename == codename)
    assert verdict.is_held == bool(can(actor_of(member), codename, dashboard))
    return verdict.is_held, [(one.reaches, one.sentence) for one in verdict.reasons if one.role is None]


def test_o4_why_a_private_dashboard_is_open_names_its_owner_and_its_shares(company: Company) -> None:
    private = (False, "It is private: only its owner and those it is shared with see it.")
    role = Role.objects.get(key="manager")

    assert why(company.ann, company.dashboard) == (True, [(True, "It is private, and belongs to this person.")])
    assert why(company.bob, company.dashboard) == (False, [private])

    sentences = {
        company.bob: "It is shared with this person.",
        company.sales: "It is shared with Sales and what is below.",
    }
    for with_whom, sentence in sentences.items():
        share = share_dashboard(actor_of(company.ann), company.dashboard, with_whom=with_whom)
        assert why(company.bob, company.dashboard) == (True, [(True, sentence), private])
        assert why(company.bob, company.dashboard, EDIT) == (False, [private])
        stop_sharing(actor_of(company.ann), company.dashboard, share=share)

    sharer = _with(actor_of(company.ann), company.owner, "organization.role.view")
    share_dashboard(sharer, company.dashboard, with_whom=role)
    shared = (True, f"It is shared with everybody who has the role {role.display_name}.")
    assert why(make_member("manager"), company.dashboard) == (True, [shared, private])


def test_o4_a_role_that_is_lent_opens_what_is_shared_with_it(company: Company) -> None:
    role = create_role(company.owner, company.organization, name="Board")
    set_grants(company.owner, role, grants={Dashboard.view_permission: Scope.ORGANIZATION})
    lender, other = make_member(None), make_member("staff")
    lent = assign_role(company.owner, lender, role=role)
    DashboardShare.objects.create(dashboard=company.dashboard, role=role)
    day = today()
    days = {"starts_on": day, "ends_on": day + timedelta(days=1)}

    absence = set_absence(company.owner, lender, deputy=company.bob, **days)
    assert (company.sees(lender), company.sees(company.bob)) == (True, False)
    change_absence(company.owner, absence, version=1, roles=[lent])
    assert (company.sees(company.bob), company.sees(other)) == (True, False)
    assert not company.sees(company.bob, EDIT)

    type(absence).objects.filter(pk=absence.pk).update(
        starts_on=day - timedelta(days=2), ends_on=day - timedelta(days=1)
    )
    assert (company.sees(lender), company.sees(company.bob)) == (True, False)


def test_o4_a_share_gives_no_right_that_no_role_gives(company: Company) -> None:
    auditor, nobody = make_member("auditor"), make_member(None)
    for member in (auditor, nobody):
        share_dashboard(company.owner, company.make("Open"), with_whom=member, may_edit=True)
        share_dashboard(actor_of(company.ann), company.dashboard, with_whom=member, may_edit=True)

    assert company.sees(auditor)
    assert not company.sees(auditor, EDIT)
    assert not company.sees(nobody)


def test_o4_a_department_beside_sees_nothing(company: Company) -> None:
    south = create_department(company.owner, company.organization, name="South", code="SO", parent=company.sales)
    share_dashboard(actor_of(company.ann), company.dashboard, with_whom=south)

    assert not company.sees(company.bob)


def test_o4_shared_with_is_exactly_one(company: Company) -> None:
    for facts in ({}, {"member": company.bob, "department": company.sales}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DashboardShare.objects.create(dashboard=company.dashboard, **facts)


def test_o4_nobody_shares_themselves_out(company: Company) -> None:
    bob = actor_of(company.bob)
    share = share_dashboard(actor_of(company.ann), company.dashboard, with_whom=company.bob, may_edit=True)

    with pytest.raises(OutOfReach):
        stop_sharing(bob, company.dashboard, share=share)

    assert company.sees(company.bob)


def test_private_needs_an_owner(company: Company) -> None:
    with pytest.raises(BadDefinition):
        create_dashboard(company.owner, company.organization, name="Whose", panels=[], is_private=True)


def test_o4_staff_make_dashboards_of_their_own_only(company: Company) -> None:
    bob = actor_of(company.bob)
    mine = create_dashboard(bob, company.organization, name="Mine", panels=[], owner=company.bob)

    assert change_dashboard(bob, mine, version=1, name="Still mine").name == "Still mine"
    with pytest.raises(OutOfReach):
        create_dashboard(bob, company.organization, name="Ann's too", panels=[], owner=company.ann)
    with pytest.raises(NotAllowed):
        change_dashboard(bob, company.make("Open"), version=1, name="Taken")


def test_copy_is_the_copiers_own_and_private(company: Company) -> None:
    common = company.make("Common")
    DashboardPanel.objects.filter(dashboard=common).update(title="Kept", version=7)

    copy = copy_dashboard(actor_of(company.bob), common, name="Mine")

    assert (copy.owner, copy.is_private, copy.name) == (company.bob, True, "Mine")
    assert list(copy.panels.values_list("title", "kind", "version")) == [("Kept", "text", 1)]
    with pytest.raises(NotAllowed):
        copy_dashboard(make_actor("auditor"), common, name="No")
    with pytest.raises(NotVisible):
        copy_dashboard(actor_of(company.bob), company.dashboard, name="No")


def test_deleted_dashboard_is_in_the_bin_and_comes_back_as_it_was(company: Company) -> None:
    ann = actor_of(company.ann)
    delete_dashboard(ann, company.dashboard)

    assert not Dashboard.objects.visible_to(ann).exists()
    assert list(dashboard_rows(ann, whose="bin")) == [company.dashboard]
    assert list(dashboard_rows(company.owner, whose="bin")) == []
    restore_dashboard(ann, Dashboard.objects.get(pk=company.dashboard.pk))
    assert list(Dashboard.objects.visible_to(ann)) == [company.dashboard]
    assert company.dashboard.panels.count() == 1


def test_home_is_what_one_chose_then_pinned_then_the_roles_then_ones_own(company: Company) -> None:
    bob = actor_of(company.bob)
    oldest, of_role, own, pinned, chosen = (
        company.make(name, **values)
        for name, values in {
            "Oldest": {}, "Role's": {}, "Own": {"owner": company.bob}, "Pinned": {}, "Chosen": {}
        }.items()
    )  # fmt: skip
    staff = Role.objects.get(key="staff")

    homes = [first_dashboard(actor_of(make_member("auditor"))), first_dashboard(bob)]
    open_first_for_roles(company.owner, of_role, roles=[staff])
    homes.append(first_dashboard(bob))
    pin_dashboard(bob, pinned, is_pinned=True)
    homes.append(first_dashboard(bob))
    open_first(bob, oldest, is_first=True)
    open_first(bob, chosen, is_first=True)
    homes.append(first_dashboard(bob))
    open_first(bob, chosen, is_first=False)
    homes.append(first_dashboard(bob))

    assert homes == [oldest, own, of_role, pinned, chosen, pinned]
    assert first_dashboard(actor_of(make_member("auditor"))) == oldest
    open_first_for_roles(actor_of(company.ann), of_role, roles=[])
    assert FirstDashboard.objects.filter(role=staff, dashboard=of_role).exists()
    open_first_for_roles(company.owner, of_role, roles=[])
    assert not FirstDashboard.objects.filter(role=staff).exists()


def test_o4_a_pin_shows_nothing_that_is_no_longer_shared(company: Company) -> None:
    bob, ann = actor_of(company.bob), actor_of(company.ann)
    with pytest.raises(NotVisible):
        pin_dashboard(bob, company.dashboard, is_pinned=True)
    share = share_dashboard(ann, company.dashboard, with_whom=company.bob)
    pin_dashboard(bob, company.dashboard, is_pinned=True)
    pin_dashboard(bob, company.dashboard, is_pinned=True)
    assert [row.place for row in dashboard_rows(bob)] == [0]
    assert DashboardPin.objects.count() == 1

    stop_sharing(ann, company.dashboard, share=share)

    assert list(dashboard_rows(bob)) == []
    assert first_dashboard(bob) is None


def test_list_is_mine_and_shared_with_me(company: Company) -> None:
    common = company.make("Common")
    mine = company.make("Bob's", owner=company.bob)
    share_dashboard(actor_of(company.ann), company.dashboard, with_whom=company.sales)
    bob = actor_of(company.bob)

    assert set(dashboard_rows(bob)) == {common, mine, company.dashboard}
    assert list(dashboard_rows(bob, whose="mine")) == [mine]
    assert list(dashboard_rows(bob, whose="shared")) == [company.dashboard]


def _with(actor: Actor, other: Actor, codename: str) -> Actor:
    return Actor(**(vars(actor) | {"grants": dict(actor.grants) | {codename: other.grants[codename]}}))
