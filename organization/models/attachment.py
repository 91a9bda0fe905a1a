"""Files that hang on objects."""

from __future__ import annotations

from django.db import models

from organization.portable import Travel
from organization.tenancy import TenantForeignKey, TenantModel


class Attachment(TenantModel):
    """A checked file. The stored name is ours; the name people gave is only shown."""

    travel = Travel(numbers={"object_id": "@object_type"})

    object_type = models.CharField(max_length=100)
    object_id = models.BigIntegerField()
    file = models.FileField(max_length=300)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = TenantForeignKey("organization.Member", null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "object_type", "object_id"], name="attachment_of_object")]
