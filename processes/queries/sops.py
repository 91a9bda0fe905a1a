"""Reading SOPs and their versions."""

from __future__ import annotations

from django.db.models import Count, Q

from organization.access import Actor
from organization.tenancy import TenantQuerySet
from processes.choices import RunState
from processes.models import Sop, SopVersion


def sop_rows(actor: Actor, *, search: str = "", retired: bool = False) -> TenantQuerySet:
    """SOPs that the actor may see, with the number of running runs."""
    rows = Sop.objects.visible_to(actor).select_related("department", "owner", "current")
    rows = rows.defer("current__content").filter(retired_at__isnull=not retired)
    if search:
        rows = rows.filter(
            Q(name__icontains=search)
            | Q(name_zh__icontains=search)
            | Q(code__iexact=search)
            | Q(reference__iexact=search)
        )
    return rows.annotate(running=Count("runs", filter=Q(runs__state=RunState.RUNNING)))


def versions_of(sop: Sop) -> list[SopVersion]:
    """All versions of a SOP, the newest first, without their texts."""
    rows = SopVersion.objects.filter(sop=sop).defer("content").select_related("made_by", "approved_by")
    return list(rows.order_by("-number"))


def open_version(sop: Sop) -> SopVersion | None:
    """The version that is being written or reviewed, None where there is none."""
    return SopVersion.objects.filter(sop=sop, state__in=["draft", "in_review"]).select_related("sop").first()
