"""Keys for machines."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.models.base import Named
from organization.personal import MEMBERSHIP, Erasure, Personal
from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class ApiToken(Named, TenantModel):
    """A machine's key: shown once, kept as a hash, limited to codenames, expiring; never above its member's rights."""

    personal = Personal(
        _("API tokens that act for the person"), _("Machines that act for people"), MEMBERSHIP, Erasure.PSEUDONYM
    )
    view_permission = "organization.token.edit"
    # A key opens the installation that made it alone; the row stays for the trail, which names it
    travel = Travel(
        inside={"codenames": {}}, arrives={"digest": "gen_random_uuid()::text", "prefix": "''", "revoked_at": "now()"}
    )

    member = TenantForeignKey("organization.Member", related_name="tokens", verbose_name=_("Acts for"))
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    codenames = models.JSONField(default=list)
    expires_at = models.DateTimeField(_("Expires"))
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "digest"], name="token_digest")]
