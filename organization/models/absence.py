"""When somebody is away, and who stands in for them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import DateField, DateTimeField, Func, Subquery, Value
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from organization.models.base import Stamped, Versioned
from organization.models.organization import Organization
from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.tenancy import TenantForeignKey, TenantModel, TenantQuerySet, current_organization_id


def _range(function: str, first: str, last: str) -> Func:
    whole: Any = Value("[]")
    return Func(first, last, whole, function=function)


class Absence(Stamped, Versioned, TenantModel):
    """A member is away from one day to another, both included, by the calendar of the organization's zone.

    While it lasts the deputy is told and shown what the member owes. `lent` gives rights on top, where somebody
    chose so. It ends by itself: every read compares the days with today.
    """

    personal = Personal(
        _("When the person is away, why, and who stands in"),
        _("Handing over work while somebody is away"),
        MEMBERSHIP,
        Erasure.DELETED,
    )
    view_permission = "organization.member.view"
    owner_lookup = "member_id"
    department_lookup = "member__department"

    member = TenantForeignKey("organization.Member", models.CASCADE, related_name="absences", verbose_name=_("Member"))
    deputy = TenantForeignKey(
        "organization.Member", null=True, blank=True, related_name="deputyships", verbose_name=_("Deputy")
    )
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("Until"))
    reason = models.CharField(_("Reason"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="absence_ends_after"),
            models.CheckConstraint(condition=~models.Q(deputy=models.F("member")), name="absence_deputy_is_other"),
            # Members have numbers of their own in every organization, so the range of one number is that member
            ExclusionConstraint(
                name="absence_overlaps",
                expressions=[
                    (_range("int8range", "member", "member"), "&&"),
                    (_range("daterange", "starts_on", "ends_on"), "&&"),
                ],
            ),
        ]
        indexes = [models.Index(fields=["organization", "deputy", "ends_on"], name="absence_of_deputy")]

    def __str__(self) -> str:
        return str(self.member)

    def covers(self, day: date) -> bool:
        """Whether it lasts on that day."""
        return self.starts_on <= day <= self.ends_on


class LentRole(TenantModel):
    """A role that the deputy bears while the absence lasts, as the absent member bears it: it ends with either."""

    absence = TenantForeignKey(Absence, models.CASCADE, related_name="lent")
    assignment = TenantForeignKey("organization.RoleAssignment", models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "absence", "assignment"], name="lent_role_once")]


def today_there() -> Any:
    """The day in the zone of the open organization, for a condition: read by the database, without a statement of its own."""
    zone = Subquery(Organization.objects.filter(pk=current_organization_id()).values("timezone")[:1])
    return Cast(Func(zone, Now(), function="timezone", output_field=DateTimeField()), DateField())


def lent_today(member_id: int) -> TenantQuerySet:
    """What is lent to the member today; the numbers of the assignments are its `assignment`."""
    day = today_there()
    return LentRole.objects.filter(
        absence__deputy=member_id,
        absence__starts_on__lte=day,
        absence__ends_on__gte=day,
        absence__member__is_active=True,
    )
