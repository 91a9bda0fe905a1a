"""Every write is a use case; every task may be delivered twice."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app

from organization.models import AuditEntry, DomainEvent, Organization
from organization.permissions import find
from organization.tenancy import tenant_transaction
from tests.factories import make_organization
from tests.project.task_facts import TASKS

APPS = ("organization", "metrics", "processes", "automation")
# Public functions that take an actor first and are no use case, each with its reason.
NO_USE_CASES = {
    "metrics.services.dashboards.check_panel": "judges a panel and writes nothing; setting it is the use case",
    "metrics.services.entry_work.follow_plan": "part of a use case: keeps work items and waiting in step with it",
    "metrics.services.import_plans.first_plan": "proposes a plan and writes nothing; running it is the use case",
    "metrics.services.kpis.check_formula": "judges a formula and writes nothing",
    "metrics.services.telling.tell_of_targets": "part of a use case: writes what people are told",
    "processes.services.sops.store": "part of a use case: writes the text of a draft that it holds",
    "processes.services.andon.close_calls": "part of a cancelled run",
    "processes.services.runs.begin": "part of a use case: writes the rows of new runs",
    "organization.services.audit.record": "part of a use case: writes its entry",
    "organization.services.events.emit": "part of a use case: writes its event",
    "organization.services.idempotency.once": "around a use case: remembers its answer",
    "organization.services.reminders.ask_for_official_days": "part of a task: opens and closes work by the calendars",
    "organization.services.absences.tell_deputies": "part of a task: tells who stands in from today",
    "organization.services.reminders.remind_of_work": "part of a task: tells of what is due",
    "organization.services.notices.tell": "part of a use case or handler: writes what people are told",
    "organization.services.reads.note_download": "part of a read that its view has authorized: writes the entry",
    "organization.services.reads.note_export": "part of a read that its view has authorized: writes the entry",
    "organization.services.role_preview.preview_grants": "makes the change by its use case and takes it back",
    "organization.services.roles.refuse_beyond": "judges what an actor may hand out and writes nothing",
    "organization.services.tokens.create_token": "calls a use case and adds the text that is never stored",
    "organization.services.work_items.close_item": "part of the use case that finished the work",
    "organization.services.work_items.open_item": "part of a use case or handler: writes what is owed",
    "organization.services.work_items.tell_of": "part of a use case or handler: writes what people are told",
}


def _services() -> Iterator[tuple[str, Callable[..., Any]]]:
    for app in APPS:
        package = importlib.import_module(f"{app}.services")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, function in vars(module).items():
                if inspect.isfunction(function) and function.__module__ == found.name and not name.startswith("_"):
                    yield f"{found.name}.{name}", function


SERVICES = dict(_services())


def test_o4_every_service_with_an_actor_is_a_use_case_of_a_declared_permission() -> None:
    open_services = set()
    for name, service in SERVICES.items():
        parameters = list(inspect.signature(service).parameters)
        if parameters[:1] == ["actor"]:
            codename = getattr(service, "permission", None)
            if codename is None:
                open_services.add(name)
            else:
                assert find(codename).codename == codename, name

    assert open_services == set(NO_USE_CASES)


def test_o4_every_use_case_takes_facts_by_keyword() -> None:
    loose = [
        name
        for name, service in SERVICES.items()
        if hasattr(service, "permission")
        and [p for p in inspect.signature(service).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD][2:]
    ]

    assert loose == []


def _our_tasks() -> set[str]:
    for app in APPS:
        importlib.import_module(f"{app}.tasks")
    return {name for name in current_app.tasks if name.partition(".")[0] in APPS}


def test_every_task_says_why_it_may_run_twice_and_has_limits() -> None:
    assert _our_tasks() == set(TASKS)
    for name in TASKS:
        task = current_app.tasks[name]
        assert "idempotent" in (task.run.__doc__ or "").lower(), name
        assert task.time_limit, name


@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_task_run_twice_changes_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda task, **_message: sent.append(task))
    organization = make_organization()
    facts = TASKS[name](organization)
    _our_tasks()
    task = current_app.tasks[name]

    task(**facts)
    once = _traces(organization)
    task(**facts)

    assert _traces(organization) == once


def _traces(organization: Organization) -> tuple[int, int]:
    with tenant_transaction(organization.pk):
        return AuditEntry.objects.count(), DomainEvent.objects.count()
