"""Any two objects can be tied; each side shows what the reader may see of the other."""

from __future__ import annotations

import pytest

from organization.access import Actor, Grant
from organization.choices import ActorKind, LinkVerb, Scope
from organization.errors import NotAllowed, NotVisible
from organization.models import Department, Link, Organization
from organization.queries.links import loop_panel
from organization.services import links
from organization.services.departments import create_department
from tests.factories import make_actor, make_member


@pytest.fixture
def ends(scope: Organization, owner: Actor) -> tuple[Department, Department]:
    first = create_department(owner, scope, name="Cause", code="C")
    return first, create_department(owner, scope, name="Effect", code="E")


def test_o9_a_link_is_seen_from_both_ends(ends: tuple[Department, Department], owner: Actor) -> None:
    cause, effect = ends
    links.link(owner, cause, verb=LinkVerb.CAUSED, target=effect)

    led_to, came_from = loop_panel(owner, cause), loop_panel(owner, effect)

    assert [(linked.end.label, linked.verb) for linked in led_to.led_to] == [("Effect", "caused")]
    assert [(linked.end.label, linked.end.kind) for linked in came_from.came_from] == [("Cause", "Department")]
    assert led_to.came_from == came_from.led_to == []


def test_o9_the_same_link_again_changes_nothing(ends: tuple[Department, Department], owner: Actor) -> None:
    first = links.link(owner, ends[0], verb=LinkVerb.CAUSED, target=ends[1])

    assert links.link(owner, ends[0], verb=LinkVerb.CAUSED, target=ends[1]) == first
    assert Link.objects.count() == 1


def test_o9_an_end_that_is_hidden_is_not_in_the_panel(ends: tuple[Department, Department], owner: Actor) -> None:
    member = make_member(None)
    links.link(owner, ends[0], verb=LinkVerb.RELATES, target=member)

    assert len(loop_panel(owner, ends[0]).led_to) == 1
    assert not loop_panel(make_actor("staff"), ends[0])


def test_o9_a_hidden_end_cannot_be_linked(ends: tuple[Department, Department], owner: Actor) -> None:
    everywhere = (Grant(Scope.ORGANIZATION),)
    blind = Actor(
        ActorKind.MEMBER,
        owner.organization_id,
        member_id=owner.member_id,
        grants={"organization.link.edit": everywhere, "organization.department.view": everywhere},
    )

    with pytest.raises(NotVisible):
        links.link(blind, ends[0], verb=LinkVerb.RELATES, target=make_member(None))

    assert not Link.objects.exists()


def test_o9_an_object_is_not_linked_to_itself(ends: tuple[Department, Department], owner: Actor) -> None:
    with pytest.raises(links.LinkedToItself):
        links.link(owner, ends[0], verb=LinkVerb.CAUSED, target=ends[0])

    assert not Link.objects.exists()


def test_o9_staff_neither_tie_nor_untie(ends: tuple[Department, Department], owner: Actor) -> None:
    tied = links.link(owner, ends[0], verb=LinkVerb.CAUSED, target=ends[1])
    staff = make_actor("staff")

    with pytest.raises(NotAllowed):
        links.link(staff, ends[1], verb=LinkVerb.CAUSED, target=ends[0])
    with pytest.raises(NotAllowed):
        links.unlink(staff, ends[0], link=tied)

    assert list(Link.objects.all()) == [tied]


def test_o9_a_link_is_untied_from_one_of_its_ends_alone(
    ends: tuple[Department, Department], owner: Actor, scope: Organization
) -> None:
    tied = links.link(owner, ends[0], verb=LinkVerb.CAUSED, target=ends[1])
    stranger = create_department(owner, scope, name="Stranger", code="X")

    with pytest.raises(NotVisible):
        links.unlink(owner, stranger, link=tied)
    assert Link.objects.exists()

    links.unlink(owner, ends[1], link=tied)
    assert not Link.objects.exists()
