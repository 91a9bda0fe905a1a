"""What was known at an instant, after everything has changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from metrics.choices import Aggregation, GrainCode
from metrics.models import Dataset, ImportBatch, Kpi
from metrics.queries.known_facts import restore_known
from metrics.queries.known_on import KnownOn, known_on
from metrics.queries.series import Ask, Reader, Window, reader_of, series, window
from metrics.queries.targets import book_of, target_rows
from metrics.services.import_undo import take_back, take_out
from metrics.services.kpis import DefinitionSpec, change_kpi, redefine_kpi
from metrics.services.targets import TargetSpec, set_targets
from organization.access import Actor
from organization.engine.periods import Grain, Period, periods
from organization.models import Organization
from organization.services.departments import create_department
from tests.factories.metrics import at, load, make_dataset, make_kpi
from tests.metrics.helpers import order, recompute, statements

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
SPLITS = [("country",), ("unit",), ("country", "customer")]
KINDS: dict[str, dict[str, Any]] = {
    Aggregation.SUM: {"expression": "revenue"},
    Aggregation.COUNT: {},
    Aggregation.AVERAGE: {"expression": "price"},
    Aggregation.MINIMUM: {"expression": "price"},
    Aggregation.MAXIMUM: {"expression": "price"},
    Aggregation.FIRST: {"expression": "price"},
    Aggregation.LAST: {"expression": "price"},
    Aggregation.DISTINCT: {"subject": "customer"},
    Aggregation.REPEAT: {"subject": "customer", "occasion": "invoice"},
    Aggregation.MEDIAN: {"expression": "price"},
    Aggregation.PERCENTILE: {"expression": "price", "percentile": Decimal(90)},
}


def now_known() -> KnownOn:
    """What is known at this very moment."""
    return KnownOn(timezone.now(), timezone.localdate())


def rows(count: int = 40, *, first: int = 0) -> list[dict[str, Any]]:
    """Orders over four months: several customers, countries and departments, prices with cents."""
    return [
        order(
            number,
            f"2026-{number % 4 + 1:02}-{number * 7 % 27 + 1:02}",
            f"{number * 37 % 91 + 1}.{number % 10}5",
            ("France", "Chile", None)[number % 3],
            customer=f"c{number % 5}",
            invoice=f"i{number}",
            unit=("A", "B")[number % 2],
        )
        for number in range(first, first + count)
    ]


def stretch(organization: Organization, grain: Grain) -> list[Period]:
    return periods(grain, START, END, organization.period_rule)


def figures(organization: Organization, kpis: list[Kpi], known: KnownOn | None = None) -> dict[Any, Any]:
    """Every number there is of the KPIs: by grain, with comparison, whole and by each way of splitting."""
    reader = reader_of([kpi.pk for kpi in kpis], known)
    found: dict[Any, Any] = {}
    for kpi in kpis:
        extent = reader.extent(kpi.pk)
        found[kpi.key] = (extent.first_at, extent.last_at, extent.is_computing)
        for grain in (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER):
            view = window(stretch(organization, grain), "previous", organization.period_rule)
            ask = Ask(kpi.pk, view)
            reader.load([ask])
            one = reader.series(ask)
            found[kpi.key, grain] = (one.values, one.compared, one.counts, one.versions)
        for period in stretch(organization, Grain.MONTH):
            for column in reader.columns(kpi.pk):
                split = Ask(kpi.pk, Window((period,)), split=column.split)
                reader.load([split])
                found[kpi.key, period.start, column.key, column.by_department] = reader.parts(split)
    return found


def shop(owner: Actor, organization: Organization) -> tuple[Dataset, list[Kpi]]:
    """Orders with a KPI of every kind, and a formula."""
    for code in ("A", "B"):
        create_department(owner, organization, name=code, code=code)
    dataset = make_dataset(owner, organization)
    kpis = [
        make_kpi(owner, organization, key=f"k-{kind}", dataset=dataset, aggregation=kind, breakdowns=SPLITS, **more)
        for kind, more in KINDS.items()
    ]
    kpis.append(make_kpi(owner, organization, key="ratio", formula="`k-sum` / `k-count`"))
    return dataset, kpis


def test_m4_as_known_before_equals_the_numbers_of_then_to_the_last_digit(scope: Organization, owner: Actor) -> None:
    dataset, kpis = shop(owner, scope)
    load(dataset, rows())
    recompute(dataset)
    before = figures(scope, kpis)
    known = now_known()

    # Late rows, corrections of rows to other days and places, removals, an undone import and a new definition.
    load(dataset, rows(20, first=40))
    load(dataset, [row | {"price": Decimal("1.001"), "country": "Peru", "at": at("2026-02-11")} for row in rows(15)])
    take_out(dataset, actor=owner, row_keys=["o20", "o21", "o41"])
    redefine_kpi(owner, kpis[0], definition=DefinitionSpec(dataset, "count"), effective_on=None, why="Counted instead")
    recompute(dataset)
    after = figures(scope, kpis)

    assert figures(scope, kpis, known) == before
    assert figures(scope, kpis, now_known()) == after
    assert before != after


def test_m4_undoing_and_redoing_leaves_every_moment_as_it_was(scope: Organization, owner: Actor) -> None:
    dataset, kpis = shop(owner, scope)
    load(dataset, rows())
    moments = []

    def note() -> None:
        recompute(dataset)
        moments.append((now_known(), figures(scope, kpis)))

    note()
    load(dataset, [row | {"price": Decimal(5)} for row in rows(10)])
    corrected = ImportBatch.objects.latest("pk")
    note()
    take_back(corrected)
    note()
    load(dataset, [row | {"price": Decimal(6)} for row in rows(5)])
    again = ImportBatch.objects.latest("pk")
    note()
    removed = take_out(dataset, actor=owner, row_keys=["o1", "o30"])
    note()
    take_back(removed)
    note()
    take_back(again)
    note()

    assert [figures(scope, kpis, known) for known, _ in moments] == [numbers for _, numbers in moments]
    assert moments[0][1] == moments[2][1] == moments[6][1]
    assert len({str(numbers) for _, numbers in moments}) == 4


def test_m4_rows_without_a_key_are_known_from_their_load_to_their_undoing(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope, row_key="content")
    kpi = make_kpi(owner, scope, dataset=dataset, aggregation="sum", expression="quantity")
    load(dataset, rows(10))
    first = now_known()
    load(dataset, rows(5, first=10))
    late = ImportBatch.objects.latest("pk")
    second = now_known()
    take_back(late)
    months = window(stretch(scope, Grain.QUARTER)[:1], "", scope.period_rule)

    found = [series([kpi.pk], months, known=known)[kpi.pk].values for known in (first, second, now_known())]

    assert found == [[Decimal(8)], [Decimal(12)], [Decimal(8)]]


def test_m4_before_the_first_load_nothing_was_known(scope: Organization, owner: Actor) -> None:
    dataset, kpis = shop(owner, scope)
    known = now_known()
    load(dataset, rows())
    recompute(dataset)

    reader = reader_of([kpis[0].pk], known)
    ask = Ask(kpis[0].pk, Window(tuple(stretch(scope, Grain.MONTH))))
    reader.load([ask])

    assert reader.extent(kpis[0].pk).last_at is None
    assert reader.series(ask).values == [None] * 4


def test_m4_where_older_states_were_not_kept_no_number_is_given(scope: Organization, owner: Actor) -> None:
    dataset, kpis = shop(owner, scope)
    load(dataset, rows())
    known = now_known()
    Dataset.objects.filter(pk=dataset.pk).update(known_since=timezone.now())

    reader = reader_of([kpis[0].pk], known)
    ask = Ask(kpis[0].pk, Window(tuple(stretch(scope, Grain.MONTH))))
    reader.load([ask])

    assert not reader.extent(kpis[0].pk).is_kept
    assert reader.series(ask).values == [None] * 4
    assert reader_of([kpis[0].pk], now_known()).extent(kpis[0].pk).is_kept


def test_m4_targets_and_attributes_are_those_of_then(scope: Organization, owner: Actor) -> None:
    dataset = make_dataset(owner, scope)
    kpi = make_kpi(owner, scope, dataset=dataset, aggregation="count")
    months = {"grain": GrainCode.MONTH, "warning_margin": Decimal("0.1")}
    set_targets(owner, kpi, targets=[TargetSpec(date(2026, 1, 1), Decimal(10))], **months)
    set_targets(owner, kpi, targets=[TargetSpec(date(2026, 3, 1), Decimal(20))], **months)
    before = _targets(kpi)
    known = now_known()

    set_targets(owner, kpi, targets=[TargetSpec(date(2026, 1, 1), Decimal(99))], **months)
    set_targets(owner, kpi, targets=[TargetSpec(date(2026, 3, 1))], **months)
    set_targets(owner, kpi, targets=[TargetSpec(date(2026, 5, 1), Decimal(30))], **months)
    change_kpi(owner, kpi, version=1, direction="lower", decimals=3)
    kpi.refresh_from_db()
    today = _targets(kpi)
    found = restore_known([kpi], {kpi.pk: today}, known)[kpi.pk]

    assert [row["value"] for row in today] == ["99.000000", "30.000000"]
    assert (kpi.direction, kpi.decimals) == ("higher", 0)
    assert (
        _numbers(kpi, found)
        == _numbers(kpi, before)
        == [
            (date(2026, 1, 1), Decimal(10), Decimal("0.1"), "relative"),
            (date(2026, 3, 1), Decimal(20), Decimal("0.1"), "relative"),
        ]
    )


def test_m4_the_end_of_a_day_is_the_organizations_own() -> None:
    assert known_on(date(2026, 10, 31), "Asia/Shanghai").at == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert known_on(date(2026, 10, 25), "Europe/Berlin").at == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_m4_knowing_costs_the_same_for_any_number_of_periods(scope: Organization, owner: Actor) -> None:
    dataset, kpis = shop(owner, scope)
    load(dataset, rows())
    known = now_known()

    for count in (1, 10):
        days = window(stretch(scope, Grain.DAY)[:count], "", scope.period_rule)
        with statements(7):
            series([kpis[0].pk], days, known=known)


def test_m4_today_reads_rollups_and_no_rows() -> None:
    assert type(reader_of([])) is Reader


def _targets(kpi: Kpi) -> list[dict[str, Any]]:
    return Kpi.objects.annotate(target_rows=target_rows()).get(pk=kpi.pk).target_rows


def _numbers(kpi: Kpi, found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row.starts_on, row.value, row.warning_margin, row.margin_kind) for row in book_of(kpi, found).rows]
