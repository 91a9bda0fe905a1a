"""What a person is told."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from organization.tenancy import TenantForeignKey, TenantModel


class Notice(TenantModel):
    """One thing told to one member. Its words come from its kind (organization/notice_kinds.py) and its facts.

    `dedupe` makes telling twice tell once. Rows of one telling share `telling`. `done_at` is set when what it says is
    settled: then nobody need look any more, and no channel carries it.
    """

    recipient = TenantForeignKey("organization.Member", models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    dedupe = models.CharField(max_length=200)
    telling = models.UUIDField()
    by = TenantForeignKey("organization.Member", null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "recipient", "dedupe"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "recipient", "-id"], name="notice_of_recipient"),
            models.Index(
                fields=["organization", "recipient"],
                condition=models.Q(read_at=None, done_at=None),
                name="notice_unread",
            ),
            models.Index(
                fields=["organization", "subject_type", "subject_id"],
                condition=models.Q(done_at=None),
                name="notice_of_subject",
            ),
        ]
