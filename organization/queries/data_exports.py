"""The archives that an organization has asked for."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from organization.access import Actor
from organization.models import DataExport, JobRun
from organization.tenancy import TenantQuerySet

LABEL = "organization.dataexport"


def exports(actor: Actor) -> TenantQuerySet:
    """Archives, newest first, each with where its job stands: `status`, `done_steps`, `all_steps`, `error`."""
    jobs = JobRun.objects.filter(object_type=LABEL, object_id=OuterRef("pk")).order_by("-pk")
    parts = {name: Subquery(jobs.values(name)[:1]) for name in ("status", "done_steps", "all_steps", "error")}
    return DataExport.objects.visible_to(actor).select_related("requested_by").annotate(**parts).order_by("-pk")
