"""Two people who define formulas at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from metrics.errors import CircularFormula
from metrics.models import Kpi, KpiVersion
from metrics.services.kpis import DefinitionSpec, redefine_kpi
from organization.access import Actor
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization
from tests.factories.metrics import make_dataset, make_kpi

pytestmark = pytest.mark.django_db(transaction=True)


def test_m2_formulas_saved_at_once_do_not_lead_to_each_other() -> None:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        owner = make_actor("owner")
        dataset = make_dataset(owner, organization)
        first, second = (
            make_kpi(owner, organization, key=key, dataset=dataset, aggregation="count") for key in ("first", "second")
        )
    has_defined, outcomes = threading.Event(), dict[str, str]()

    def redefine(kpi: Kpi, formula: str, actor: Actor, *, holds: bool) -> Any:
        try:
            with tenant_transaction(organization.pk):
                if not holds:
                    has_defined.wait(10)
                redefine_kpi(actor, kpi, definition=DefinitionSpec(formula=formula), effective_on=None, why="")
                if holds:
                    has_defined.set()
                    threading.Event().wait(0.5)  # committed only after the other has begun
            outcomes[kpi.key] = "saved"
        except CircularFormula:
            outcomes[kpi.key] = "circular"
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=redefine, args=(first, "second * 2", owner), kwargs={"holds": True}),
        threading.Thread(target=redefine, args=(second, "first * 2", owner), kwargs={"holds": False}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert outcomes == {"first": "saved", "second": "circular"}  # by whom: who writes it down first is chance
    with tenant_transaction(organization.pk):
        assert KpiVersion.objects.filter(kind="formula").count() == 1
