"""What people are told: once, and never what they did themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from organization.access import Actor, system_actor
from organization.engine.kept_facts import kept
from organization.errors import NotVisible
from organization.models import Department, Notice, Organization
from organization.queries.told_words import in_words
from organization.services import notices
from organization.services.departments import create_department
from tests.factories import actor_of, make_member

KIND = "organization.work_opened"


@pytest.fixture
def department(scope: Organization, owner: Actor) -> Department:
    return create_department(owner, scope, name="Sales", code="S")


def test_telling_twice_tells_once(owner: Actor, department: Department) -> None:
    member = make_member()
    again = {"kind": KIND, "recipients": [member], "subject": department, "dedupe": "event:7"}

    first = notices.tell(owner, **again)  # type: ignore[arg-type]
    second = notices.tell(owner, **again)  # type: ignore[arg-type]
    other = notices.tell(owner, **again | {"dedupe": "event:8"})  # type: ignore[arg-type]

    assert ([notice.recipient_id for notice in first], second, len(other)) == ([member.pk], [], 1)
    assert first[0].url == f"/organization/departments/{department.pk}/"


def test_nobody_is_told_what_they_did_themselves(owner: Actor, department: Department) -> None:
    member = make_member()
    mine = actor_of(member)

    told = notices.tell(mine, kind=KIND, recipients=[member, make_member()], subject=department)

    assert member.pk not in {notice.recipient_id for notice in told}
    assert len(told) == 1
    assert told[0].by_id == member.pk


def test_who_has_left_is_told_nothing(owner: Actor, department: Department) -> None:
    gone = make_member(is_active=False)

    assert notices.tell(owner, kind=KIND, recipients=[gone], subject=department) == []


def test_the_system_tells_everybody_named_once(scope: Organization, department: Department) -> None:
    member = make_member()
    system = system_actor(scope.pk, "sweep")

    told = notices.tell(system, kind=KIND, recipients=[member, member], subject=department)

    assert [notice.recipient_id for notice in told] == [member.pk]


def test_an_undeclared_kind_is_a_bug(owner: Actor, department: Department) -> None:
    with pytest.raises(KeyError):
        notices.tell(owner, kind="nobody.declared", recipients=[make_member()], subject=department)


def test_settling_stops_what_is_told_about_the_object_alone(owner: Actor, scope: Organization) -> None:
    one = create_department(owner, scope, name="A", code="A")
    other = create_department(owner, scope, name="B", code="B")
    member = make_member()
    for subject in (one, other):
        notices.tell(owner, kind=KIND, recipients=[member], subject=subject)

    assert notices.settle(one, kinds=["organization.work_given"]) == 0
    assert notices.settle(one, kinds=[KIND]) == 1
    assert notices.settle(one) == 0
    assert Notice.objects.get(done_at=None).subject_id == other.pk


def test_only_the_recipient_marks_a_notice_read(owner: Actor, department: Department) -> None:
    member = make_member()
    [notice] = notices.tell(owner, kind=KIND, recipients=[member], subject=department)

    with pytest.raises(NotVisible):
        notices.mark_read(owner, notice)
    assert Notice.objects.get().read_at is None

    notices.mark_read(actor_of(member), notice)
    assert Notice.objects.get().read_at is not None
    notices.mark_read(actor_of(member), notice, is_read=False)
    assert Notice.objects.get().read_at is None


def test_marking_all_read_leaves_other_peoples(scope: Organization, owner: Actor, department: Department) -> None:
    one, other = make_member(), make_member()
    for dedupe in "ab":
        notices.tell(owner, kind=KIND, recipients=[one, other], subject=department, dedupe=dedupe)

    assert notices.mark_all_read(actor_of(one), scope) == 2

    assert set(Notice.objects.filter(read_at=None).values_list("recipient_id", flat=True)) == {other.pk}


def test_facts_are_put_into_words_when_they_are_read(department: Department) -> None:
    department.name_zh = "销售部"
    facts = kept(
        {
            "department": department,
            "member": make_member(name="Li Na"),
            "on": date(2026, 3, 9),
            "at": datetime(2026, 3, 9, 23, 30, tzinfo=UTC),
            "amount": Decimal("1.50"),
            "several": [date(2026, 1, 2), "x"],
            "nothing": None,
        }
    )

    with timezone.override("Asia/Shanghai"):
        english = dict(in_words(facts))
        with translation.override("zh-hans"):
            chinese = dict(in_words(facts))

    assert english == {
        "department": "Sales",
        "member": "Li Na",
        "on": "9 Mar 2026",
        "at": "10 Mar 2026 07:30",
        "amount": "1.50",
        "several": "2 Jan 2026, x",
        "nothing": "–",
    }
    assert (chinese["department"], chinese["on"], chinese["several"]) == ("销售部", "2026年3月9日", "2026年1月2日、x")
    assert in_words(facts)["gone"] == "–"


def test_what_cannot_be_kept_is_refused() -> None:
    with pytest.raises(TypeError):
        kept({"thing": object()})
