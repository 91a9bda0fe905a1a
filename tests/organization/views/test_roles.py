"""The matrix in the browser, and roles of members."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from organization.choices import Scope
from organization.models import Organization, Role, RoleAssignment
from organization.permissions import all_permissions
from organization.queries.roles import grants_of
from organization.services import departments, roles
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member

SEE = "organization.member.view"


@pytest.fixture
def buyer(organization: Organization) -> Role:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        role = roles.create_role(owner, organization, name="Buyer")
        return roles.set_grants(owner, role, grants={SEE: Scope.OWN, "organization.home.view": Scope.ORGANIZATION})


def test_o4_the_matrix_has_every_right_under_its_pillar(buyer: Role, sign_in: Callable[..., Client]) -> None:
    form = sign_in("admin").get(f"/organization/roles/{buyer.pk}/").context["form"]

    shown = [permission.codename for _group, lines in form.groups for permission, _field in lines]
    assert shown == [permission.codename for permission in all_permissions()]
    assert form[SEE].value() == "own"


def test_o4_saving_the_matrix_says_what_changed(
    organization: Organization, buyer: Role, sign_in: Callable[..., Client]
) -> None:
    facts = {"version": str(buyer.version), SEE: "below", "organization.department.view": "organization"}

    answer = sign_in("admin").post(f"/organization/roles/{buyer.pk}/", facts, follow=True)

    [message] = answer.context["messages"]
    assert str(message) == (
        "3 rights changed: See departments: No → Whole organization; See members: Own → Department and below; "
        "Sign in and use search: Whole organization → No"
    )
    with tenant_context(organization.pk):
        assert grants_of(buyer) == {SEE: "below", "organization.department.view": "organization"}


def test_o4_a_scope_that_is_not_offered_is_refused(
    organization: Organization, buyer: Role, sign_in: Callable[..., Client]
) -> None:
    facts = {"version": str(buyer.version), "organization.role.edit": "own"}

    answer = sign_in("admin").post(f"/organization/roles/{buyer.pk}/", facts)

    assert answer.status_code == 422
    with tenant_context(organization.pk):
        assert grants_of(buyer)[SEE] == Scope.OWN


@pytest.mark.parametrize("key", ["owner", "auditor"])
def test_o4_fixed_roles_are_shown_and_not_saved(
    organization: Organization, sign_in: Callable[..., Client], key: str
) -> None:
    client = sign_in("owner")
    with tenant_context(organization.pk):
        role = Role.objects.get(key=key)
        before = grants_of(role)

    page = client.get(f"/organization/roles/{role.pk}/")
    refused = client.post(f"/organization/roles/{role.pk}/", {"version": "1", SEE: "own"})

    assert page.context["form"].fields[SEE].disabled
    assert b"Save the rights" not in page.content
    assert refused.status_code == 422
    with tenant_context(organization.pk):
        assert grants_of(role) == before


def test_o4_the_overview_shows_all_roles_beside_each_other(buyer: Role, sign_in: Callable[..., Client]) -> None:
    context = sign_in("auditor").get("/organization/roles/matrix/").context

    assert [role.key or role.name for role in context["roles"]] == [
        "owner",
        "admin",
        "manager",
        "staff",
        "auditor",
        "Buyer",
    ]
    lines = {permission.codename: cells for _group, lines in context["groups"] for permission, cells in lines}
    whole = "Whole organization"
    assert [str(cell) for cell in lines[SEE]] == [whole, whole, whole, "Department", whole, "Own"]


def test_o4_what_the_matrix_says_is_what_a_member_sees(
    organization: Organization, buyer: Role, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        sales = departments.create_department(owner, organization, name="Sales", code="S")
        works = departments.create_department(owner, organization, name="Works", code="W")
        me, colleague, stranger = (make_member(None, department=place) for place in (sales, sales, works))
        roles.assign_role(owner, me, role=buyer)
    client, admin = sign_in(member=me), sign_in("admin")

    def seen() -> set[int]:
        return {row.pk for row in client.get("/organization/members/").context["page"].rows}

    def found(text: str) -> int:
        groups = client.get("/search/", {"q": text}).context["groups"]
        return sum(len(group.results) for group in groups)

    assert seen() == {me.pk}
    assert (found(me.name), found(colleague.name)) == (1, 0)
    assert client.get(f"/organization/members/{colleague.pk}/").status_code == 404

    facts = {"version": str(buyer.version), SEE: "department", "organization.home.view": "organization"}
    assert admin.post(f"/organization/roles/{buyer.pk}/", facts).status_code == 302
    assert seen() == {me.pk, colleague.pk}
    assert (found(colleague.name), found(stranger.name)) == (1, 0)
    assert client.get(f"/organization/members/{stranger.pk}/").status_code == 404
    assert stranger.name.encode() not in client.get("/organization/members/", {"export": "csv"}).getvalue()


def test_o4_roles_are_given_and_withdrawn_on_the_members_page(
    organization: Organization, buyer: Role, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        member = make_member(None)
    client = sign_in("admin")

    given = client.post(f"/organization/members/{member.pk}/roles/", {"role": buyer.pk})
    with tenant_context(organization.pk):
        assignment = RoleAssignment.objects.get(member=member)
    withdrawn = client.post(f"/organization/members/{member.pk}/roles/{assignment.pk}/withdraw/")

    assert (given.status_code, withdrawn.status_code) == (302, 302)
    assert assignment.role_id == buyer.pk
    with tenant_context(organization.pk):
        assert not RoleAssignment.objects.filter(member=member).exists()
