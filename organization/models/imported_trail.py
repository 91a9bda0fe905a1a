"""Where entries of the audit trail come from that were written in another installation."""

from __future__ import annotations

from django.db import models

from organization.portable import Travel
from organization.tenancy import TenantModel


class ImportedTrail(TenantModel):
    """The entries up to `last_entry_id`, from the row before this one, were sealed under other numbers.

    shifts: what the import added to a number, by model label. `object_id` and `actor_id` of these entries were
    renumbered, so that they find their objects; the facts were not. The chain is checked with the first numbers.
    """

    travel = Travel(numbers={"last_entry_id": "organization.auditentry"}, inside={"shifts": {}})

    last_entry_id = models.BigIntegerField()
    shifts = models.JSONField(default=dict)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "last_entry_id"], name="imported_trail_end")]
