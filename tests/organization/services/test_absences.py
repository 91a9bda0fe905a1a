"""Deputies: who stands in gets the work, never more rights than were named, and it ends by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from organization.access import Actor, can
from organization.choices import BuiltInRole
from organization.engine.local_time import local_day
from organization.errors import NotAllowed
from organization.models import Absence, AuditEntry, Department, Member, Notice, Organization, RoleAssignment
from organization.queries.absences import covers_of, stood_in_for, today
from organization.queries.actors import member_of
from organization.queries.told_words import notice_text
from organization.queries.work import my_work
from organization.services import absences, departments, work_items
from organization.services.absences import AbsenceOverlaps, BadDays, DeputyAway, DeputyCircle, NotLent
from organization.services.reminders import remind
from organization.services.roles import BeyondOwnRights, create_role, give_role, set_grants
from tests.factories import actor_of, make_actor, make_member

WORK = "organization.load_official_days"


def days(first: int, last: int) -> dict[str, date]:
    return {"starts_on": today() + timedelta(days=first), "ends_on": today() + timedelta(days=last)}


def away(
    actor: Actor, member: Member, deputy: Member | None, first: int = 0, last: int = 3, **facts: object
) -> Absence:
    return absences.set_absence(actor, member, deputy=deputy, **days(first, last), **facts)


def owes(owner: Actor, member: Member, department: Department) -> object:
    return work_items.open_item(owner, kind=WORK, subject=department, owner=member, facts={"year": 2027})


@pytest.fixture
def sales(scope: Organization, owner: Actor) -> Department:
    return departments.create_department(owner, scope, name="Sales", code="S")


def test_o4_the_deputy_has_the_work_of_who_is_away_and_loses_it_with_the_last_day(
    owner: Actor, sales: Department
) -> None:
    absent, deputy, other = make_member(), make_member(), make_member()
    item = owes(owner, absent, sales)
    absence = away(owner, absent, deputy)

    assert list(my_work(actor_of(deputy))) == [item]
    assert list(my_work(actor_of(absent))) == [item]
    assert list(my_work(actor_of(other))) == []

    Absence.objects.filter(pk=absence.pk).update(starts_on=today() - timedelta(2), ends_on=today() - timedelta(1))
    assert list(my_work(actor_of(deputy))) == []


def test_o4_the_menu_counts_what_those_owe_for_whom_somebody_stands_in(owner: Actor, sales: Department) -> None:
    absent, deputy = make_member(), make_member()
    work_items.open_item(owner, kind=WORK, subject=sales, owner=absent, due_at=timezone.now())

    before = member_of(deputy.user_id).owed
    away(owner, absent, deputy)

    assert (before, member_of(deputy.user_id).owed) == (0, 1)


def test_o4_what_needs_an_act_is_told_to_the_deputy_too_with_for_whom(owner: Actor, sales: Department) -> None:
    absent, deputy = make_member(name="Ye Wan"), make_member()
    away(owner, absent, deputy)

    item = owes(owner, absent, sales)

    told = Notice.objects.filter(subject_type="organization.workitem", subject_id=item.pk)
    assert set(told.values_list("recipient", flat=True)) == {absent.pk, deputy.pk}
    assert "You stand in for Ye Wan, who is away until" in notice_text(told.get(recipient=deputy))
    assert notice_text(told.get(recipient=absent)) == ""


def test_o4_what_is_overdue_is_told_to_the_deputy(scope: Organization, owner: Actor, sales: Department) -> None:
    absent, deputy = make_member(), make_member()
    now = timezone.now()
    item = work_items.open_item(owner, kind=WORK, subject=sales, owner=absent, due_at=now - timedelta(hours=1))
    away(owner, absent, deputy)

    remind(scope.pk, as_of=now)
    remind(scope.pk, as_of=now)

    told = Notice.objects.filter(kind="organization.work_overdue", subject_id=item.pk)
    assert sorted(told.values_list("recipient", flat=True)) == sorted([absent.pk, deputy.pk])
    assert Notice.objects.filter(kind="organization.deputy_begins", recipient=deputy).count() == 1
    assert mail.outbox == []  # mails are rows until a worker carries them


def test_o5_the_trail_names_the_deputy_and_for_whom_they_finished_it(owner: Actor, sales: Department) -> None:
    absent, deputy = make_member(), make_member(BuiltInRole.ADMIN)
    owes(owner, absent, sales)
    away(owner, absent, deputy)

    work_items.close_item(actor_of(deputy), kind=WORK, subject=sales)

    entry = AuditEntry.objects.get(verb="organization.work.closed")
    assert (entry.actor_id, entry.facts) == (deputy.pk, {"outcome": "done", "for_member": absent.pk})


def test_o4_standing_in_gives_no_right_by_itself(scope: Organization, owner: Actor) -> None:
    absent, deputy = make_member(BuiltInRole.ADMIN), make_member()
    away(owner, absent, deputy)

    with pytest.raises(NotAllowed):
        departments.create_department(actor_of(deputy), scope, name="Mine", code="M")

    assert not Department.objects.exists()


def test_o5_a_lent_role_ends_with_the_absence_and_the_trail_names_both(scope: Organization, owner: Actor) -> None:
    absent, deputy = make_member(BuiltInRole.ADMIN), make_member()
    role = RoleAssignment.objects.get(member=absent)
    absence = away(actor_of(absent), absent, deputy, roles=[role])

    departments.create_department(actor_of(deputy), scope, name="Lent", code="L")

    entry = AuditEntry.objects.get(verb="organization.department.created")
    assert (entry.actor_id, entry.facts["for_member"]) == (deputy.pk, absent.pk)
    Absence.objects.filter(pk=absence.pk).update(starts_on=today() - timedelta(2), ends_on=today() - timedelta(1))
    assert not actor_of(deputy).holds("organization.department.edit")


def test_o4_a_lent_role_reaches_over_the_lenders_department_and_not_the_deputys(
    scope: Organization, owner: Actor, sales: Department
) -> None:
    works = departments.create_department(owner, scope, name="Works", code="W")
    absent, deputy = make_member("manager", department=sales), make_member(None, department=works)
    homeless = make_member("manager")
    for person in (absent, homeless):
        away(owner, person, deputy, roles=[RoleAssignment.objects.get(member=person)])

    lent = actor_of(deputy)
    mine, theirs = make_member(None, department=works), make_member(None, department=sales)

    assert can(lent, "organization.absence.edit", theirs).on_behalf_of == absent.pk
    assert not can(lent, "organization.absence.edit", mine)


def test_o4_a_withdrawn_role_is_lent_no_longer(scope: Organization, owner: Actor) -> None:
    absent, deputy = make_member(BuiltInRole.ADMIN), make_member(None)
    role = RoleAssignment.objects.get(member=absent)
    away(actor_of(absent), absent, deputy, roles=[role])

    role.delete()

    assert not actor_of(deputy).grants
    assert Absence.objects.get().deputy == deputy


def test_o4_nobody_lends_the_role_of_the_owner_or_of_somebody_else_or_more_than_they_hold(
    scope: Organization, owner: Actor
) -> None:
    boss, deputy, admin = make_member("owner"), make_member(), make_member("admin")
    owns, runs = (RoleAssignment.objects.get(member=one) for one in (boss, admin))

    with pytest.raises(NotLent):
        away(actor_of(boss), boss, deputy, roles=[owns])
    with pytest.raises(NotLent):
        away(actor_of(boss), boss, deputy, roles=[runs])
    with pytest.raises(NotLent):
        away(actor_of(admin), admin, None, roles=[runs])
    taking_out = set_grants(
        owner, create_role(owner, scope, name="X"), grants={"organization.export.edit": "organization"}
    )
    bearer = make_member(None)
    with pytest.raises(BeyondOwnRights):
        away(make_actor("admin"), bearer, deputy, roles=[give_role(bearer, taking_out)])

    assert not Absence.objects.exists()


@pytest.mark.parametrize(("first", "last"), [(0, 0), (3, 5), (2, 3), (-1, 9)])
def test_o4_overlapping_absences_are_refused(scope: Organization, owner: Actor, first: int, last: int) -> None:
    absent = make_member()
    away(owner, absent, None, 0, 3)

    with pytest.raises(AbsenceOverlaps):
        away(owner, absent, None, first, last)

    assert Absence.objects.count() == 1


@pytest.mark.parametrize(("first", "last"), [(3, 2), (-9, -1), (0, 366)])
def test_o4_days_that_make_no_absence_are_refused(scope: Organization, owner: Actor, first: int, last: int) -> None:
    with pytest.raises(BadDays):
        away(owner, make_member(), None, first, last)

    assert not Absence.objects.exists()


def test_o4_work_goes_along_a_chain_and_a_circle_is_refused(owner: Actor, sales: Department) -> None:
    one, two, three = make_member(), make_member(), make_member()
    item = owes(owner, one, sales)
    away(owner, one, two)
    away(owner, two, three)

    assert list(my_work(actor_of(three))) == [item]
    assert {cover.deputy for cover in covers_of([one])} == {two, three}
    for deputy in (one, two):
        with pytest.raises(DeputyCircle):
            away(owner, three, deputy, 3, 9)
    away(owner, three, one, 4, 9)  # after the others are back
    assert [absence.member for absence in stood_in_for(one.pk)] == []


def test_o4_a_deputy_who_is_away_without_a_deputy_is_refused(scope: Organization, owner: Actor) -> None:
    absent, deputy = make_member(), make_member()
    away(owner, deputy, None, 2, 5)

    with pytest.raises(DeputyAway):
        away(owner, absent, deputy)

    assert away(owner, absent, deputy, 0, 1).deputy == deputy


def test_o4_people_set_their_own_absence_and_nobody_elses(sales: Department) -> None:
    mine, other = make_member(department=sales), make_member(department=sales)

    away(actor_of(mine), mine, other)
    with pytest.raises(NotAllowed):
        away(actor_of(mine), other, mine)

    assert Absence.objects.get().member == mine


def test_o4_who_is_back_earlier_ends_it_and_what_has_not_begun_is_gone(scope: Organization, owner: Actor) -> None:
    absent, deputy = make_member(), make_member()
    begun = away(owner, absent, deputy)
    Absence.objects.filter(pk=begun.pk).update(starts_on=today() - timedelta(days=2))
    to_come = away(owner, absent, deputy, 10, 12)

    absences.end_absence(owner, begun)
    absences.end_absence(owner, to_come)

    assert [(one.pk, one.ends_on) for one in Absence.objects.all()] == [(begun.pk, today() - timedelta(days=1))]
    assert stood_in_for(deputy.pk) == []


def test_o4_days_are_those_of_the_organizations_zone(scope: Organization, owner: Actor) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        Organization.objects.filter(pk=scope.pk).update(timezone=zone)
        day = local_day(timezone.now(), zone)
        absent, deputy = make_member(BuiltInRole.ADMIN), make_member()
        lent = [RoleAssignment.objects.get(member=absent)]
        absences.set_absence(owner, absent, deputy=deputy, starts_on=day, ends_on=day, roles=lent)

        assert today() == day
        assert actor_of(deputy).holds("organization.department.edit")  # the database reads the same day
