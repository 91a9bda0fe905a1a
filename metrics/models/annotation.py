"""Annotations: what happened, told on every chart that it explains."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from metrics.choices import AnnotationKind
from metrics.models.kpi import Kpi
from organization.models.base import Stamped, Versioned
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class Annotation(Stamped, Versioned, TenantModel):
    """A note from `starts_at` (until `ends_at`): on one KPI, on all of a department and below, or on every KPI.

    subject_type, subject_id: the object that it links to, as links name theirs. source_key: the same event of the system
    is the same note. A removed one stays for a while, so that removing can be undone, and for pages as known before.
    """

    travel = Travel(numbers={"subject_id": "@subject_type"})

    kpi = TenantForeignKey(
        Kpi, models.CASCADE, null=True, blank=True, related_name="annotations", verbose_name=_("KPI")
    )
    department = TenantForeignKey(
        "organization.Department",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Department"),
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=AnnotationKind.choices, default=AnnotationKind.NOTE)
    text = models.CharField(_("What happened"), max_length=300)
    starts_at = models.DateTimeField(_("From"))
    ends_at = models.DateTimeField(_("Until"), null=True, blank=True)
    subject_type = models.CharField(max_length=100, blank=True)
    subject_id = models.BigIntegerField(null=True)
    source_key = models.CharField(max_length=200, blank=True)
    is_system = models.BooleanField(default=False)
    author = TenantForeignKey("organization.Member", null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kpi", "source_key"],
                condition=~models.Q(source_key=""),
                nulls_distinct=False,
                name="annotation_source",
            ),
            models.CheckConstraint(
                condition=models.Q(kpi=None) | models.Q(department=None), name="annotation_one_place"
            ),
        ]
        indexes = [models.Index(fields=["organization", "kpi", "starts_at"], name="annotation_of_kpi")]

    def __str__(self) -> str:
        return self.text
