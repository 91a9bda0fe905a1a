"""Reading SOPs and their versions."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from organization.access import Actor
from organization.models import Department, Member
from organization.queries.matching import matching
from organization.tenancy import TenantQuerySet
from processes.choices import RunState, VersionState
from processes.models import Run, Sop, SopVersion

WRITTEN = (VersionState.DRAFT, VersionState.IN_REVIEW, VersionState.APPROVED)


def sop_rows(
    actor: Actor,
    *,
    search: str = "",
    department: Department | None = None,
    owner: Member | None = None,
    state: str = "",
    today: date | None = None,
) -> TenantQuerySet:
    """SOPs that the actor may see, with the number of running runs and the state of what is being written.

    department: with those below it. state: of a version, or `overdue` for those whose review is, by `today`.
    """
    rows = Sop.objects.visible_to(actor).select_related("department", "owner", "current")
    rows = rows.defer("current__content").filter(retired_at__isnull=state != VersionState.RETIRED)
    rows = matching(rows, search, Q(code__icontains=search) | Q(reference__iexact=search))
    if department is not None:
        rows = rows.filter(department__path__startswith=department.path)
    if owner is not None:
        rows = rows.filter(owner=owner)
    if state == "overdue":
        rows = rows.filter(current__review_on__lt=today)
    elif state == VersionState.EFFECTIVE:
        rows = rows.filter(current__isnull=False)
    elif state in (VersionState.DRAFT, VersionState.IN_REVIEW):
        rows = rows.filter(pk__in=SopVersion.objects.filter(state=state).values("sop_id"))
    running = Run.objects.filter(sop=OuterRef("pk"), state=RunState.RUNNING).order_by().values("sop")
    written = SopVersion.objects.filter(sop=OuterRef("pk"), state__in=WRITTEN).order_by("-number").values("state")
    return rows.annotate(
        running=Coalesce(Subquery(running.annotate(count=Count("pk")).values("count")), 0),
        written=Subquery(written[:1]),
    )


def versions_of(sop: Sop) -> list[SopVersion]:
    """All versions of a SOP, the newest first, without their texts."""
    rows = (
        SopVersion.objects.filter(sop=sop)
        .defer("content")
        .select_related("made_by", "submitted_by", "approved_by", "sop")
    )
    return list(rows.order_by("-number"))


def open_version(sop: Sop) -> SopVersion | None:
    """The version that is being written or reviewed, None where there is none."""
    return SopVersion.objects.filter(sop=sop, state__in=["draft", "in_review"]).select_related("sop").first()
