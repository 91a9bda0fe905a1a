"""Runs that start by themselves: a thousand at once, and a worker that dies among them."""

from __future__ import annotations

import os
import re
import signal
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone, translation

from organization.access import Actor
from organization.models import Organization
from organization.tenancy import tenant_context, tenant_transaction
from processes.models import Run, RunStep, StartPlan
from processes.services import plans
from tests.factories import make_actor
from tests.factories.processes import in_force, step, text
from tests.workers import celery_worker, wait_for

DAILY = {"rrule": "FREQ=DAILY", "at": "08:00", "starts_on": "2026-01-01"}


def make_plan(actor: Actor, organization: Organization, count: int = 1, length: int = 3) -> StartPlan:
    content = text(*(step(f"s{number}") for number in range(length)))
    plan = plans.make_plan(actor, in_force(actor, organization, content), name="Daily", rule=DAILY, runs_each=count)
    plan.next_at = timezone.now() - timedelta(minutes=1)
    plan.save(update_fields=["next_at"])
    return plan


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rule", [{}, {"rrule": "FREQ=HOURLY"}, DAILY | {"at": "25:00"}, DAILY | {"ends_on": "2020-01-01"}]
)
def test_p14_a_rule_that_never_comes_is_refused(owner: Actor, scope: Organization, rule: dict[str, Any]) -> None:
    sop = in_force(owner, scope)

    with pytest.raises(plans.BadPlan):
        plans.make_plan(owner, sop, name="Never", rule=rule)

    assert not StartPlan.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_p14_a_plan_starts_its_runs_once_and_again_only_at_its_next_time(organization: Organization) -> None:
    with tenant_context(organization.pk), transaction.atomic():
        plan = make_plan(make_actor("owner"), organization, 120)
    now = timezone.now()
    facts = {"organization_id": organization.pk, "plan_id": plan.pk}

    first = plans.run_plan(**facts, as_of=now)
    second = plans.run_plan(**facts, as_of=now)

    assert (first, second) == (120, 0)
    with tenant_transaction(organization.pk):
        plan.refresh_from_db()
        assert Run.objects.values_list("cause", flat=True).distinct().get() == "schedule"
        assert RunStep.objects.count() == 360
        assert plan.next_at is not None
        assert plan.next_at > now


@pytest.mark.django_db
def test_p14_a_rule_says_in_the_readers_language_why_it_cannot_be_followed(owner: Actor, scope: Organization) -> None:
    sop = in_force(owner, scope)

    with translation.override("zh-hans"), pytest.raises(plans.BadPlan) as refused:
        plans.make_plan(owner, sop, name="Never", rule={**DAILY, "rrule": "FREQ=HOURLY"})

    assert re.search(r"[\u4e00-\u9fff]", str(refused.value))


@pytest.mark.django_db(transaction=True)
def test_p14_a_plan_whose_rule_broke_stands_still_and_says_why(organization: Organization) -> None:
    with tenant_context(organization.pk), transaction.atomic():
        plan = make_plan(make_actor("owner"), organization, 5)
        StartPlan.objects.filter(pk=plan.pk).update(rule={"rrule": "FREQ=DAILY"})
    facts = {"organization_id": organization.pk, "plan_id": plan.pk}

    assert plans.run_plan(**facts, as_of=timezone.now()) == 0

    with tenant_transaction(organization.pk):
        plan.refresh_from_db()
        assert (plan.next_at, plan.slot_at) == (None, None)
        assert plan.problem == "Runs cannot start by this rule."


@pytest.mark.django_db(transaction=True)
def test_p14_a_plan_that_is_switched_off_starts_nothing_more_of_a_batch_under_way(organization: Organization) -> None:
    with tenant_context(organization.pk), transaction.atomic():
        actor = make_actor("owner")
        plan = make_plan(actor, organization, 120)
    facts = {"organization_id": organization.pk, "plan_id": plan.pk, "as_of": timezone.now()}
    first = plans.run_plan(**facts, most=1)
    with tenant_context(organization.pk), transaction.atomic():
        plans.switch_plan(actor, plan, is_active=False)

    assert 0 < first < 120
    assert plans.run_plan(**facts) == 0
    with tenant_transaction(organization.pk):
        assert Run.objects.count() == first
        plan.refresh_from_db()
        assert plan.slot_at is None


@pytest.mark.processes
@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_p14_a_worker_killed_in_the_middle_starts_no_run_twice_and_leaves_none_out(
    organization: Organization,
) -> None:
    count, length = 1_000, 30
    with tenant_context(organization.pk), transaction.atomic():
        plan = make_plan(make_actor("owner"), organization, count, length)

    def made() -> int:
        with tenant_transaction(organization.pk):
            return Run.objects.count()

    task = {"organization_id": organization.pk, "plan_id": plan.pk}
    with celery_worker("imports", OPS_TESTING="") as worker:
        current_app.send_task("processes.run_plan", kwargs=task, retry=False)
        wait_for(lambda: made() >= 100, "some runs are there")
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    half = made()
    with celery_worker("imports", OPS_TESTING=""):
        current_app.send_task("processes.run_plan", kwargs=task, retry=False)
        wait_for(lambda: made() >= count, "all runs are there", seconds=120)

    assert 0 < half < count
    with tenant_transaction(organization.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT external_id) FROM processes_run")
        assert cursor.fetchone() == (count, count)
        cursor.execute("SELECT count(*) FROM processes_runstep")
        assert cursor.fetchone() == (count * length,)
        plan.refresh_from_db()
        assert plan.slot_at is None
