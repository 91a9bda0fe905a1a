"""What happens to rollups when rows come late, move, go, or are redefined; when departments move and periods change."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from metrics.choices import GrainCode
from metrics.handlers import follow_department_codes, follow_department_tree, follow_periods
from metrics.models import Dataset, Kpi, KpiVersion, Rollup, RollupCorrection
from metrics.queries.series import breakdown, series, window
from metrics.services import rollups
from metrics.services.kpis import redefine_kpi
from organization.access import Actor
from organization.engine.periods import Grain, period_of, periods
from organization.models import DomainEvent, EventDelivery, Organization
from organization.services.departments import change_department, create_department
from organization.services.events import Event
from organization.services.organizations import change_settings
from organization.services.outbox import _run  # the delivery as the worker makes it
from tests.factories.metrics import DefinitionSpec, at, load, make_dataset, make_kpi

pytestmark = pytest.mark.django_db
SUM = {"aggregation": "sum", "expression": "quantity"}


def recompute(dataset: Dataset) -> None:
    assert rollups.recompute_dataset(dataset.organization_id, dataset.pk)


def row(number: int, moment: datetime, quantity: Any, **values: Any) -> dict[str, Any]:
    return {"id": f"r{number}", "at": moment, "quantity": quantity} | values


def values(kpi: Kpi, grain: Grain, start: datetime, end: datetime) -> list[Decimal | None]:
    rule = Organization.objects.get().period_rule
    return series([kpi.pk], window(periods(grain, start, end, rule), "", rule))[kpi.pk].values


def assert_equal_to_a_rebuild(dataset: Dataset) -> None:
    assert rollups.check_dataset(dataset.organization_id, dataset.pk) == []


def test_m2_a_ratio_of_sums_is_no_average_of_ratios(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    make_kpi(owner, scope, key="returned", dataset=dataset, aggregation="sum", expression="quantity")
    make_kpi(owner, scope, key="sold", dataset=dataset, aggregation="sum", expression="price")
    rate = make_kpi(owner, scope, key="kept", formula="returned / sold")
    load(dataset, [row(1, at("2025-03-03"), 2, price=10), row(2, at("2025-03-04"), 90, price=100)])
    recompute(dataset)

    assert values(rate, Grain.DAY, at("2025-03-03"), at("2025-03-05", "00:00+00:00")) == [
        Decimal("0.2"),
        Decimal("0.9"),
    ]
    (month,) = values(rate, Grain.MONTH, at("2025-03-01"), at("2025-03-31"))
    assert month is not None
    assert round(month * 100, 1) == Decimal("83.6")


def test_m2_a_stock_takes_the_end_of_the_period_over_all_its_places(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    last = make_kpi(owner, scope, dataset=dataset, aggregation="last", expression="quantity", breakdowns=[("country",)])
    first = make_kpi(owner, scope, dataset=dataset, aggregation="first", expression="quantity")
    load(
        dataset,
        [
            row(1, at("2025-03-01"), 10, country="FR"),
            row(2, at("2025-03-01"), 5, country="CN"),
            row(3, at("2025-03-31"), 7, country="FR"),
            row(4, at("2025-03-31"), 1, country="CN"),
            row(5, at("2025-03-20"), 99, country="CN"),
            row(6, at("2025-02-28"), 3, country="CN"),
        ],
    )
    recompute(dataset)

    for kpi, expected in ((last, [Decimal(3), Decimal(8)]), (first, [Decimal(3), Decimal(15)])):
        assert values(kpi, Grain.MONTH, at("2025-02-01"), at("2025-03-31")) == expected
        assert values(kpi, Grain.QUARTER, at("2025-02-01"), at("2025-03-31")) == [expected[1 if kpi == last else 0]]
    month = period_of(Grain.MONTH, at("2025-03-05"), scope.period_rule)
    country = dataset.columns.get(key="country")
    parts = breakdown([last.pk], month, country.pk)[last.pk]
    assert parts is not None
    assert [part.value for part in parts] == [Decimal(7), Decimal(1)]
    assert_equal_to_a_rebuild(dataset)


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25)])
def test_m2_a_day_of_the_clock_change_has_23_or_25_hours(
    scope: Organization, owner: Actor, day: date, hours: int
) -> None:
    Organization.objects.update(timezone="Europe/Berlin")
    scope.refresh_from_db()
    dataset = make_dataset(owner, scope, is_daily=False)
    kpi = make_kpi(owner, scope, dataset=dataset, grain=GrainCode.HOUR, **SUM)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=5)
    load(dataset, [row(number, start + timedelta(minutes=30 * number), 1) for number in range(72)])
    recompute(dataset)
    (whole,) = (
        p for p in periods(Grain.DAY, start, start + timedelta(hours=36), scope.period_rule) if p.first_on == day
    )

    assert values(kpi, Grain.DAY, whole.start, whole.end) == [Decimal(2 * hours)]
    assert values(kpi, Grain.HOUR, whole.start, whole.end) == [Decimal(2)] * hours
    assert_equal_to_a_rebuild(dataset)


def test_m5_a_late_row_recomputes_only_its_periods_and_keeps_before_and_after(
    scope: Organization, owner: Actor
) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, grain=GrainCode.MONTH, **SUM)
    load(dataset, [row(1, at("2025-01-05"), 10), row(2, at("2025-02-05"), 20)])
    recompute(dataset)
    Rollup.objects.filter(bucket_start=at("2025-02-05", "00:00+00:00")).update(sum=21)  # shows what was left alone

    load(dataset, [row(3, at("2025-01-06"), Decimal("0.5")), row(4, at("2025-01-05"), 1)])
    recompute(dataset)

    assert values(kpi, Grain.MONTH, at("2025-01-01"), at("2025-02-28")) == [Decimal("11.5"), Decimal(20)]
    assert values(kpi, Grain.DAY, at("2025-02-05"), at("2025-02-06", "00:00+00:00")) == [Decimal(21)]
    kept = RollupCorrection.objects.order_by("grain", "bucket_start")
    assert list(kept.values_list("grain", "bucket_start", "before", "after")) == [
        (GrainCode.DAY, at("2025-01-05", "00:00+00:00"), Decimal(10), Decimal(11)),
        (GrainCode.MONTH, at("2025-01-01", "00:00+00:00"), Decimal(10), Decimal("11.5")),
    ]


def test_m5_the_running_period_and_a_first_load_are_no_corrections(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    make_kpi(owner, scope, dataset=dataset, **SUM)
    now = datetime.now(UTC)
    load(dataset, [row(number, now - timedelta(days=number), 1) for number in range(400)])
    recompute(dataset)
    load(dataset, [row(1000, now, 5)])
    recompute(dataset)

    assert not RollupCorrection.objects.exists()


def test_m5_corrections_cost_two_statements_however_many_periods_a_load_touches(
    scope: Organization, owner: Actor, django_assert_max_num_queries: Any
) -> None:
    dataset = make_dataset(owner, scope)
    for _ in range(3):
        make_kpi(owner, scope, dataset=dataset, **SUM)
    moments = [at("2024-01-01") + timedelta(days=number) for number in range(300)]
    load(dataset, [row(number, moment, 1) for number, moment in enumerate(moments)])
    recompute(dataset)
    load(dataset, [row(number, moment, 2) for number, moment in enumerate(moments)])

    with django_assert_max_num_queries(200) as seen:
        recompute(dataset)

    assert sum("JOIN metrics_rollup rollup USING" in query["sql"] for query in seen.captured_queries) == 2
    assert RollupCorrection.objects.count() == 900


def test_m2_a_correction_that_moves_a_row_leaves_nothing_on_its_old_day(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, breakdowns=[("country",)], **SUM)
    load(dataset, [row(1, at("2025-01-31"), 10, country="FR"), row(2, at("2025-01-30"), 1, country="CN")])
    recompute(dataset)
    load(dataset, [row(1, at("2025-02-01"), 4, country="CN")])
    recompute(dataset)

    assert values(kpi, Grain.DAY, at("2025-01-30"), at("2025-02-01", "13:00+00:00")) == [
        Decimal(1),
        Decimal(0),
        Decimal(4),
    ]
    assert values(kpi, Grain.MONTH, at("2025-01-01"), at("2025-02-02")) == [Decimal(1), Decimal(4)]
    assert_equal_to_a_rebuild(dataset)


def test_m1_a_new_version_answers_from_its_day_on_and_the_old_one_before(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, **SUM)
    load(dataset, [row(day, at(f"2025-03-{day:02}"), 1, price=7) for day in range(1, 32)])
    recompute(dataset)
    redefine_kpi(
        owner, kpi, why="price", effective_on=date(2025, 3, 15),
        definition=DefinitionSpec(dataset=dataset, aggregation="sum", expression="price"),
    )  # fmt: skip
    recompute(dataset)
    load(dataset, [row(99, at("2025-03-20"), 1, price=3), row(98, at("2025-03-10"), 5, price=3)])
    recompute(dataset)

    rule = scope.period_rule
    shown = series([kpi.pk], window(periods(Grain.DAY, at("2025-03-09"), at("2025-03-21"), rule), "", rule))[kpi.pk]
    assert shown.values == [1, 6, 1, 1, 1, 1, 7, 7, 7, 7, 7, 10, 7]
    assert shown.versions == [1] * 6 + [2] * 7
    assert values(kpi, Grain.MONTH, at("2025-03-01"), at("2025-03-31")) == [Decimal(37)]  # the version of its first day
    assert_equal_to_a_rebuild(dataset)


def test_m1_a_version_that_was_never_in_force_stops_being_asked_for(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, **SUM)
    definition = DefinitionSpec(dataset=dataset, aggregation="count")
    redefine_kpi(owner, kpi, why="all history", effective_on=None, definition=definition)
    load(dataset, [row(1, at("2025-03-01"), 5)])
    recompute(dataset)

    assert not KpiVersion.objects.filter(computed_at=None).exists()
    assert set(Rollup.objects.values_list("version_id", flat=True)) == {kpi.versions.get(number=2).pk}


def test_m2_pairs_their_parts_and_the_total_agree(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    pairs = [("country", "customer"), ("customer",), ("country",), ("invoice",), ("customer", "country")]
    kpi = make_kpi(owner, scope, dataset=dataset, breakdowns=pairs, **SUM)
    load(
        dataset,
        [
            row(1, at("2025-01-01"), 1, country="FR", customer="a", invoice="x"),
            row(2, at("2025-01-02"), 2, country="FR", customer="b", invoice="x"),
            row(3, at("2025-01-03"), 4, country="CN", customer="a", invoice="y"),
            row(4, at("2025-01-04"), 8, country=None, customer="a", invoice=None),
            row(5, at("2025-01-05"), 16, country="CN", customer=None, invoice="y"),
        ],
    )
    recompute(dataset)
    assert kpi.versions.get().breakdowns.count() == 4
    month = period_of(Grain.MONTH, at("2025-01-01"), scope.period_rule)
    columns = {column.key: column.pk for column in dataset.columns.all()}

    def split(first: str, second: str | None = None) -> dict[tuple[int, int], Decimal | None]:
        found = breakdown([kpi.pk], month, columns[first], second_id=columns[second] if second else None)[kpi.pk]
        assert found is not None
        return {(part.key1, part.key2): part.value for part in found}

    assert split("country") == {(1, 0): 3, (2, 0): 20, (0, 0): 8} or split("country") == {
        (2, 0): 3, (1, 0): 20, (0, 0): 8,
    }  # fmt: skip
    assert sorted(split("customer").values()) == [2, 13, 16]
    assert sorted(split("invoice").values()) == [3, 8, 20]
    assert sorted(split("country", "customer").values()) == [1, 2, 4, 8, 16]
    assert values(kpi, Grain.MONTH, month.start, month.end) == [Decimal(31)]


def test_m2_the_department_tree_agrees_with_a_rebuild_in_month_and_quarter(scope: Organization, owner: Actor) -> None:
    sales = create_department(owner, scope, name="Sales", code="S")
    north = create_department(owner, scope, name="North", code="S-N", parent=sales)
    works = create_department(owner, scope, name="Works", code="W")
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, breakdowns=[("unit",)], **SUM)
    load(
        dataset,
        [
            row(1, at("2025-01-05"), 1, unit="S"),
            row(2, at("2025-02-05"), 2, unit="S-N"),
            row(3, at("2025-02-06"), 4, unit="W"),
            row(4, at("2025-03-06"), 8, unit="elsewhere"),
        ],
    )
    recompute(dataset)
    assert tree(kpi, Grain.QUARTER, at("2025-02-01")) == {sales.pk: 3, north.pk: 2, works.pk: 4}
    assert tree(kpi, Grain.MONTH, at("2025-02-01")) == {sales.pk: 2, north.pk: 2, works.pk: 4}

    change_department(owner, north, version=north.version, parent=works)
    for _ in range(2):
        follow_department_tree(event())
        recompute(dataset)

    assert tree(kpi, Grain.QUARTER, at("2025-02-01")) == {sales.pk: 1, north.pk: 2, works.pk: 6}
    assert_equal_to_a_rebuild(dataset)


def test_m2_rows_that_named_a_department_before_it_was_made_count_for_it(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, breakdowns=[("unit",)], **SUM)
    load(dataset, [row(1, at("2025-01-05"), 1, unit="S"), row(2, at("2025-01-05"), 2, unit="T")])
    recompute(dataset)
    assert tree(kpi, Grain.MONTH, at("2025-01-05")) == {}

    sales = create_department(owner, scope, name="Sales", code="S")
    for _ in range(2):
        follow_department_codes(event())
        recompute(dataset)
    assert tree(kpi, Grain.MONTH, at("2025-01-05")) == {sales.pk: 1}
    computed = kpi.versions.get().computed_at

    change_department(owner, sales, version=sales.version, code="T")
    follow_department_codes(event())
    recompute(dataset)
    assert tree(kpi, Grain.MONTH, at("2025-01-05")) == {sales.pk: 2}

    change_department(owner, sales, version=sales.version + 1, name="Other name")
    computed = kpi.versions.get().computed_at
    follow_department_codes(event())
    assert kpi.versions.get().computed_at == computed


def test_m2_a_new_time_zone_moves_the_days_of_every_kpi(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, **SUM)
    load(dataset, [row(1, at("2025-01-05", "23:30+00:00"), 1), row(2, at("2025-01-06", "01:00+00:00"), 2)])
    recompute(dataset)
    change_settings(owner, scope, timezone="Asia/Shanghai")

    announced = DomainEvent.objects.get(name="organization.periods_changed")
    delivery = EventDelivery.objects.get(event=announced, handler__endswith="follow_periods")
    delivery.token = "00000000-0000-0000-0000-000000000001"
    delivery.save()
    _run(delivery.pk, delivery.token)
    follow_periods(event())
    recompute(dataset)

    scope.refresh_from_db()
    assert values(kpi, Grain.DAY, at("2025-01-05", "17:00+00:00"), at("2025-01-06", "15:00+00:00")) == [Decimal(3)]
    assert_equal_to_a_rebuild(dataset)


@pytest.mark.parametrize("seed", range(6))
def test_m2_random_changes_leave_what_a_rebuild_gives(scope: Organization, owner: Actor, seed: int) -> None:
    chance = random.Random(seed)
    Organization.objects.update(
        timezone=chance.choice(["Asia/Kolkata", "America/New_York", "UTC"]), week_starts_on=chance.randrange(7)
    )
    scope.refresh_from_db()
    create_department(owner, scope, name="A", code="a")
    dataset = make_dataset(owner, scope, is_daily=False)
    shared = {"dataset": dataset, "breakdowns": [("country",), ("country", "customer"), ("unit",)]}
    for aggregation in ("sum", "average", "minimum", "last", "median"):
        make_kpi(owner, scope, aggregation=aggregation, expression="revenue", grain=chance.choice([1, 2, 4]), **shared)
    make_kpi(owner, scope, aggregation="distinct", subject="customer", filter="quantity > 0", **shared)
    for step in range(8):
        load(dataset, [random_row(chance) for _ in range(chance.randrange(1, 60))])
        if step % 3:
            recompute(dataset)

    assert_equal_to_a_rebuild(dataset)


def random_row(chance: random.Random) -> dict[str, Any]:
    moment = at("2024-11-25", "00:00+00:00") + timedelta(minutes=17 * chance.randrange(9000))
    return row(
        chance.randrange(150), moment, chance.choice([None, -1, 2, Decimal("0.25")]),
        price=chance.choice([None, Decimal("9.99"), 3]), country=chance.choice([None, "FR", "CN"]),
        customer=chance.choice("abcdef"), unit=chance.choice([None, "a", "b"]),
    )  # fmt: skip


def test_m2_a_small_change_in_a_long_history_takes_as_many_statements_as_in_a_short_one(
    scope: Organization, owner: Actor, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for years in (1, 10):
        dataset = make_dataset(owner, scope)
        for _ in range(4):
            make_kpi(owner, scope, dataset=dataset, breakdowns=[("country",)], **SUM)
        start = at("2025-06-01") - timedelta(days=365 * years)
        load(dataset, [row(day, start + timedelta(days=day), 1, country="FR") for day in range(365 * years)])
        recompute(dataset)
        load(dataset, [row(10_000, at("2025-06-02"), 1)])
        with django_assert_max_num_queries(40) as seen:
            recompute(dataset)
        counts.append(len(seen.captured_queries))

    assert counts[0] == counts[1]


def test_m2_a_month_of_zero_rows_after_deletion_has_no_bucket(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, **SUM)
    load(dataset, [row(1, at("2025-01-05"), 1), row(2, at("2025-02-06"), 2)])
    recompute(dataset)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM metrics_observation WHERE row_key = 'r1'")
        cursor.execute(
            "INSERT INTO metrics_rollupmark (organization_id, dataset_id, hour_start, marked_at) VALUES (%s, %s, %s, now())",
            [scope.pk, dataset.pk, at("2025-01-05")],
        )
    recompute(dataset)

    starts = Rollup.objects.filter(version_id=kpi.versions.get().pk, grain=GrainCode.MONTH)
    assert list(starts.values_list("bucket_start", flat=True)) == [at("2025-02-01", "00:00+00:00")]
    assert list(RollupCorrection.objects.values_list("before", "after")) == [(Decimal(1), None)]


def tree(kpi: Kpi, grain: Grain, moment: datetime) -> dict[int, Decimal | None]:
    period = period_of(grain, moment, Organization.objects.get().period_rule)
    column = KpiVersion.objects.get(kpi=kpi).dataset.columns.get(key="unit")
    parts = breakdown([kpi.pk], period, column.pk, by_department=True)[kpi.pk]
    return {part.key1: part.value for part in parts or ()}


def event() -> Event:
    return Event(1, "made.for_the_test", 1, "", None, {})
