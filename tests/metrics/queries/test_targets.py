"""The target in force, and how a value stands to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from metrics.choices import GrainCode
from metrics.errors import BadTarget
from metrics.models import KpiTarget
from metrics.queries.kpi_page import kpis_for_page
from metrics.queries.target_page import target_history, target_list
from metrics.queries.targets import TargetBook, TargetRow, book_of, judgement, target_words
from metrics.services.targets import TargetSpec, set_targets
from ops_platform.web.formats import Unit
from organization.access import Actor
from organization.engine.periods import Grain, PeriodRule, period_of
from organization.errors import NotAllowed
from organization.models import AuditEntry, Organization
from organization.services.departments import create_department
from organization.services.roles import create_role, give_role, set_grants
from tests.factories import actor_of, make_actor, make_member
from tests.factories.metrics import make_dataset, make_kpi

RULE = PeriodRule("UTC")
MONEY = Unit("money", "CNY", 0)


def month(number: int, year: int = 2026):
    return period_of(Grain.MONTH, datetime(year, number, 1, tzinfo=UTC), RULE)


def row(starts_on: date, value: str, **more: object) -> TargetRow:
    return TargetRow(GrainCode.MONTH, starts_on, value=Decimal(value), **more)  # type: ignore[arg-type]


def test_m3_target_counts_from_its_period_until_the_next_row() -> None:
    book = TargetBook("higher", [row(date(2026, 3, 1), "20"), row(date(2026, 1, 1), "10")])

    assert book.line([month(12, 2025), month(1), month(2), month(3), month(9)]) == [None, 10, 10, 20, 20]


def test_m3_target_of_another_grain_or_department_does_not_count() -> None:
    book = TargetBook("higher", [row(date(2026, 1, 1), "10", department_id=7)])
    day = period_of(Grain.DAY, datetime(2026, 1, 5, tzinfo=UTC), RULE)

    assert book.target(month(1)) is None
    assert book.target(day, 7) is None
    assert book.target(month(1), 7).value == 10  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("direction", "margin", "value", "level"),
    [
        ("higher", "0.1", "100", "good"),
        ("higher", "0.1", "90", "watch"),
        ("higher", "0.1", "89.999", "bad"),
        ("higher", "0", "99.999", "bad"),
        ("lower", "0.1", "100", "good"),
        ("lower", "0.1", "110", "watch"),
        ("lower", "0.1", "110.001", "bad"),
    ],
)
def test_m3_status_at_the_edges(direction: str, margin: str, value: str, level: str) -> None:
    book = TargetBook(direction, [row(date(2026, 1, 1), "100", warning_margin=Decimal(margin))])

    assert judgement(book.assess(Decimal(value), month(2))).level == level


def test_m3_range_with_one_bound_in_words() -> None:
    rows = [TargetRow(GrainCode.MONTH, date(2026, 1, 1), low=Decimal("0.9"))]
    book = TargetBook("in_range", rows)

    assert target_words(book.target(month(1)), Unit("percent", digits=0)) == "at least 90%"
    assert judgement(book.assess(Decimal("0.9"), month(1))).level == "good"
    assert judgement(book.assess(None, month(1))).label == "No value"
    assert judgement(TargetBook("higher", []).assess(Decimal(1), month(1))).label == "No target"


@pytest.mark.django_db
def test_m3_changed_target_keeps_who_when_and_what_it_was(scope: Organization, owner: Actor) -> None:
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count")
    specs = [TargetSpec(date(2026, 3, 15), Decimal(100))]
    set_targets(owner, kpi, grain=GrainCode.MONTH, targets=specs, warning_margin=Decimal("0.05"))
    set_targets(owner, kpi, grain=GrainCode.MONTH, targets=[TargetSpec(date(2026, 3, 1), Decimal(120))])
    set_targets(owner, kpi, grain=GrainCode.MONTH, targets=[TargetSpec(date(2026, 3, 1), Decimal(120))])

    stored = KpiTarget.objects.get()
    history = target_history(owner, kpi, MONEY)

    assert (stored.starts_on, stored.value, stored.warning_margin) == (date(2026, 3, 1), 120, 0)
    assert [(change.before, change.after, change.starts_on) for change in history] == [
        ("¥100", "¥120", "1 Mar 2026"),
        ("", "¥100", "1 Mar 2026"),
    ]
    assert all(change.who for change in history)


@pytest.mark.django_db
def test_m3_emptied_target_goes_and_leaves_its_trace(scope: Organization, owner: Actor) -> None:
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count")
    set_targets(owner, kpi, grain=GrainCode.DAY, targets=[TargetSpec(date(2026, 3, 1), Decimal(5))])
    set_targets(owner, kpi, grain=GrainCode.DAY, targets=[TargetSpec(date(2026, 3, 1))])

    assert not KpiTarget.objects.exists()
    newest = target_history(owner, kpi, MONEY)[0]
    assert (newest.before, newest.after) == ("¥5", "")


@pytest.mark.django_db
def test_o4_history_leaves_out_targets_of_departments_one_may_not_see(scope: Organization, owner: Actor) -> None:
    north, south = (create_department(owner, scope, name=name, code=name) for name in ("North", "South"))
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count", department=north)
    for department in (None, north, south):
        targets = [TargetSpec(date(2026, 1, 1), Decimal(10))]
        set_targets(owner, kpi, grain=GrainCode.MONTH, department=department, targets=targets)
    role = create_role(owner, scope, name="Northern eyes")
    rights = ("organization.department.view", "metrics.kpi.view")
    set_grants(owner, role, grants=dict.fromkeys(rights, "department"))
    member = make_member(None, department=north)
    give_role(member, role)

    history = target_history(actor_of(member), kpi, MONEY)

    assert [change.department for change in history] == ["North", ""]


def test_m3_target_without_what_the_direction_needs_is_refused(scope: Organization, owner: Actor) -> None:
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count", direction="in_range")
    upside_down = TargetSpec(date(2026, 3, 1), low=Decimal(9), high=Decimal(3))

    with pytest.raises(BadTarget):
        set_targets(owner, kpi, grain=GrainCode.DAY, targets=[upside_down])

    assert not KpiTarget.objects.exists()


@pytest.mark.django_db
def test_m3_staff_may_not_set_targets(scope: Organization, owner: Actor) -> None:
    department = create_department(owner, scope, name="Shop", code="SHOP")
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count", department=department)
    staff = make_actor("staff", department=department)
    before = AuditEntry.objects.count()

    with pytest.raises(NotAllowed):
        set_targets(staff, kpi, grain=GrainCode.DAY, targets=[TargetSpec(date(2026, 3, 1), Decimal(5))])

    assert (KpiTarget.objects.count(), AuditEntry.objects.count()) == (0, before)


@pytest.mark.django_db
def test_m3_targets_read_with_the_kpi_equal_those_stored(scope: Organization, owner: Actor) -> None:
    department = create_department(owner, scope, name="Shop", code="SHOP")
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count")
    exact = Decimal("12345678901234567890.123456")
    set_targets(owner, kpi, grain=GrainCode.MONTH, targets=[TargetSpec(date(2026, 1, 1), exact)])
    set_targets(
        owner, kpi, grain=GrainCode.MONTH, department=department, targets=[TargetSpec(date(2026, 1, 1), Decimal(7))]
    )
    found = kpis_for_page(owner).get(pk=kpi.pk)
    book = book_of(found, found.target_rows)

    assert book.target(month(5)).value == exact  # type: ignore[union-attr]
    assert book.target(month(5), department.pk).value == 7  # type: ignore[union-attr]
    assert [line.department for line in target_list(owner, book, MONEY, RULE)] == ["", "Shop"]
