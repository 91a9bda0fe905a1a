"""Use cases that only the sample needs: its rows, its targets, its dashboards. They write what the screens would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from metrics.choices import BatchStatus, Source
from metrics.events import BATCH_LOADED, DASHBOARD_CHANGED, TARGET_SET
from metrics.models import Dashboard, DashboardPanel, Dataset, ImportBatch, Kpi, KpiTarget
from metrics.services.loading import Counts, Loader
from ops_platform.sample.rows import Rows
from organization.access import Actor
from organization.models import Organization
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import use_case

CHUNK = 20_000


@use_case("metrics.observation.write")
def feed(actor: Actor, dataset: Dataset, *, rows: Rows, as_of: datetime, progress: Callable[[int], None]) -> Counts:
    """Load generated rows as one batch of the source "sample", by the loader that files go through."""
    batch = ImportBatch.objects.create(
        dataset=dataset,
        reference=next_reference("IMP"),
        source=Source.SAMPLE,
        status=BatchStatus.DONE,
        file_name=f"{dataset.key} (sample)",
        rows_read=len(rows),
        rows_done=len(rows),
        loaded_at=as_of,
    )
    loader = Loader(dataset, list(dataset.columns.all()), batch)
    done = 0
    for part in rows.parts(CHUNK):
        loader.add(part.instants(), part.keys, part.numbers, part.texts)
        done += len(part)
        progress(done)
    counts = loader.merge()
    ImportBatch.objects.filter(pk=batch.pk).update(rows_created=counts.created, rows_unchanged=counts.unchanged)
    events.emit(actor, BATCH_LOADED, batch, dataset=dataset.pk, created=counts.created, updated=counts.updated)
    audit.record(actor, "metrics.import.loaded", batch, dataset=dataset.pk, created=counts.created)
    return counts


@use_case("metrics.target.edit")
def set_targets(actor: Actor, kpi: Kpi, *, targets: Sequence[dict[str, Any]]) -> None:
    """Set targets by the fields of KpiTarget; one that stands for the same start stays as it is."""
    for values in targets:
        key = {name: values.pop(name) for name in ("grain", "starts_on", "department")}
        KpiTarget.objects.get_or_create(kpi=kpi, **key, defaults=values)
    audit.record(actor, "metrics.target.set", kpi, count=len(targets))
    events.emit(actor, TARGET_SET, kpi)


@use_case("metrics.dashboard.edit")
def lay_out(
    actor: Actor, organization: Organization, *, values: dict[str, Any], panels: Sequence[dict[str, Any]]
) -> Dashboard:
    """A dashboard with its panels in order."""
    dashboard = Dashboard.objects.create(reference=next_reference("DB"), **values)
    DashboardPanel.objects.bulk_create(
        DashboardPanel(dashboard=dashboard, position=position, **panel) for position, panel in enumerate(panels)
    )
    audit.record(actor, "metrics.dashboard.created", dashboard, panels=len(panels))
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
    return dashboard
