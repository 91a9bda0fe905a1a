"""KPIs and the versions of their definitions."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from metrics.choices import Aggregation, Direction, GrainCode, KpiKind, Unit
from metrics.models.dataset import Dataset, DatasetColumn
from organization.models.base import Named, Stamped, Versioned
from organization.tenancy import TenantForeignKey, TenantModel


class Kpi(Named, Stamped, Versioned, TenantModel):
    """A measure with owner and direction. How it is computed stands in its versions."""

    view_permission = "metrics.kpi.view"
    owner_lookup = "owner_id"
    department_lookup = "department"

    reference = models.CharField(max_length=20, editable=False)
    key = models.SlugField(_("Short name"), max_length=60, help_text=_("Formulas of other KPIs use it."))
    description = models.TextField(_("Why it is measured"), blank=True)
    owner = TenantForeignKey("organization.Member", null=True, blank=True, related_name="kpis", verbose_name=_("Owner"))
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="kpis", verbose_name=_("Department")
    )
    direction = models.CharField(_("Direction"), max_length=10, choices=Direction.choices, default=Direction.HIGHER)
    unit = models.CharField(_("Unit"), max_length=12, choices=Unit.choices, default=Unit.NUMBER)
    decimals = models.PositiveSmallIntegerField(_("Decimal places"), default=0, validators=[MaxValueValidator(6)])
    grain = models.PositiveSmallIntegerField(
        _("Looked at by"),
        choices=GrainCode.choices,
        default=GrainCode.DAY,
        help_text=_("The period people judge it by."),
    )
    due_hours = models.PositiveIntegerField(
        _("Due after"), default=24, help_text=_("Hours after the end of a period by which its value should be there.")
    )
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="kpi_key"),
            models.UniqueConstraint(fields=["organization", "reference"], name="kpi_reference"),
        ]


class KpiVersion(Stamped, TenantModel):
    """One definition, in force from `effective_on` (the organization's day; NULL: from the beginning).

    A version never changes once made. On a day the version with the highest number that had begun is in force; one that
    begins "from the beginning" therefore recomputes history, which is its maker's choice. `computed_at` is empty until a
    worker has rolled it up.
    """

    kpi = TenantForeignKey(Kpi, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    effective_on = models.DateField(_("In force from"), null=True, blank=True)
    kind = models.CharField(max_length=10, choices=KpiKind.choices)
    dataset = TenantForeignKey(Dataset, null=True, blank=True, related_name="kpi_versions", verbose_name=_("Dataset"))
    aggregation = models.CharField(_("Computed as"), max_length=12, choices=Aggregation.choices, blank=True)
    expression = models.CharField(_("Of what"), max_length=2000, blank=True)
    filter = models.CharField(_("Only rows where"), max_length=2000, blank=True)
    subject = TenantForeignKey(
        DatasetColumn, null=True, blank=True, related_name="+", verbose_name=_("Different values of")
    )
    occasion = TenantForeignKey(DatasetColumn, null=True, blank=True, related_name="+", verbose_name=_("Occurring in"))
    at_least = models.PositiveIntegerField(_("At least"), default=2, validators=[MinValueValidator(2)])
    percentile = models.DecimalField(
        _("Percentile"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    formula = models.CharField(_("Formula"), max_length=2000, blank=True)
    finest_grain = models.PositiveSmallIntegerField(choices=GrainCode.choices, default=GrainCode.DAY)
    why = models.CharField(_("Why this definition"), max_length=500, blank=True)
    created_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    data_version = models.BigIntegerField(default=0, editable=False)
    computed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "kpi", "number"], name="kpi_version_number"),
        ]
        ordering = ("number",)


class KpiBreakdown(TenantModel):
    """A dimension, or a declared pair, that a version is rolled up by; `by_department` is the department tree."""

    version = TenantForeignKey(KpiVersion, models.CASCADE, related_name="breakdowns")
    first = TenantForeignKey(DatasetColumn, related_name="+")
    second = TenantForeignKey(DatasetColumn, null=True, blank=True, related_name="+")
    by_department = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "version", "first", "second", "by_department"],
                nulls_distinct=False,
                name="breakdown_once",
            )
        ]


class KpiOperand(TenantModel):
    """A KPI that a formula version names."""

    version = TenantForeignKey(KpiVersion, models.CASCADE, related_name="operands")
    kpi = TenantForeignKey(Kpi, related_name="used_by")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "version", "name"], name="operand_once")]
