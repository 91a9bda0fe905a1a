"""A person's place in one organization."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.models.base import Stamped, Versioned
from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.tenancy import TenantForeignKey, TenantModel


class Member(Stamped, Versioned, TenantModel):
    """One person in one organization: the owner of things, and the bearer of roles."""

    personal = Personal(
        _("Name, position, department, day of joining"),
        _("Who is responsible for what"),
        MEMBERSHIP,
        Erasure.PSEUDONYM,
        "pk",
    )
    view_permission = "organization.member.view"
    owner_lookup = "pk"
    department_lookup = "department"

    user = models.ForeignKey("organization.User", models.PROTECT, related_name="memberships")
    name = models.CharField(_("Name"), max_length=200)
    name_pinyin = models.CharField(max_length=400, editable=False, db_collation="C", default="")
    position = TenantForeignKey(
        "organization.Position", null=True, blank=True, related_name="members", verbose_name=_("Position")
    )
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="members", verbose_name=_("Department")
    )
    is_active = models.BooleanField(_("Active"), default=True)
    joined_on = models.DateField(_("Joined on"), null=True, blank=True)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="member_user")]
        indexes = [
            models.Index(fields=["user"], name="member_of_person"),
            models.Index(fields=["organization", "name_pinyin", "id"], name="member_by_name"),
        ]

    def __str__(self) -> str:
        return self.name
