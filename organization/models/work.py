"""What a person or a role owes."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.choices import Outcome
from organization.models.base import Versioned
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class WorkItem(Versioned, TenantModel):
    """Something owed on an object, by one member or by whoever bears a role, until it is closed.

    `kind` names its words (organization/work_kinds.py), which `facts` fill in the reader's language. `occasion` tells
    several of one kind on one object apart, such as the periods of a KPI. `department` is the owner's, or narrows the
    role. `url` is where it is finished.
    """

    view_permission = "organization.work.view"
    owner_lookup = "owner_id"
    department_lookup = "department"
    travel = Travel(numbers={"source_id": "@source_type"}, inside={"facts": "@source_type"}, urls={"url": "source_id"})

    kind = models.CharField(max_length=100)
    occasion = models.CharField(max_length=100, blank=True)
    source_type = models.CharField(max_length=100)
    source_id = models.BigIntegerField()
    facts = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    owner = TenantForeignKey("organization.Member", null=True, related_name="work_items", verbose_name=_("Owner"))
    role = TenantForeignKey("organization.Role", models.CASCADE, null=True, related_name="+", verbose_name=_("Role"))
    department = TenantForeignKey(
        "organization.Department", models.SET_NULL, null=True, related_name="+", verbose_name=_("Department")
    )
    due_at = models.DateTimeField(_("Due"), null=True)
    is_provisional = models.BooleanField(default=False)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    outcome = models.CharField(max_length=10, blank=True, choices=Outcome.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "source_type", "source_id", "occasion", "owner"],
                condition=models.Q(closed_at=None, owner__isnull=False),
                name="work_open_of_owner",
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "source_type", "source_id", "occasion", "role", "department"],
                condition=models.Q(closed_at=None, owner=None),
                nulls_distinct=False,
                name="work_open_of_role",
            ),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False) | models.Q(role__isnull=False), name="work_is_owed"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, outcome="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(outcome="")),
                name="work_closed_with_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "owner", "due_at"], condition=models.Q(closed_at=None), name="work_of_owner"
            ),
            models.Index(
                fields=["organization", "role"], condition=models.Q(closed_at=None, owner=None), name="work_of_role"
            ),
            models.Index(fields=["organization", "source_type", "source_id"], name="work_of_source"),
            models.Index(fields=["organization", "due_at"], condition=models.Q(closed_at=None), name="work_by_due"),
        ]
