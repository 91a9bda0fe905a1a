"""What is owed by the plans of hand entry: the work items of those who enter, and since when a dataset waits."""

from __future__ import annotations

from datetime import datetime

from metrics.models import Dataset, EntryPlan
from metrics.queries.entries import owed
from metrics.queries.entry_words import NamedPeriod
from organization.access import Actor, system_actor
from organization.choices import Outcome
from organization.models import Organization
from organization.queries.work import open_items
from organization.services.idempotency import organization_ids
from organization.services.work_items import close_item, open_item
from organization.tenancy import tenant_transaction

KIND = "metrics.entry"
# Nobody is helped by a list of a hundred: the oldest ones come first, the others when these are done
MOST_OPEN = 12


def follow_plan(actor: Actor, plan: EntryPlan, *, as_of: datetime) -> None:
    """Make work items and the dataset's waiting say what is owed now; part of a use case, in its transaction.

    A period is owed from its end on. Entered and waived ones are closed; those of a plan that is not in use, or that
    somebody else has now, are dropped.
    """
    rule = Organization.objects.get(pk=plan.organization_id).period_rule
    missing = owed([plan], as_of=as_of, rule=rule).get(plan.pk, []) if plan.is_active else []
    ended = {period.first_on.isoformat(): (period, due) for period, due in missing if period.end <= as_of}
    open_till: dict[str, datetime | None] = {}
    for item in open_items(plan, kind=KIND):
        is_theirs = (item.owner_id, item.role_id) == (plan.member_id, plan.role_id)
        if item.occasion not in ended or not is_theirs:
            outcome = Outcome.DONE if plan.is_active and is_theirs else Outcome.DROPPED
            close_item(actor, kind=KIND, subject=plan, occasion=item.occasion, outcome=outcome)
        else:
            open_till[item.occasion] = item.due_at
    for occasion, (period, due) in list(ended.items())[:MOST_OPEN]:
        if open_till.get(occasion) == due:
            continue
        open_item(
            actor,
            kind=KIND,
            subject=plan,
            owner=plan.member,
            role=plan.role,
            department=plan.department,
            due_at=due,
            occasion=occasion,
            facts={"figures": plan.dataset, "period": NamedPeriod.of(period, rule)},
        )
    awaited_at = missing[0][1] if missing else None
    if plan.dataset.awaited_at != awaited_at:
        plan.dataset.awaited_at = awaited_at
        Dataset.objects.filter(pk=plan.dataset_id).update(awaited_at=awaited_at)


def follow_plans(*, as_of: datetime) -> None:
    """Do so for every plan of every organization: periods end and fall due by themselves."""
    for organization_id in organization_ids():
        with tenant_transaction(organization_id):
            actor = system_actor(organization_id, "entry_due")
            plans = EntryPlan.objects.select_related("dataset__department", "member__department", "role", "department")
            for plan in plans.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
                follow_plan(actor, plan, as_of=as_of)
