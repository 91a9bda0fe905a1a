"""Formulas on formulas: as deep as every page can compute them, and no deeper."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from metrics.errors import BadDefinition
from metrics.models import Kpi
from metrics.services import rollups
from metrics.services.kpis import MOST_LEVELS, DefinitionSpec, redefine_kpi
from organization.access import Actor
from organization.models import Organization
from tests.factories import make_member
from tests.factories.metrics import at, load, make_dataset, make_kpi
from tests.metrics.helpers import client_of

pytestmark = pytest.mark.django_db
TOO_DEEP = "Formulas that use formulas go at most 20 levels deep."


def tower(owner: Actor, scope: Organization, name: str, height: int, formula: str = "{} + 1") -> list[Kpi]:
    """A counted KPI and formulas, each upon the one before, `height` in all."""
    dataset = make_dataset(owner, scope)
    load(dataset, [{"at": at("2026-01-05"), "id": 1, "quantity": 2, "price": 3}])
    made = [make_kpi(owner, scope, key=f"{name}_1", dataset=dataset, aggregation="sum", expression="quantity")]
    for level in range(2, height + 1):
        made.append(make_kpi(owner, scope, key=f"{name}_{level}", formula=formula.format(made[-1].key)))
    rollups.recompute_dataset(scope.pk, dataset.pk)
    return made


def test_m2_a_formula_beyond_the_deepest_level_is_refused(scope: Organization, owner: Actor) -> None:
    made = tower(owner, scope, "k", MOST_LEVELS)

    with pytest.raises(BadDefinition, match=TOO_DEEP):
        make_kpi(owner, scope, key="beyond", formula=f"{made[-1].key} + 1")

    assert not Kpi.objects.filter(key="beyond").exists()


def test_m2_towers_are_not_put_upon_each_other_from_below(scope: Organization, owner: Actor) -> None:
    upper, _lower = tower(owner, scope, "u", 11), tower(owner, scope, "l", 11)

    with pytest.raises(BadDefinition, match=TOO_DEEP):
        redefine_kpi(
            owner, upper[1], definition=DefinitionSpec(formula="l_11 + 1"), effective_on=date(2026, 1, 1), why="x"
        )
    redefine_kpi(owner, upper[1], definition=DefinitionSpec(formula="l_10 + 1"), effective_on=date(2026, 1, 1), why="x")

    assert upper[1].versions.count() == 2


def test_m2_the_highest_tower_of_the_deepest_formulas_has_its_pages(scope: Organization, owner: Actor) -> None:
    made = tower(owner, scope, "k", MOST_LEVELS, formula="abs(" * 38 + "{}" + ")" * 38)
    client = client_of(make_member("owner"))

    pages = [
        reverse("metrics:kpi-detail", args=[made[-1].pk]),
        reverse("metrics:kpi-rows", args=[made[-1].pk]),
        reverse("metrics:kpi-list"),
    ]

    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
