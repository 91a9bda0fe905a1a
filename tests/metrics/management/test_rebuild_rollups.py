"""The command that computes rollups anew, or holds them against what a new computation gives."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from metrics.choices import GrainCode
from metrics.models import Dataset, Rollup
from metrics.services import rollups
from organization.models import Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization
from tests.factories.metrics import at, load, make_dataset, make_kpi

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])


@pytest.fixture
def company() -> Organization:
    return make_organization()


@pytest.fixture
def dataset(company: Organization) -> Dataset:
    with tenant_transaction(company.pk):
        actor = make_actor("owner")
        made = make_dataset(actor, company)
        make_kpi(actor, company, dataset=made, aggregation="sum", expression="quantity")
        load(made, [{"id": f"r{day}", "at": at(f"2025-01-0{day}"), "quantity": day} for day in (5, 6)])
    assert rollups.recompute_dataset(company.pk, made.pk)
    return made


def stored(company: Organization) -> list[tuple[object, ...]]:
    with tenant_transaction(company.pk):
        return list(Rollup.objects.order_by("grain", "bucket_start").values_list("grain", "bucket_start", "sum"))


def test_m2_the_check_finds_a_wrong_a_missing_and_a_surplus_bucket_and_changes_nothing(
    company: Organization, dataset: Dataset
) -> None:
    right = stored(company)
    with tenant_transaction(company.pk):
        day = Rollup.objects.filter(grain=GrainCode.DAY)
        day.filter(bucket_start=at("2025-01-05", "00:00+00:00")).update(sum=6)
        day.filter(bucket_start=at("2025-01-06", "00:00+00:00")).update(bucket_start=at("2025-01-09", "00:00+00:00"))
    wrong, output = stored(company), StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("rebuild_rollups", organization=company.slug, check=True, stdout=output)
    assert ended.value.code == 1
    assert output.getvalue().count("day 2025-01-0") == 3
    assert "stored (1,6,,5,5,,,), computed (1,5,,5,5,,,)" in output.getvalue()
    assert stored(company) == wrong

    call_command("rebuild_rollups", organization=company.slug, stdout=output)
    call_command("rebuild_rollups", organization=company.slug, check=True, dataset=dataset.key, stdout=output)
    assert output.getvalue().endswith(f"{dataset.key}: equal\n")
    assert stored(company) == right


def test_m2_marks_that_wait_are_no_difference_and_stay(company: Organization, dataset: Dataset) -> None:
    with tenant_transaction(company.pk):
        load(dataset, [{"id": "late", "at": at("2025-01-05"), "quantity": 100}])
    before = stored(company)

    assert rollups.check_dataset(company.pk, dataset.pk) == []
    assert stored(company) == before
    assert rollups.recompute_dataset(company.pk, dataset.pk)
    assert stored(company) != before


@pytest.mark.parametrize("facts", [{"organization": "nobody"}, {"dataset": "nothing"}])
def test_m2_an_unknown_name_is_said(company: Organization, facts: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("rebuild_rollups", **({"organization": company.slug} | facts))
