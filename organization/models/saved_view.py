"""Lists as people like to see them: filters, order and columns under a name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.models.base import Stamped
from organization.personal import MEMBERSHIP, SETTING_UP, Erasure, Personal
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class SavedView(Stamped, TenantModel):
    """One list under one name. `list_name` is the name of its address, `query` what stands behind the question mark.

    Its owner sees it, and everybody else once it is shared. A removed one can be brought back.
    """

    view_permission = "organization.home.view"
    travel = Travel(queries=("query",))

    list_name = models.CharField(max_length=100, editable=False)
    name = models.CharField(_("Name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True, editable=False)
    owner = TenantForeignKey("organization.Member", models.CASCADE, related_name="+", editable=False)
    is_shared = models.BooleanField(_("For everybody"), default=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["organization", "list_name"], name="view_of_list")]

    def __str__(self) -> str:
        return self.name


class ViewPlace(TenantModel):
    """Where one member keeps a view: as a tab of the list, or opened first."""

    personal = Personal(_("Lists that the person pinned"), SETTING_UP, MEMBERSHIP, Erasure.DELETED)

    member = TenantForeignKey("organization.Member", models.CASCADE, related_name="+")
    view = TenantForeignKey(SavedView, models.CASCADE, related_name="places")
    is_pinned = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "member", "view"], name="view_place")]
