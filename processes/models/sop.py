"""Procedures: what stands for years, the texts of it, and who said what about a text."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from organization.models.base import Named, Stamped, Versioned
from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel
from processes.choices import ChangeClass, VersionState


class Titled(models.Model):
    """Something with a title, in one language or in both."""

    title = models.CharField(_("Title"), max_length=300)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.display_title

    @property
    def display_title(self) -> str:
        """The title in the active language, or the only one there is."""
        if self.title_zh and (get_language() or "").startswith("zh"):
            return self.title_zh
        return self.title


class Sop(Named, Stamped, Versioned, TenantModel):
    """A standard operating procedure. current: the version in force, which new runs follow; None before the first one.

    retired_at: it is out of use; its runs stay. review_every_months: 0 for never.
    """

    view_permission = "processes.sop.view"
    owner_lookup = "owner_id"
    department_lookup = "department"

    reference = models.CharField(max_length=20, editable=False)
    code = models.CharField(_("Code"), max_length=40, blank=True, help_text=_("The number that the company uses."))
    department = TenantForeignKey(
        "organization.Department", null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    owner = TenantForeignKey("organization.Member", null=True, blank=True, related_name="+", verbose_name=_("Owner"))
    review_every_months = models.PositiveSmallIntegerField(
        _("Review every"), default=12, validators=[MaxValueValidator(120)], help_text=_("Months; 0 for never.")
    )
    current = TenantForeignKey("processes.SopVersion", null=True, editable=False, related_name="+")
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "reference"], name="sop_reference"),
            models.UniqueConstraint(fields=["organization", "code"], condition=~Q(code=""), name="sop_code"),
        ]
        indexes = [
            models.Index(fields=["organization", "name_key", "id"], name="sop_by_name"),
            models.Index(fields=["organization", "name_zh_key", "id"], name="sop_by_name_zh"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("processes:sop-detail", args=[self.pk])


class SopStep(Titled, TenantModel):
    """A step from version to version: what links, deviations and figures point to.

    Its titles are those of the newest version that has it; is_current: the version in force has it.
    """

    view_permission = "processes.sop.view"
    owner_lookup = "sop__owner_id"
    department_lookup = "sop__department"

    sop = TenantForeignKey(Sop, models.CASCADE, related_name="steps")
    key = models.CharField(max_length=40)
    is_current = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "sop", "key"], name="sop_step_key")]


class SopVersion(Stamped, Versioned, TenantModel):
    """One text of a procedure. A trigger refuses any change of it once it is no draft.

    content: what `engine.content` reads; sha256: of its canonical JSON. effective_on: the day, by the organization's
    clock, on which it takes effect. review_on: when it must be looked at again.
    """

    view_permission = "processes.sop.view"
    owner_lookup = "sop__owner_id"
    department_lookup = "sop__department"
    travel = Travel(inside={"content": {}})

    sop = TenantForeignKey(Sop, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(_("State"), max_length=12, choices=VersionState.choices, default=VersionState.DRAFT)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    change_class = models.CharField(
        _("Kind of change"), max_length=10, choices=ChangeClass.choices, default=ChangeClass.MAJOR
    )
    change_reason = models.CharField(_("What changes, and why"), max_length=1000, blank=True)
    effective_on = models.DateField(_("Takes effect on"), null=True)
    review_on = models.DateField(_("Review by"), null=True)
    review_asked = models.BooleanField(default=False)
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    submitted_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    approved_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "sop", "number"], name="sop_version_number"),
            models.UniqueConstraint(
                fields=["organization", "sop"], condition=Q(state=VersionState.EFFECTIVE), name="sop_version_in_force"
            ),
            models.UniqueConstraint(
                fields=["organization", "sop"],
                condition=Q(state__in=[VersionState.DRAFT, VersionState.IN_REVIEW]),
                name="sop_version_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[VersionState.DRAFT, VersionState.RETIRED]) | Q(submitted_at__isnull=False),
                name="sop_version_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[VersionState.APPROVED, VersionState.EFFECTIVE])
                | Q(approved_at__gte=F("submitted_at"), approved_at__isnull=False),
                name="sop_version_approved",
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.EFFECTIVE, effective_at__isnull=False, effective_on__isnull=False)
                | ~Q(state=VersionState.EFFECTIVE),
                name="sop_version_effective",
            ),
            models.CheckConstraint(
                condition=Q(effective_at=None) | Q(effective_at__gte=F("approved_at")), name="sop_version_stamps"
            ),
        ]
        indexes = [
            models.Index(fields=["effective_on"], condition=Q(state=VersionState.APPROVED), name="sop_version_due"),
            models.Index(fields=["review_on"], condition=Q(state=VersionState.EFFECTIVE), name="sop_version_review"),
        ]

    def __str__(self) -> str:
        return f"{self.sop} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("processes:version-detail", args=[self.pk])


class VersionAuthor(TenantModel):
    """Somebody who wrote on a version, and therefore may not approve it."""

    personal = Personal(
        _("Versions of SOPs that the person wrote on"), _("Approval by somebody else"), MEMBERSHIP, Erasure.PSEUDONYM
    )

    sop_version = TenantForeignKey(SopVersion, models.CASCADE, related_name="authors")
    member = TenantForeignKey("organization.Member", related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "sop_version", "member"], name="sop_version_author")
        ]


class VersionComment(TenantModel):
    """What a reviewer says about a version or one of its steps. step_key: empty for the whole."""

    view_permission = "processes.sop.view"
    owner_lookup = "sop_version__sop__owner_id"
    department_lookup = "sop_version__sop__department"

    sop_version = TenantForeignKey(SopVersion, models.CASCADE, related_name="comments")
    step_key = models.CharField(max_length=40, blank=True)
    text = models.TextField(_("Comment"), max_length=4000)
    made_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    made_at = models.DateTimeField()
    resolved_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "sop_version", "id"], name="sop_comment_of_version")]
