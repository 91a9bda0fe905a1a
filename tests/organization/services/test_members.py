"""Joining, changing, leaving; and how far a narrow right to do so reaches."""

from __future__ import annotations

import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from organization.access import Actor, Grant
from organization.choices import ActorKind, Scope
from organization.errors import StateConflict, TooNarrow
from organization.models import AuditEntry, Department, Member, Organization, User
from organization.services import departments, members
from organization.services.positions import create_position
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_member, make_user


def lead_of(department: Department) -> Actor:
    """Somebody who may edit members and departments from `department` down, and see everything."""
    below = (Grant(Scope.BELOW, department.pk, department.path),)
    everywhere = (Grant(Scope.ORGANIZATION),)
    return Actor(
        ActorKind.MEMBER,
        department.organization_id,
        member_id=make_member(None).pk,
        grants={
            "organization.member.edit": below,
            "organization.department.edit": below,
            "organization.member.view": everywhere,
            "organization.department.view": everywhere,
        },
    )


def test_o4_add_member_makes_an_account_that_can_sign_in(scope: Organization, owner: Actor) -> None:
    member = members.add_member(owner, scope, email="Zhang@Example.com", name="张三", password="a-long-password-2")

    user = User.objects.get(email="zhang@example.com")
    assert member.user == user
    assert user.check_password("a-long-password-2")
    assert member.name_pinyin == "zhang san"


def test_o4_add_member_without_password_leaves_none_to_guess(scope: Organization, owner: Actor) -> None:
    member = members.add_member(owner, scope, email="new@example.com", name="New")

    assert not member.user.has_usable_password()


def test_o4_a_person_of_another_organization_keeps_account_and_password(scope: Organization, owner: Actor) -> None:
    person = make_user("Li Na")
    EmailAddress.objects.create(user=person, email=person.email, verified=True)

    member = members.add_member(owner, scope, email=person.email, name="Na", password="something-else-1")

    person.refresh_from_db()
    assert member.user_id == person.pk
    assert person.name == "Li Na"
    assert not person.check_password("something-else-1")


def test_o4_an_account_whose_password_somebody_else_may_know_joins_nothing(scope: Organization, owner: Actor) -> None:
    made_elsewhere = make_user("Li Na")
    EmailAddress.objects.create(user=made_elsewhere, email="other@example.com", verified=True)
    EmailAddress.objects.create(user=make_user(), email=made_elsewhere.email, verified=True)

    with pytest.raises(members.AddressNotConfirmed):
        members.add_member(owner, scope, email=made_elsewhere.email, name="Na")

    assert not Member.objects.filter(user=made_elsewhere).exists()


def test_o4_the_same_person_twice_is_refused(scope: Organization, owner: Actor) -> None:
    members.add_member(owner, scope, email="a@example.com", name="A")

    with pytest.raises(members.AlreadyMember):
        members.add_member(owner, scope, email="A@example.com", name="B")

    assert Member.objects.filter(user__email="a@example.com").count() == 1


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_o4_two_who_add_the_same_person_at_once_add_one(organization: Organization) -> None:
    with tenant_transaction(organization.pk):
        actors = [make_actor("owner"), make_actor("owner")]
    together, outcomes = threading.Barrier(2), list[str]()

    def add(actor: Actor) -> None:
        try:
            with tenant_transaction(organization.pk):
                together.wait()
                members.add_member(actor, organization, email="new@example.com", name="New")
            outcomes.append("added")
        except members.AlreadyMember:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["added", "refused"]
    with tenant_transaction(organization.pk):
        assert Member.objects.filter(user__email="new@example.com").count() == 1


def test_o4_a_lead_adds_members_within_the_own_departments_alone(scope: Organization, owner: Actor) -> None:
    sales = departments.create_department(owner, scope, name="Sales", code="S")
    works = departments.create_department(owner, scope, name="Works", code="W")
    lead = lead_of(sales)

    members.add_member(lead, scope, email="in@example.com", name="In", department=sales)
    for outside in (works, None):
        with pytest.raises(TooNarrow):
            members.add_member(lead, scope, email="out@example.com", name="Out", department=outside)

    assert not User.objects.filter(email="out@example.com").exists()


def test_o4_a_lead_cannot_move_a_member_out_of_reach(scope: Organization, owner: Actor) -> None:
    sales = departments.create_department(owner, scope, name="Sales", code="S")
    works = departments.create_department(owner, scope, name="Works", code="W")
    member = make_member(None, department=sales)

    with pytest.raises(TooNarrow):
        members.change_member(lead_of(sales), member, version=member.version, department=works)

    assert Member.objects.get(pk=member.pk).department == sales


def test_o4_a_lead_makes_departments_below_the_own_one_alone(scope: Organization, owner: Actor) -> None:
    sales = departments.create_department(owner, scope, name="Sales", code="S")
    works = departments.create_department(owner, scope, name="Works", code="W")
    lead = lead_of(sales)

    north = departments.create_department(lead, scope, name="North", code="N", parent=sales)
    for outside in (works, None):
        with pytest.raises(TooNarrow):
            departments.create_department(lead, scope, name="X", code="X", parent=outside)
        with pytest.raises(TooNarrow):
            departments.change_department(lead, north, version=north.version, parent=outside)

    assert Department.objects.get(pk=north.pk).parent == sales
    assert not Department.objects.filter(code="X").exists()


def test_o4_change_member_seen_in_an_old_version_is_refused(scope: Organization, owner: Actor) -> None:
    member = make_member(None)
    buyer, seller = (create_position(owner, scope, name=name) for name in ("Buyer", "Seller"))
    members.change_member(owner, member, version=member.version, position=buyer)

    with pytest.raises(StateConflict):
        members.change_member(owner, member, version=member.version, position=seller)

    assert Member.objects.get(pk=member.pk).position == buyer


def test_o5_the_trail_of_a_member_names_fields_and_keeps_no_text_about_people(
    scope: Organization, owner: Actor
) -> None:
    member = make_member(None)
    buyer = create_position(owner, scope, name="Buyer")

    members.change_member(owner, member, version=member.version, name="王五", position=buyer, is_active=False)

    facts = AuditEntry.objects.latest("pk").facts
    assert facts == {"changed": {"position": [None, buyer.pk], "is_active": [True, False]}, "texts": ["name"]}
