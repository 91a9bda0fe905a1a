"""Whatever a panel draws leads to the rows that make it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from organization.models import Organization
from tests.metrics.desk import MONTHS, NOW, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(organization: Organization) -> Desk:
    return Desk(organization)


def test_m14_cells_of_cohorts_lead_to_the_rows_of_their_members(desk: Desk) -> None:
    figure = desk.figure(desk.lay_out("cohort", desk.customer))

    january, february, _march = figure.drawing.lines[-3:]
    # Ada and Bob came first in January, Ada again in February and in March; Cleo and Dan in February, Cleo again in March
    for url, names, rows in (
        (january.url, {"Ada", "Bob"}, 2),
        (january.cells[0].url, {"Ada"}, 1),
        (january.cells[1].url, {"Ada"}, 1),
        (february.url, {"Cleo", "Dan"}, 2),
        (february.cells[0].url, {"Cleo"}, 1),
    ):
        answer = desk.client.get(url)
        number = answer.context["number"]
        assert number.value == number.recomputed.value == len(names)
        assert number.recomputed.count == rows
        assert {row[desk.customer.slot] for row in answer.context["table"].rows} == names
    assert ("First in", "Jan 2026") in [
        (name, text) for name, text in desk.client.get(january.url).context["number"].facts
    ]


def test_m14_the_cohorts_of_a_filtered_board_lead_to_filtered_rows(desk: Desk) -> None:
    figure = desk.figure(desk.lay_out("cohort", desk.customer), **{"only.country": "France"})

    january = figure.drawing.lines[-3]

    assert january.size == "1"
    assert desk.client.get(january.url).context["number"].recomputed.value == 1


@pytest.mark.parametrize("query", ["cohort=x&born=2026-01-01", "cohort=1&born=x", "cohort=999999999&born=2026-01-01"])
def test_m14_a_broken_cohort_is_a_404(desk: Desk, query: str) -> None:
    address = reverse("metrics:kpi-rows", args=[desk.kpi.pk])

    assert desk.client.get(f"{address}?grain=month&start=2026-02-01&{query}").status_code == 404


def test_m14_the_others_lead_to_the_rows_that_belong_to_no_shown_part(desk: Desk) -> None:
    dashboard = desk.lay_out("stacked", desk.customer, settings=MONTHS | {"parts": 2}, kpi=desk.kpi_of(
        aggregation="sum", expression="revenue", breakdowns=[("customer",), ("country",)]
    ))  # fmt: skip

    for query in ({}, {"only.country": ["Spain", "France"]}):
        *_shown, others = json.loads(desk.figure(dashboard, **query).payload)["data"]
        for value, (_text, url) in zip(others["y"], others["customdata"], strict=True):
            number = desk.client.get(url).context["number"]
            assert float(number.recomputed.value) == float(number.value) == value
        if not query:
            assert others["y"] == [0.0, 40.0, 5.0]


def test_m14_parts_of_a_filtered_panel_lead_to_rows_though_the_pair_was_not_declared(desk: Desk) -> None:
    kpi = desk.kpi_of(aggregation="sum", expression="revenue", breakdowns=[("customer",), ("country",)])
    dashboard = desk.lay_out("breakdown", desk.customer, settings=MONTHS, kpi=kpi)

    (trace,) = json.loads(desk.figure(dashboard, **{"only.country": "Spain"}).payload)["data"]

    assert trace["x"] == [30.0]
    for value, (_text, url) in zip(trace["x"], trace["customdata"], strict=True):
        number = desk.client.get(url).context["number"]
        assert float(number.recomputed.value) == float(number.value) == value
