"""Positions: what people are, changed for everybody at once, merged, and brought back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from organization.access import Actor
from organization.errors import NotAllowed, StateConflict, StillInUse
from organization.models import AuditEntry, Member, Organization, Position
from organization.services import departments, members, positions
from organization.services.positions import MergedIntoItself, PositionGone, PositionNameTaken
from tests.factories import make_actor, make_member


def holding(position: Position, count: int = 1) -> list[Member]:
    return [make_member(None, position=position) for _ in range(count)]


def test_o4_two_positions_of_one_name_stand_in_two_departments_and_not_in_one(
    scope: Organization, owner: Actor
) -> None:
    sales = departments.create_department(owner, scope, name="Sales", code="S")
    positions.create_position(owner, scope, name="Clerk", department=sales)
    positions.create_position(owner, scope, name="Clerk")

    for department in (sales, None):
        with pytest.raises(PositionNameTaken):
            positions.create_position(owner, scope, name="Clerk", department=department)

    assert Position.objects.count() == 2


def test_o4_only_who_holds_the_right_makes_positions(scope: Organization) -> None:
    with pytest.raises(NotAllowed):
        positions.create_position(make_actor("manager"), scope, name="Clerk")

    assert not Position.objects.exists()


def test_o5_a_renamed_position_keeps_what_it_was_called_in_the_trail(scope: Organization, owner: Actor) -> None:
    clerk = positions.create_position(owner, scope, name="Clerk")
    [member] = holding(clerk)

    positions.change_position(owner, clerk, version=1, name="Sales clerk", name_zh="销售员")

    assert Member.objects.get(pk=member.pk).position.name == "Sales clerk"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.act, entry.object_id) == ("organization.position.changed", "changed", clerk.pk)
    assert entry.facts == {"changed": {"name": ["Clerk", "Sales clerk"], "name_zh": ["", "销售员"]}}


def test_o4_a_position_seen_in_an_old_version_is_not_changed(scope: Organization, owner: Actor) -> None:
    clerk = positions.create_position(owner, scope, name="Clerk")
    other = positions.create_position(owner, scope, name="Other")
    positions.change_position(owner, clerk, version=1, name="New")

    with pytest.raises(StateConflict):
        positions.change_position(owner, clerk, version=1, name="Newer")
    with pytest.raises(StateConflict):
        positions.merge_position(owner, clerk, into=other, version=1)

    assert Position.objects.get(pk=clerk.pk).name == "New"


def test_o5_merging_moves_who_holds_it_and_keeps_the_old_name_for_the_trail(scope: Organization, owner: Actor) -> None:
    clerk, agent = (positions.create_position(owner, scope, name=name) for name in ("Clerk", "Agent"))
    moved = holding(clerk, 2)

    came_back = positions.merge_position(owner, clerk, into=agent, version=1)

    assert came_back == agent
    assert {member.pk for member in Member.objects.filter(position=agent)} == {member.pk for member in moved}
    gone = Position.objects.get(pk=clerk.pk)
    assert (gone.name, gone.merged_into_id, gone.deleted_at is None) == ("Clerk", agent.pk, False)
    told = AuditEntry.objects.filter(object_type="organization.member", act="changed").order_by("pk")
    assert [entry.facts for entry in told] == [{"changed": {"position": [clerk.pk, agent.pk]}}] * 2
    merged = AuditEntry.objects.get(verb="organization.position.merged")
    assert (merged.object_id, merged.facts) == (clerk.pk, {"into": agent.pk, "count": 2})


def test_o4_a_position_is_merged_neither_into_itself_nor_into_one_that_is_gone(
    scope: Organization, owner: Actor
) -> None:
    clerk, gone = (positions.create_position(owner, scope, name=name) for name in ("Clerk", "Gone"))
    [member] = holding(clerk)
    positions.delete_position(owner, gone)

    with pytest.raises(MergedIntoItself):
        positions.merge_position(owner, clerk, into=clerk, version=1)
    with pytest.raises(PositionGone):
        positions.merge_position(owner, clerk, into=gone, version=1)

    assert Member.objects.get(pk=member.pk).position == clerk


def test_o4_a_position_that_somebody_holds_is_not_deleted(scope: Organization, owner: Actor) -> None:
    clerk = positions.create_position(owner, scope, name="Clerk")
    [member] = holding(clerk)

    with pytest.raises(StillInUse):
        positions.delete_position(owner, clerk)

    assert Position.objects.get(pk=clerk.pk).deleted_at is None
    members.change_member(owner, member, version=member.version, position=None)
    positions.delete_position(owner, clerk)
    assert Position.objects.get(pk=clerk.pk).deleted_at is not None


def test_o4_a_position_comes_back_unless_its_name_is_taken(scope: Organization, owner: Actor) -> None:
    clerk = positions.delete_position(owner, positions.create_position(owner, scope, name="Clerk"))
    second = positions.create_position(owner, scope, name="Clerk")

    with pytest.raises(PositionNameTaken):
        positions.restore_position(owner, clerk)
    with pytest.raises(PositionGone):
        positions.change_position(owner, clerk, version=2, name="X")

    positions.change_position(owner, second, version=1, name="Agent")
    assert positions.restore_position(owner, clerk).deleted_at is None


def test_o4_a_department_with_a_position_of_its_own_stays(scope: Organization, owner: Actor) -> None:
    sales = departments.create_department(owner, scope, name="Sales", code="S")
    clerk = positions.create_position(owner, scope, name="Clerk", department=sales)

    with pytest.raises(StillInUse):
        departments.delete_department(owner, sales)

    positions.delete_position(owner, clerk)
    departments.delete_department(owner, sales)
    assert Position.objects.get(pk=clerk.pk).department is None


def test_o4_a_merged_position_is_no_live_one(scope: Organization, owner: Actor) -> None:
    clerk, agent = (positions.create_position(owner, scope, name=name) for name in ("Clerk", "Agent"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Position.objects.filter(pk=clerk.pk).update(merged_into=agent)
