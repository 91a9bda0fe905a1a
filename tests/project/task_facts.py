"""What each task is called with in the test that runs it twice. An app with tasks adds its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from organization.models import DomainEvent, EventDelivery, NoticeDelivery, Organization
from organization.tenancy import tenant_transaction


def nothing(organization: Organization) -> dict[str, Any]:
    """For tasks that find their own work."""
    return {}


def no_dataset(organization: Organization) -> dict[str, Any]:
    """A dataset that is gone when its turn comes."""
    return {"organization_id": organization.pk, "dataset_id": 1}


def no_batch(organization: Organization) -> dict[str, Any]:
    """An import that was undone before its turn came."""
    return {"organization_id": organization.pk, "batch_id": 1}


def no_source(organization: Organization) -> dict[str, Any]:
    """A source that was removed before its turn came."""
    return {"organization_id": organization.pk, "source_id": 1}


def no_plan(organization: Organization) -> dict[str, Any]:
    """A start plan that was deleted before its turn came."""
    return {"organization_id": organization.pk, "plan_id": 1}


def no_schedule(organization: Organization) -> dict[str, Any]:
    """A report that was deleted before its turn came."""
    return {"organization_id": organization.pk, "schedule_id": 1}


def no_run(organization: Organization) -> dict[str, Any]:
    """A run of a report that was deleted before its turn came."""
    return {"organization_id": organization.pk, "run_id": 1}


def delivery(organization: Organization) -> dict[str, Any]:
    token = uuid.uuid4()
    with tenant_transaction(organization.pk):
        event = DomainEvent.objects.create(name="twice", subject_type="t", subject_id=1, actor_kind="system")
        row = EventDelivery.objects.create(event=event, handler="nobody", token=token)
    return {"organization_id": organization.pk, "delivery_ids": [row.pk], "token": str(token)}


def closed_invitation(organization: Organization) -> dict[str, Any]:
    """An invitation that was revoked before its turn came."""
    return {"organization_id": organization.pk, "invitation_id": 1, "link_base": "http://testserver/"}


def notice_delivery(organization: Organization) -> dict[str, Any]:
    """A mail whose notice is read already."""
    token = uuid.uuid4()
    with tenant_transaction(organization.pk):
        row = NoticeDelivery.objects.create(channel="mail", key="twice", token=token)
    return {"organization_id": organization.pk, "delivery_ids": [row.pk], "token": str(token)}


def only_organization(organization: Organization) -> dict[str, Any]:
    """For tasks that look after a whole organization."""
    return {"organization_id": organization.pk}


TASKS: dict[str, Callable[[Organization], dict[str, Any]]] = {
    "automation.begin_report": no_schedule,
    "automation.send_report": no_run,
    "automation.sweep_reports": nothing,
    "metrics.follow_entries": nothing,
    "metrics.forget_deliveries": nothing,
    "metrics.forget_import_files": nothing,
    "metrics.recompute_dataset": no_dataset,
    "metrics.run_import": no_batch,
    "metrics.run_source": no_source,
    "metrics.sweep_imports": nothing,
    "metrics.sweep_marks": nothing,
    "metrics.sweep_sources": nothing,
    "processes.run_plan": no_plan,
    "processes.sweep_andon": nothing,
    "processes.sweep_plans": nothing,
    "processes.sweep_versions": nothing,
    "organization.carry_notices": notice_delivery,
    "organization.deliver": delivery,
    "organization.forget_keys": nothing,
    "organization.relay": nothing,
    "organization.remind": only_organization,
    "organization.sweep_reminders": nothing,
    "organization.send_invitation": closed_invitation,
}
