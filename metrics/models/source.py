"""Sources: what feeds a dataset by itself, and what came of each delivery."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from metrics.choices import DeliveryStatus, SourceKind
from metrics.models.batch import ImportBatch
from metrics.models.dataset import Dataset
from organization.models.base import Named, Stamped
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class DataSource(Named, Stamped, TenantModel):
    """A webhook, a query that is asked again and again, or the organization's own events.

    dataset: none until its columns are settled, where it makes a dataset of its own. settings: what the kind needs.
    plan: of engine.source_plan. sample: what a plan is chosen by. sealed, old_sealed: of services.sealing.
    """

    view_permission = "metrics.source.view"
    department_lookup = "dataset__department"
    # Secrets are sealed with a key of the installation, and an address names its organization's number
    travel = Travel(
        inside={"settings": {}, "plan": {}, "sample": {}},
        arrives={
            "sealed": "''",
            "old_sealed": "''",
            "old_until": "NULL",
            "is_enabled": "false",
            "next_run_at": "NULL",
            "lease_until": "NULL",
        },
    )

    reference = models.CharField(max_length=20, editable=False)
    kind = models.CharField(_("Kind"), max_length=10, choices=SourceKind.choices)
    dataset = TenantForeignKey(Dataset, models.CASCADE, null=True, related_name="sources", verbose_name=_("Dataset"))
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    is_enabled = models.BooleanField(_("Switched on"), default=False)
    settings = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    sample = models.JSONField(default=dict)
    address = models.CharField(max_length=40, blank=True)
    sealed = models.TextField(blank=True)
    old_sealed = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True)
    cursor = models.CharField(max_length=40, blank=True)
    last_run_at = models.DateTimeField(_("Last delivery"), null=True)
    next_run_at = models.DateTimeField(_("Next run"), null=True)
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "reference"], name="source_reference"),
            models.UniqueConstraint(
                fields=["organization", "address"], condition=~models.Q(address=""), name="source_address"
            ),
        ]
        indexes = [
            models.Index(fields=["next_run_at"], condition=models.Q(next_run_at__isnull=False), name="source_due")
        ]


class SourceDelivery(TenantModel):
    """One call of a webhook, one run of a query, one batch of events.

    key: the sender's own id, or the slot of a run; the same key is the same delivery. refusals: the first refused rows,
    each with row, errors and what was sent. answer: what a webhook was told, told again when it repeats itself.
    """

    travel = Travel(inside={"refusals": {}, "answer": {}})

    source = TenantForeignKey(DataSource, models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("State"), max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.RUNNING)
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    batch = TenantForeignKey(ImportBatch, models.CASCADE, null=True, related_name="+")
    rows_read = models.BigIntegerField(_("Rows read"), default=0)
    rows_created = models.BigIntegerField(_("New"), default=0)
    rows_updated = models.BigIntegerField(_("Corrected"), default=0)
    rows_unchanged = models.BigIntegerField(_("Unchanged"), default=0)
    rows_refused = models.BigIntegerField(_("Refused"), default=0)
    rows_skipped = models.BigIntegerField(_("Left out"), default=0)
    refusals = models.JSONField(default=list)
    problem = models.TextField(blank=True)
    answer = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "source", "key"], name="delivery_key")]
        indexes = [models.Index(fields=["organization", "begun_at"], name="source_delivery_age")]


class WaitingEvent(TenantModel):
    """An own event that a source has still to take. Taken ones are gone."""

    source = TenantForeignKey(DataSource, models.CASCADE, related_name="waiting")
    event = TenantForeignKey("organization.DomainEvent", models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "source", "event"], name="waiting_event")]
