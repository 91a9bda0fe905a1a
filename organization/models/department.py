"""The tree of departments, and what each is there for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.models.base import Named, Stamped, Versioned
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class Department(Named, Stamped, Versioned, TenantModel):
    """A node of the tree. `path` holds the ids from the root, "/1/5/", so that a subtree is one range of text.

    A trigger refuses a path that is not the parent's with the own number behind it, so nothing comes below itself.
    """

    view_permission = "organization.department.view"
    department_lookup = "self"
    travel = Travel(paths={"path": "organization.department"})

    code = models.CharField(
        _("Code"), max_length=40, help_text=_("Short and unique; imports find the department by it.")
    )
    parent = TenantForeignKey("self", null=True, blank=True, related_name="children", verbose_name=_("Part of"))
    path = models.CharField(max_length=500, editable=False, db_collation="C", default="")
    depth = models.PositiveSmallIntegerField(editable=False, default=0)
    head = TenantForeignKey(
        "organization.Member", null=True, blank=True, related_name="headed_departments", verbose_name=_("Head")
    )
    calendar = TenantForeignKey(
        "organization.WorkCalendar", null=True, blank=True, related_name="+", verbose_name=_("Working calendar")
    )
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "code"], name="department_code")]
        indexes = [models.Index(fields=["organization", "path"], name="department_path")]


class DepartmentPlace(TenantModel):
    """What a department was called, and below which other it stood, from one instant to the next.

    `number` and `above` are the ids of departments, which may be gone since. `by` put it there; `ended_by` took it away.
    """

    travel = Travel(numbers={"number": "organization.department", "above": "organization.department"})

    number = models.BigIntegerField()
    above = models.BigIntegerField(null=True)
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    is_move = models.BooleanField(default=False)
    by = TenantForeignKey("organization.Member", null=True, related_name="+")
    ended_by = TenantForeignKey("organization.Member", null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], condition=models.Q(until_at=None), name="department_place_now"
            )
        ]
        indexes = [
            models.Index(fields=["organization", "since_at"], name="department_place_since"),
            models.Index(fields=["organization", "number", "since_at"], name="department_places_of"),
        ]


class Duty(Named, TenantModel):
    """Something a department answers for."""

    view_permission = "organization.department.view"
    department_lookup = "department"

    department = TenantForeignKey(Department, models.CASCADE, related_name="duties", verbose_name=_("Department"))
    description = models.TextField(_("What it includes"), blank=True)
    owner = TenantForeignKey(
        "organization.Member", null=True, blank=True, related_name="duties", verbose_name=_("Owner")
    )
    position = models.PositiveSmallIntegerField(default=0)
