"""Working calendars: ranges a weekday, and days that differ."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.choices import DayKind
from organization.models.base import Named, Stamped, Versioned
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class WorkCalendar(Named, Stamped, Versioned, TenantModel):
    """When people work. One is the organization's default; a department may have its own."""

    view_permission = "organization.calendar.view"

    is_default = models.BooleanField(_("Default"), default=False)
    timezone = models.CharField(
        _("Time zone"), max_length=64, blank=True, help_text=_("Empty: the organization's own.")
    )
    known_until = models.DateField(
        _("Days known until"), null=True, blank=True, help_text=_("Due dates beyond this day are provisional.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=models.Q(is_default=True), name="calendar_default"
            ),
            models.UniqueConstraint(fields=["organization", "name"], name="calendar_name"),
        ]


class CalendarHours(TenantModel):
    """One range of working time on a weekday (0 is Monday). A range that ends before it starts crosses midnight."""

    calendar = TenantForeignKey(WorkCalendar, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "calendar", "weekday", "starts_at"], name="calendar_range"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="calendar_weekday"),
        ]


class CalendarException(Named, TenantModel):
    """A day that differs: a holiday, or a make-up working day. Without own ranges a working one has Monday's."""

    travel = Travel(inside={"ranges": {}})

    calendar = TenantForeignKey(WorkCalendar, models.CASCADE, related_name="exceptions")
    day_on = models.DateField(_("Day"))
    kind = models.CharField(_("Kind"), max_length=20, choices=DayKind.choices)
    ranges = models.JSONField(default=list, blank=True, help_text=_('Pairs such as ["09:00", "12:00"].'))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "calendar", "day_on"], name="calendar_day")]
