"""What people are: the positions of an organization."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.models.base import Named, Stamped, Versioned
from organization.tenancy import TenantForeignKey, TenantModel


class Position(Named, Stamped, Versioned, TenantModel):
    """A position that members hold, such as "Store manager", in one department or wherever it is needed.

    One that nobody needs any more stands in the bin (`deleted_at`). One that was the same as another points to it by
    `merged_into`: the trail's older entries still find its name.
    """

    view_permission = "organization.position.view"

    department = TenantForeignKey(
        "organization.Department",
        null=True,
        blank=True,
        related_name="positions",
        verbose_name=_("Department"),
    )
    description = models.CharField(_("Description"), max_length=500, blank=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    merged_into = TenantForeignKey("self", null=True, editable=False, related_name="merged")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name", "department"],
                condition=models.Q(deleted_at=None),
                nulls_distinct=False,
                name="position_name",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(deleted_at__isnull=False),
                name="position_merged_is_gone",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "name_key", "id"], name="position_by_name"),
            models.Index(fields=["organization", "name_zh_key", "id"], name="position_by_name_zh"),
        ]
