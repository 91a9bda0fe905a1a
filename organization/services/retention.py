"""Forgetting what is old, by the days that the organization chose within the installation's limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.engine.audit_chain import changes
from organization.errors import DomainError
from organization.models import Organization, RetentionPeriod
from organization.queries.retention import chosen_days
from organization.retention import Rule, find, rules
from organization.services import audit
from organization.services.idempotency import organization_ids
from organization.tenancy import tenant_transaction
from organization.usecases import use_case

BATCH = 1_000
MOST_DAYS = 36_500


class OutOfLimits(DomainError):
    """The installation does not allow so many or so few days."""


@use_case("organization.settings.edit")
def set_retention(actor: Actor, organization: Organization, *, days: Mapping[str, int | None]) -> None:
    """Keep things as long as `days` says, by rule; None goes back to the installation's own. Raises OutOfLimits."""
    Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    before = {key: days_ for key, days_ in chosen_days().items() if key in days}
    for key, wanted in days.items():
        _check(find(key), wanted)
        if wanted is None:
            RetentionPeriod.objects.filter(rule=key).delete()
        else:
            RetentionPeriod.objects.update_or_create(rule=key, defaults={"days": wanted})
    changed = changes({key: before.get(key) for key in days}, days)
    if changed:
        audit.record(actor, "organization.organization.retention_set", organization, changed=changed)


def forget_old(*, as_of: datetime, keys: Collection[str] = (), batch: int = BATCH) -> None:
    """Delete what is older than it should be, in every organization, a transaction a batch. keys: only these rules."""
    wanted = [rule for rule in rules() if not keys or rule.key in keys]
    for organization_id in organization_ids():
        with tenant_transaction(organization_id):
            chosen = chosen_days()
        days = {rule.key: chosen.get(rule.key) or rule.most for rule in wanted}
        for rule in wanted:
            if days[rule.key]:
                _forget(organization_id, rule, as_of - timedelta(days=days[rule.key]), batch)


def _forget(organization_id: int, rule: Rule, before: datetime, batch: int) -> None:
    forgotten = batch
    while forgotten == batch:
        with tenant_transaction(organization_id):
            forgotten = rule.forget(before, batch)


def _check(rule: Rule, days: int | None) -> None:
    most = rule.most or MOST_DAYS
    if days is not None and not rule.least <= days <= most:
        raise OutOfLimits(
            _("Choose from %(least)s to %(most)s days.") % {"least": rule.least, "most": most}, field=rule.key
        )
