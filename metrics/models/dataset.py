"""Datasets: tables that an organization feeds."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from metrics.choices import ColumnRole, RowKey, Unit
from metrics.models.fields import ExactNumberField
from organization.models.base import Named, Stamped, Versioned
from organization.tenancy import TenantForeignKey, TenantModel

MEASURE_SLOTS = tuple(f"m{number}" for number in range(1, 17))
DIMENSION_SLOTS = tuple(f"d{number}" for number in range(1, 25))


class Dataset(Named, Stamped, Versioned, TenantModel):
    """Orders, web sessions, tickets, a figure entered by hand: rows with an instant, measures and dimensions.

    is_entered: people feed it by an EntryPlan, so a period without a figure is missing and not zero; awaited_at: when the
    oldest figure that they still owe is due. known_since: older states were not kept, so what was known before this
    instant cannot be told; empty where all are.
    """

    view_permission = "metrics.dataset.view"
    owner_lookup = "owner_id"
    department_lookup = "department"

    reference = models.CharField(max_length=20, editable=False)
    key = models.SlugField(_("Short name"), max_length=60)
    description = models.TextField(_("What it holds"), blank=True)
    owner = TenantForeignKey("organization.Member", null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    row_key = models.CharField(_("What makes a row itself"), max_length=10, choices=RowKey.choices)
    is_daily = models.BooleanField(
        _("Dates without times"), default=True, help_text=_("Rows carry days only, so hours mean nothing.")
    )
    is_entered = models.BooleanField(default=False, editable=False)
    awaited_at = models.DateTimeField(null=True, editable=False)
    known_since = models.DateTimeField(null=True, editable=False)
    first_at = models.DateTimeField(null=True, editable=False)
    last_at = models.DateTimeField(null=True, editable=False)
    row_count = models.BigIntegerField(default=0, editable=False)
    loaded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="dataset_key"),
            models.UniqueConstraint(fields=["organization", "reference"], name="dataset_reference"),
        ]


class DatasetColumn(Named, TenantModel):
    """A declared column.

    Measures and dimensions live in a typed slot of the observations; `expression` derives a measure from others.
    lowest, highest: between which a figure that somebody enters must lie.
    """

    dataset = TenantForeignKey(Dataset, models.CASCADE, related_name="columns")
    key = models.CharField(max_length=60)
    role = models.CharField(max_length=12, choices=ColumnRole.choices)
    slot = models.CharField(max_length=4, blank=True)
    expression = models.CharField(_("Computed as"), max_length=2000, blank=True)
    unit = models.CharField(max_length=12, choices=Unit.choices, default=Unit.NUMBER)
    lowest = ExactNumberField(null=True)
    highest = ExactNumberField(null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "dataset", "key"], name="column_key"),
            models.UniqueConstraint(
                fields=["organization", "dataset", "slot"], condition=~models.Q(slot=""), name="column_slot"
            ),
        ]
        ordering = ("position", "pk")


class DimensionValue(TenantModel):
    """The dictionary of a dimension: text by code. Codes count from 1 within the column."""

    column = TenantForeignKey(DatasetColumn, models.CASCADE, related_name="values")
    code = models.IntegerField()
    value = models.TextField(db_collation="C")
    department = TenantForeignKey("organization.Department", null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "column", "value"], name="dimension_value"),
            models.UniqueConstraint(fields=["organization", "column", "code"], name="dimension_code"),
        ]
