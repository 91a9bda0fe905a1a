"""The tenant."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.choices import Language
from organization.engine.accents import sheet_name
from organization.engine.periods import PeriodRule
from organization.models.base import Named, Stamped, Versioned


class Organization(Named, Stamped, Versioned):
    """A company. Its zone, week start and fiscal start decide what a day, a week and a year are."""

    slug = models.SlugField(_("Short name"), max_length=50, unique=True)
    timezone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    language = models.CharField(_("Language"), max_length=10, choices=Language.choices, default=Language.ENGLISH)
    currency = models.CharField(_("Currency"), max_length=3, default="USD")
    week_starts_on = models.PositiveSmallIntegerField(
        _("First day of the week"), default=0, validators=[MaxValueValidator(6)]
    )
    fiscal_year_starts_month = models.PositiveSmallIntegerField(
        _("First month of the fiscal year"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    # How the product looks in it: all three may be empty. `accent` is `#rrggbb`, `logo` the digest and ending of the file
    brand_name = models.CharField(_("Name in the navigation"), max_length=24, blank=True)
    accent = models.CharField(_("Colour"), max_length=7, blank=True)
    logo = models.CharField(_("Logo"), max_length=80, blank=True, editable=False)
    hidden_pillars = models.JSONField(default=list, blank=True, editable=False)
    onboarding_closed_at = models.DateTimeField(null=True, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)
    # Set while the organization is closed: from then on its rows go for good. Until then an owner may open it again
    delete_after = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(week_starts_on__lte=6), name="organization_week_start"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_starts_month__range=(1, 12)), name="organization_fiscal_month"
            ),
        ]

    @property
    def period_rule(self) -> PeriodRule:
        """What the periods function needs to know."""
        return PeriodRule(self.timezone, self.week_starts_on, self.fiscal_year_starts_month)

    @property
    def accent_sheet(self) -> str:
        """The name of the stylesheet with its colour; empty for the product's own."""
        return sheet_name(self.accent) if self.accent else ""

    @property
    def logo_key(self) -> str:
        """The name under which everybody finds its logo; empty without one."""
        return f"{self.pk}-{self.logo}" if self.logo else ""
