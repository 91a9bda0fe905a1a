"""Files that hang on objects: seen by whoever sees the object."""

from __future__ import annotations

from typing import Any

from organization.access import Actor
from organization.errors import NotVisible
from organization.models import Attachment
from organization.queries.kinds import visible_object
from organization.tenancy import TenantQuerySet


def attachments_of(subject: Any) -> TenantQuerySet:
    """The files of an object that the caller has found visible, newest first."""
    return Attachment.objects.filter(object_type=subject._meta.label_lower, object_id=subject.pk).order_by("-pk")


def visible_attachment(actor: Actor, pk: int) -> tuple[Attachment, Any]:
    """The file and the object it hangs on. Raises NotVisible when either does not exist for the actor."""
    attachment = Attachment.objects.filter(pk=pk).first()
    subject = attachment and visible_object(actor, attachment.object_type, attachment.object_id)
    if attachment is None or subject is None:
        raise NotVisible
    return attachment, subject
