"""Why can I see this, and what would change: in sentences that are true."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from organization.access import can
from organization.choices import BuiltInRole, Scope
from organization.models import Absence, AuditEntry, Department, Member, Organization, Role, RoleAssignment, RoleGrant
from organization.permissions import all_permissions
from organization.queries.reasons import rights_of, verdicts
from organization.queries.roles import grants_of
from organization.services.departments import create_department
from organization.services.role_preview import preview_grants
from organization.services.roles import BeyondOwnRights, assign_role, create_role, set_grants
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_actor, make_member

SEE, EDIT = "organization.member.view", "organization.member.edit"


@pytest.fixture
def places(scope: Organization) -> tuple[Department, Department, Department]:
    """Sales with Sales North below it, and Purchasing beside."""
    owner = make_actor("owner")
    sales = create_department(owner, scope, name="Sales", code="S")
    north = create_department(owner, scope, name="Sales North", code="N", parent=sales)
    return sales, north, create_department(owner, scope, name="Purchasing", code="P")


def bearer(scope: Organization, reach: str, department: Department | None, *, at: Department | None = None) -> Member:
    """A member of `department` whose one role sees members, `reach` far, `at` a department or their own."""
    owner = make_actor("owner")
    role = create_role(owner, scope, name=f"Looks {reach} {at}")
    set_grants(owner, role, grants={SEE: reach})
    member = make_member(None, department=department)
    assign_role(owner, member, role=role, department=at)
    return member


def said(member: Member, subject: Member) -> tuple[bool, list[str]]:
    found = verdicts(member, subject)[0]
    assert found.permission.codename == SEE
    return found.is_held, [reason.sentence for reason in found.reasons]


def test_o4_a_reason_names_scope_and_departments(
    scope: Organization, places: tuple[Department, Department, Department]
) -> None:
    sales, north, purchasing = places
    people = {place: make_member(None, department=place) for place in (sales, north, purchasing, None)}
    below = bearer(scope, Scope.BELOW, sales)

    assert said(below, people[sales]) == (True, ["It reaches over Sales and what is below, and this belongs to Sales."])
    assert said(below, people[north]) == (
        True,
        ["It reaches over Sales and what is below, and this belongs to Sales North."],
    )
    assert said(below, people[purchasing]) == (
        False,
        ["It reaches over Sales and what is below, but this belongs to Purchasing."],
    )
    assert said(below, people[None]) == (
        False,
        ["It reaches over Sales and what is below, and this belongs to no department."],
    )
    own = bearer(scope, Scope.OWN, sales)
    assert said(own, own) == (True, ["It reaches over own items, and this is one."])
    assert said(own, people[sales]) == (False, ["It reaches over own items, and this belongs to somebody else."])
    elsewhere = bearer(scope, Scope.DEPARTMENT, sales, at=purchasing)
    assert said(elsewhere, people[purchasing]) == (
        True,
        ["It reaches over Purchasing, and this belongs to Purchasing."],
    )
    assert said(make_member(None), people[sales]) == (False, [])


@pytest.mark.parametrize("role", list(BuiltInRole))
def test_o4_every_verdict_is_what_the_gate_answers(
    scope: Organization, places: tuple[Department, Department, Department], role: str
) -> None:
    sales, north, purchasing = places
    member = make_member(role, department=sales)
    subjects = [
        *places,
        *(make_member("staff", department=place) for place in (sales, north, purchasing, None)),
        member,
    ]
    actor = actor_of(member)

    for subject in subjects:
        for verdict in verdicts(member, subject):
            assert verdict.is_held == bool(can(actor, verdict.permission.codename, subject)), verdict
    held = {line.permission.codename for _group, lines in rights_of(member) for line in lines}
    assert held == {one.codename for one in all_permissions() if actor.holds(one.codename)}


def test_o4_everybody_reaches_their_own_page_and_absences_without_a_department(
    scope: Organization, places: tuple[Department, Department, Department]
) -> None:
    sales, _north, purchasing = places
    staff, other = make_member("staff"), make_member("staff", department=sales)
    leads_elsewhere = bearer(scope, Scope.BELOW, sales, at=purchasing)

    assert said(staff, staff) == (
        True,
        [
            "It reaches over the member's department, and the member is in none.",
            "It reaches over own items, and this is one.",
        ][::-1],
    )
    assert said(staff, other) == (False, ["It reaches over the member's department, and the member is in none."])
    for member, absence_too in ((staff, True), (leads_elsewhere, False)):
        actor = actor_of(member)
        assert set(Member.objects.visible_to(actor).exclude(department=purchasing)) == {member}
        assert bool(can(actor, "organization.absence.edit", member)) is absence_too
        assert not can(actor, EDIT, member)


def test_o4_who_edits_members_below_a_department_does_not_edit_themselves_outside_it(
    scope: Organization, places: tuple[Department, Department, Department]
) -> None:
    sales, _north, purchasing = places
    owner = make_actor("owner")
    role = create_role(owner, scope, name="Edits")
    set_grants(owner, role, grants={SEE: Scope.BELOW, EDIT: Scope.BELOW})
    member = make_member(None, department=sales)
    assign_role(owner, member, role=role, department=purchasing)

    assert can(actor_of(member), SEE, member)
    assert not can(actor_of(member), EDIT, member)


def test_o4_staff_without_a_department_set_their_own_absence(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("staff")
    with tenant_context(organization.pk):
        [me] = Member.objects.filter(role_assignments__role__key="staff")
        other = make_member("staff")
    day = {"starts_on": "2126-01-04", "ends_on": "2126-01-05"}

    page = client.get(reverse("organization:member-detail", args=[me.pk]))
    answer = client.post(reverse("organization:absence-new", args=[me.pk]), day)
    of_another = client.post(reverse("organization:absence-new", args=[other.pk]), day)

    assert (page.status_code, answer.status_code, of_another.status_code) == (200, 302, 404)
    with tenant_context(organization.pk):
        assert [one.member for one in Absence.objects.all()] == [me]


def test_o4_who_is_switched_off_holds_nothing(scope: Organization) -> None:
    member = make_member("owner", is_active=False)

    assert rights_of(member) == []
    assert not any(verdict.is_held for verdict in verdicts(member, member))


def test_o4_a_page_says_why_it_can_be_seen(organization: Organization, sign_in: Callable[..., Client]) -> None:
    with tenant_context(organization.pk):
        member = make_member("manager", name="Li Na")
    client = sign_in("manager")

    page = client.get(reverse("organization:member-detail", args=[member.pk])).content.decode()
    url = reverse("organization:why", args=["organization.member", member.pk])
    why = client.get(url).content.decode()

    assert url in page
    assert "The role Manager gives this right. It reaches over the whole organization." in why
    assert "None of your roles gives this right." in why


def test_o4_only_who_sees_roles_asks_about_others(organization: Organization, sign_in: Callable[..., Client]) -> None:
    with tenant_context(organization.pk):
        other = make_member("staff", name="Li Na")
    url = reverse("organization:why", args=["organization.member", other.pk])

    answers = [sign_in(role).get(url, {"member": other.pk}).status_code for role in ("admin", "auditor", "manager")]

    assert answers == [200, 200, 403]
    assert sign_in("admin").get(url, {"member": "x"}).status_code == 404


def test_o4_what_is_hidden_is_not_explained(organization: Organization, sign_in: Callable[..., Client]) -> None:
    with tenant_context(organization.pk):
        hidden = make_member("staff")

    answer = sign_in("staff").get(reverse("organization:why", args=["organization.member", hidden.pk]))
    unknown = sign_in("owner").get(reverse("organization:why", args=["organization.auditentry", 1]))

    assert (answer.status_code, unknown.status_code) == (404, 404)


def test_o4_a_preview_says_who_gains_and_loses_and_changes_nothing(
    scope: Organization, places: tuple[Department, Department, Department]
) -> None:
    sales, _north, _purchasing = places
    owner = make_actor("owner")
    role = create_role(owner, scope, name="Looks")
    role = set_grants(owner, role, grants={SEE: Scope.DEPARTMENT})
    people = [make_member(None, department=sales, name=name, name_pinyin=name) for name in ("An", "Bo")]
    for person in people:
        assign_role(owner, person, role=role)
    assign_role(owner, people[1], role=Role.objects.get(key="auditor"))
    before, entries, total = grants_of(role), AuditEntry.objects.count(), Member.objects.count()

    found = preview_grants(owner, role, version=role.version, grants={SEE: Scope.ORGANIZATION, EDIT: Scope.BELOW})

    seen, edited = found.changes
    assert [(one.member.name, one.before, one.after) for one in seen.effects] == [("An", 2, total)]
    assert [(one.member.name, one.is_gained, one.after) for one in edited.effects] == [("An", True, 2), ("Bo", True, 2)]
    assert (grants_of(role), AuditEntry.objects.count()) == (before, entries)
    lost = preview_grants(owner, role, version=role.version, grants={SEE: None})
    assert [(one.member.name, one.is_lost, one.after) for one in lost.changes[0].effects] == [("An", True, 0)]


def test_o4_a_preview_refuses_what_saving_would(scope: Organization) -> None:
    role = create_role(make_actor("owner"), scope, name="Looks")
    RoleGrant.objects.get(role=Role.objects.get(key="admin"), codename="organization.audit.view").delete()

    with pytest.raises(BeyondOwnRights):
        preview_grants(
            make_actor("admin"), role, version=role.version, grants={"organization.audit.view": Scope.ORGANIZATION}
        )


def test_o4_the_matrix_is_previewed_then_saved(organization: Organization, sign_in: Callable[..., Client]) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        role = create_role(owner, organization, name="Looks")
        assign_role(owner, make_member(None, name="Li Na"), role=role)
    admin = sign_in("admin")

    page = admin.post(
        reverse("organization:role-preview", args=[role.pk]), {"version": role.version, SEE: "organization"}
    )

    text = page.content.decode()
    assert page.status_code == 200
    assert "Li Na: gains this right" in text
    assert f'name="{SEE}" value="organization"' in text
    with tenant_context(organization.pk):
        assert grants_of(role) == {}


def test_o4_asking_for_a_second_factor_is_written_down(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    admin = sign_in("admin")
    with tenant_context(organization.pk):
        role = Role.objects.get(key="staff")

    for _ in range(2):
        admin.post(reverse("organization:role-second-factor", args=[role.pk]), {"is_asked": "1"})

    with tenant_context(organization.pk):
        role.refresh_from_db()
        [entry] = AuditEntry.objects.filter(verb="organization.role.changed")
        assert role.needs_second_factor
        assert entry.facts == {"changed": {"needs_second_factor": [False, True]}}
        assert RoleAssignment.objects.exists()
