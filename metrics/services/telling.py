"""Who is told what happens to imports, sources and targets; parts of the use cases in which it happens."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from metrics.models import DataSource, ImportBatch, Kpi
from organization.access import Actor, system_actor
from organization.models import Member
from organization.queries.roles import holders
from organization.services import notices

FAILURES_TOLD = 3
FAILING, STOPPED = "metrics.source_failing", "metrics.source_stopped"


def tell_of_import(batch: ImportBatch, *, kind: str, **facts: object) -> None:
    """Who started an import is told how it ended. kind: metrics.import_done or metrics.import_failed."""
    started_by = Member.objects.filter(pk=batch.started_by_id)
    notices.tell(
        system_actor(batch.organization_id, "import_file"),
        kind=kind,
        recipients=started_by,
        subject=batch,
        facts={"file": batch.file_name or batch.reference, **facts},
        dedupe=f"{batch.pk}:{timezone.now():%Y-%m-%dT%H:%M:%S}",
    )


def tell_of_failing(source: DataSource) -> None:
    """Who looks after sources is told once that one fails again and again, and at once when it is switched off."""
    is_stopped = source.stopped_at is not None
    if not is_stopped and source.failures != FAILURES_TOLD:
        return
    if is_stopped:
        notices.settle(source, kinds=[FAILING])
    notices.tell(
        system_actor(source.organization_id, f"source_{source.kind}"),
        kind=STOPPED if is_stopped else FAILING,
        recipients=holders("metrics.source.manage"),
        subject=source,
        facts={"source": source, "problem": source.problem, "failures": source.failures},
        dedupe=f"{source.pk}:{timezone.now():%Y-%m-%dT%H:%M}",
    )


def source_works(source: DataSource) -> None:
    """What was told of its failures is settled."""
    if source.failures:
        notices.settle(source, kinds=[FAILING, STOPPED])


def tell_of_targets(actor: Actor, kpi: Kpi) -> None:
    """The owner of a KPI, and who follows it, are told that somebody else changed its targets."""
    notices.tell(
        actor,
        kind="metrics.target_changed",
        recipients=Member.objects.filter(pk=kpi.owner_id),
        subject=kpi,
        facts={"kpi": kpi},
        url=reverse("metrics:kpi-targets", args=[kpi.pk]),
        tells_followers=True,
    )
