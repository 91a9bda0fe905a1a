"""Who may set sources up, in which departments and organizations; and how long their deliveries are listed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from metrics.errors import SourceState
from metrics.models import Dataset, DataSource, SourceDelivery
from metrics.queries.sources import source_rows, sources_of
from metrics.services.sealing import seal, unseal
from metrics.services.source_run import forget_deliveries
from metrics.services.sources import create_source, remove_source, rotate_secret, run_now, settle_plan, switch_source
from organization.access import Actor, Grant
from organization.choices import ActorKind, Scope
from organization.errors import NotAllowed, NotVisible, OutOfReach
from organization.models import Department, Organization
from organization.tenancy import tenant_context, tenant_transaction
from tests.factories import make_actor, make_organization
from tests.factories.metrics import make_dataset
from tests.metrics.sourcing import ORDER_PLAN, make_webhook

pytestmark = pytest.mark.django_db


def webhook(actor: Actor, organization: Organization, dataset: Dataset | None) -> DataSource:
    return create_source(actor, organization, kind="webhook", name="Shop", dataset=dataset, settings={}, secret="x")


def below(organization: Organization, department: Department) -> Actor:
    """Somebody who manages the sources of one department."""
    grant = (Grant(Scope.BELOW, department.pk, department.path),)
    names = ("metrics.source.manage", "metrics.source.view", "metrics.dataset.view", "metrics.dataset.edit")
    return Actor(ActorKind.MEMBER, organization.pk, grants=dict.fromkeys(names, grant))


def test_o4_a_right_below_a_department_feeds_its_datasets_alone(owner: Actor, scope: Organization) -> None:
    sales = Department.objects.create(name="Sales", code="S", path="/1/")
    works = Department.objects.create(name="Works", code="W", path="/2/")
    ours = make_dataset(owner, scope, department=sales)
    theirs = make_dataset(owner, scope, department=works)
    foreign, _secret = make_webhook(owner, scope, theirs)
    narrow = below(scope, sales)

    source = settle_plan(narrow, webhook(narrow, scope, ours), plan=ORDER_PLAN)

    assert list(source_rows(narrow)) == [source]
    assert sources_of(narrow, theirs) == []
    before = DataSource.objects.count()
    with pytest.raises(NotVisible):
        webhook(narrow, scope, theirs)
    with pytest.raises(OutOfReach):
        webhook(narrow, scope, None)
    for act in (run_now, remove_source, lambda *a: switch_source(*a, is_enabled=False)):
        with pytest.raises(NotVisible):
            act(narrow, foreign)
    assert DataSource.objects.count() == before
    assert DataSource.objects.get(pk=foreign.pk).is_enabled


@pytest.mark.parametrize("role", ["manager", "auditor", "staff"])
def test_o4_who_may_not_manage_sources_changes_none(owner: Actor, scope: Organization, role: str) -> None:
    source, _secret = make_webhook(owner, scope, make_dataset(owner, scope))
    other = make_actor(role)
    before = DataSource.objects.values().get()

    for act in (
        lambda: webhook(other, scope, source.dataset),
        lambda: switch_source(other, source, is_enabled=False),
        lambda: rotate_secret(other, source, secret="y"),
        lambda: settle_plan(other, source, plan=ORDER_PLAN),
        lambda: remove_source(other, source),
    ):
        with pytest.raises((NotAllowed, NotVisible)):
            act()

    assert DataSource.objects.values().get() == before


def test_o4_sources_of_another_organization_are_not_there() -> None:
    ours, other = make_organization(), make_organization()
    with tenant_context(ours.pk):
        owner = make_actor("owner")
        source, _secret = make_webhook(owner, ours, make_dataset(owner, ours))
        delivery = SourceDelivery.objects.create(source=source, key="a")

    with tenant_context(other.pk):
        stranger = make_actor("owner")
        assert list(source_rows(stranger)) == []
        assert not SourceDelivery.objects.exists()
        for act in (remove_source, run_now, lambda *a: rotate_secret(*a, secret="y")):
            with pytest.raises(DataSource.DoesNotExist):
                act(stranger, source)

    with tenant_context(ours.pk):
        assert DataSource.objects.get().sealed == source.sealed
        assert SourceDelivery.objects.get() == delivery


def test_m5_steps_that_make_no_sense_are_refused(owner: Actor, scope: Organization) -> None:
    draft = webhook(owner, scope, None)

    with pytest.raises(SourceState):
        switch_source(owner, draft, is_enabled=True)
    with pytest.raises(SourceState):
        run_now(owner, draft)


def test_m5_what_is_sealed_is_never_twice_the_same_and_opens_again() -> None:
    assert seal("secret") != seal("secret")
    assert unseal(seal("密码 🔑")) == "密码 🔑"


def test_m5_an_earlier_secret_key_opens_what_it_closed(settings: Any) -> None:
    sealed = seal("secret")

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" + "2" * 48

    assert unseal(sealed) == "secret"


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_m5_old_deliveries_leave_the_list_in_every_organization_and_their_rows_stay(settings: Any) -> None:
    settings.SOURCE_LOG_DAYS = 30
    now = timezone.now()
    companies = [make_organization(), make_organization()]
    for company in companies:
        with tenant_transaction(company.pk):
            owner = make_actor("owner")
            source, _secret = make_webhook(owner, company, make_dataset(owner, company))
            for days in (1, 29, 31, 400):
                SourceDelivery.objects.create(source=source, key=str(days), begun_at=now - timedelta(days=days))

    forget_deliveries(as_of=now)
    forget_deliveries(as_of=now)

    for company in companies:
        with tenant_transaction(company.pk):
            assert set(SourceDelivery.objects.values_list("key", flat=True)) == {"1", "29"}
