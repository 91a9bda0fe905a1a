"""The headline: the newest complete period, or the reason why there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

import pytest

from metrics.choices import GrainCode
from metrics.models import Kpi
from metrics.queries.headlines import Answer, Headline
from metrics.queries.kpi_page import KpiPage, kpi_page, kpis_for_page
from metrics.queries.periods import Asked
from metrics.services.kpis import DefinitionSpec, redefine_kpi
from metrics.services.targets import TargetSpec, set_targets
from organization.access import Actor
from organization.engine.periods import Grain
from organization.models import Organization
from tests.metrics.helpers import make_shop, order, recompute

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
WEEK = Asked("last-7-days")


def page_of(owner: Actor, organization: Organization, kpi: Kpi, asked: Asked = WEEK, as_of: datetime = NOW) -> KpiPage:
    found = kpis_for_page(owner).get(pk=kpi.pk)
    return kpi_page(owner, found, asked, as_of=as_of, rule=organization.period_rule, currency="CNY")


def shop(owner: Actor, organization: Organization, last: str, days: int = 20, **values: Any) -> Kpi:
    """Revenue of 1, 2, 3 ... on the days up to `last`."""
    end = date.fromisoformat(last)
    rows = [order(i, (end - timedelta(days=days - i)).isoformat(), i) for i in range(1, days + 1)]
    return make_shop(owner, organization, rows, **values)[1]


def said(made: Headline) -> tuple[Answer, Decimal | None, str]:
    return made.answer, made.value, made.period_label


def test_m6_running_day_is_never_the_answer(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2026-03-11")

    page = page_of(owner, scope, kpi)

    assert said(page.headline) == (Answer.VALUE, Decimal(19), "10 Mar 2026")
    assert page.shown.running is not None
    assert page.headline.relative == Context(prec=34).divide(Decimal(1), Decimal(18))
    assert page.headline.base_label == "against 9 Mar 2026"


def test_m6_day_that_is_not_due_yet_gives_way_to_the_one_before(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2026-03-09")

    assert said(page_of(owner, scope, kpi).headline) == (Answer.VALUE, Decimal(20), "9 Mar 2026")


@pytest.mark.parametrize(
    ("as_of", "answer"),
    [
        (datetime(2026, 3, 12, 0, 0, tzinfo=UTC), Answer.VALUE),
        (datetime(2026, 3, 12, 0, 0, 1, tzinfo=UTC), Answer.STALE),
    ],
)
def test_m6_past_due_says_since_when_in_place_of_the_number(
    scope: Organization, owner: Actor, as_of: datetime, answer: Answer
) -> None:
    kpi = shop(owner, scope, "2026-03-09", due_hours=24)

    made = page_of(owner, scope, kpi, as_of=as_of).headline

    assert made.answer is answer
    if answer is Answer.STALE:
        assert (made.value, made.words, made.status.level) == (None, "No value since 9 Mar 2026", "bad")


def test_m6_settled_period_is_shown_though_the_feed_has_stopped(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2026-02-20")
    asked = Asked("custom", first_on=date(2026, 2, 10), last_on=date(2026, 2, 15))

    assert said(page_of(owner, scope, kpi, asked).headline) == (Answer.VALUE, Decimal(15), "15 Feb 2026")


def test_m6_month_whose_data_breaks_off_is_not_the_answer(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2026-02-27", days=80, due_hours=24 * 60)
    asked = Asked("last-12-months", grain=Grain.MONTH)

    made = page_of(owner, scope, kpi, asked, as_of=datetime(2026, 3, 1, 5, tzinfo=UTC)).headline

    assert (made.answer, made.period_label) == (Answer.VALUE, "Jan 2026")


def test_m6_range_without_a_complete_period_says_so(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2026-03-11")

    made = page_of(owner, scope, kpi, Asked("today")).headline

    assert (made.answer, made.words, made.value) == (Answer.NO_COMPLETE_PERIOD, "No complete period here", None)


def test_m6_kpi_without_any_row_has_no_data_yet(scope: Organization, owner: Actor) -> None:
    kpi = make_shop(owner, scope, [])[1]

    page = page_of(owner, scope, kpi)

    assert (page.headline.answer, page.chart, page.breakdowns) == (Answer.NO_DATA, None, [])


def test_m6_history_is_looked_back_from_its_end_and_says_so(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2011-12-09", days=60, grain=GrainCode.MONTH)

    page = page_of(owner, scope, kpi, Asked("last-12-months"))

    assert (page.shown.is_anchored, page.newest_words) == (True, "9 Dec 2011")
    assert said(page.headline) == (Answer.VALUE, Decimal(sum(range(22, 52))), "Nov 2011")


def test_m3_status_is_by_the_target_of_that_very_period(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2026-03-11")
    set_targets(
        owner,
        kpi,
        grain=GrainCode.DAY,
        targets=[TargetSpec(date(2026, 1, 1), Decimal(10)), TargetSpec(date(2026, 3, 10), Decimal(20))],
        warning_margin=Decimal("0.05"),
    )

    page = page_of(owner, scope, kpi)

    assert (page.headline.status.level, page.tile.target_text, page.attainment) == ("watch", "20", Decimal("0.95"))


def test_change_against_the_time_before_is_position_by_position(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2026-03-11")

    made = page_of(owner, scope, kpi, Asked("last-7-days", comparison="previous")).headline

    # 10 March has 19; seven days earlier, 3 March, has 12
    assert made.change is not None
    assert (made.change.base, made.base_label) == (Decimal(12), "against 3 Mar 2026")


def test_m1_new_version_counts_from_its_day_and_is_marked(scope: Organization, owner: Actor) -> None:
    kpi = shop(owner, scope, "2026-03-11")
    dataset = kpi.versions.get().dataset
    assert dataset is not None
    spec = DefinitionSpec(dataset=dataset, aggregation="sum", expression="revenue * 10")
    redefine_kpi(owner, kpi, definition=spec, effective_on=date(2026, 3, 8), why="Tenfold")
    recompute(dataset)

    page = page_of(owner, scope, kpi)

    assert page.chart is not None
    assert page.chart.payload is not None
    assert '"y":[14.0,15.0,16.0,170.0,180.0,190.0]' in page.chart.payload
    assert "Version 2" in page.chart.payload
    assert [(version.number, version.is_current, version.why) for version in page.versions] == [
        (2, True, "Tenfold"),
        (1, False, ""),
    ]
    # The newest version has no breakdowns, so there is nothing to split by any more
    assert page.breakdowns == []


def test_breakdown_of_the_headline_adds_up_to_it(scope: Organization, owner: Actor) -> None:
    rows = [order(i, "2026-03-10", i, country) for i, country in enumerate(["France", "Spain", None, "France"], 1)]
    kpi = make_shop(owner, scope, [*rows, order(9, "2026-03-11", 1)])[1]

    page = page_of(owner, scope, kpi)
    country = page.breakdowns[0]

    assert page.headline.value == 10
    assert [(bar.name, bar.value, bar.share) for bar in country.bars] == [
        ("France", Decimal(5), Decimal("0.5")),
        ("(none)", Decimal(3), Decimal("0.3")),
        ("Spain", Decimal(2), Decimal("0.2")),
    ]
    assert sum(bar.value for bar in country.bars if bar.value) == page.headline.value
