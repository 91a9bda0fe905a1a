"""The worker's side of a source: ask the database or take the own events, when it is due, once.

    claim (a lease and a delivery) -> ask, with nothing of ours open -> load in one transaction, or note the failure

What is written and that it was written become true together. A worker that dies leaves a lease, which runs out; what it
had asked for is asked again, and rows that are there already change nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Q
from django.utils import timezone, translation

from metrics.choices import DeliveryStatus, SourceKind
from metrics.engine.pull_times import MOST_FAILURES, next_time, wait_after
from metrics.engine.source_plan import plan_of
from metrics.engine.source_rows import cursor_before, cursor_until
from metrics.events import SOURCE_STOPPED
from metrics.models import Dataset, DataSource, SourceDelivery
from metrics.services.pull import Pulled, Target, look, pulled
from metrics.services.sealing import unseal
from metrics.services.source_events import take_waiting
from metrics.services.source_load import Intake, storable
from metrics.services.telling import source_works, tell_of_failing
from organization.access import system_actor
from organization.errors import DomainError
from organization.models import Organization
from organization.services import audit, events
from organization.services.retention import forget_old
from organization.tenancy import tenant_transaction

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=16)  # longer than a task may run
WAITING, SEEN, UNSEEN = "waiting", "seen", "unseen"
LONGEST_CELL = 200


def run_source(organization_id: int, source_id: int) -> bool:
    """Do what a source is due for. False when it is not due, or another worker is at it.

    A failure is written on the source, which is asked again later, and switched off after MOST_FAILURES in a row.
    """
    claimed = _claim(organization_id, source_id)
    if claimed is None:
        return False
    source, delivery = claimed
    try:
        with translation.override(_language(organization_id)):
            _try(source) if delivery is None else _run(source, delivery)
    except BaseException:
        _release(source)
        raise
    return True


def forget_deliveries(*, as_of: datetime) -> None:
    """Drop old deliveries in every organization; their rows and batches stay."""
    forget_old(as_of=as_of, keys=("deliveries",))


def _claim(organization_id: int, source_id: int) -> tuple[DataSource, SourceDelivery | None] | None:
    """The leased source, with the delivery that this run fills; without one where the query is to be looked at."""
    now = timezone.now()
    with tenant_transaction(organization_id):
        is_free = Q(lease_until=None) | Q(lease_until__lt=now)
        due = DataSource.objects.filter(is_free, pk=source_id, next_run_at__lte=now)
        source = due.select_for_update(of=("self",), skip_locked=True).first()
        if source is None:
            return None
        slot = source.next_run_at
        source.lease_until = now + LEASE
        source.save(update_fields=["lease_until"])
        if source.kind == SourceKind.SQL and source.sample.get("state") == WAITING:
            return source, None
        if not source.is_enabled:
            return None
        assert slot is not None  # it was filtered by it
        delivery, _is_new = SourceDelivery.objects.get_or_create(source=source, key=slot.isoformat())
        delivery.begun_at, delivery.status = now, DeliveryStatus.RUNNING
        delivery.refusals, delivery.rows_refused = [], 0
        delivery.source = source
        return source, delivery


def _run(source: DataSource, delivery: SourceDelivery) -> None:
    try:
        if source.kind == SourceKind.EVENTS:
            _finish(source, delivery, None)
        else:
            with pulled(_target(source), plan_of(source.plan)) as found:
                _finish(source, delivery, found)
    except DomainError as error:
        _fail(source, delivery, str(error))


def _finish(source: DataSource, delivery: SourceDelivery, found: Pulled | None) -> None:
    with tenant_transaction(source.organization_id):
        if not _is_ours(source):
            SourceDelivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.RUNNING).delete()
            return
        dataset = Dataset.objects.get(pk=source.dataset_id)
        if found is None:
            source.next_run_at = take_waiting(source, delivery, dataset)
        else:
            _load(delivery, dataset, found)
            source.cursor = cursor_until(found.cursor, timezone.now(), _zone(source)) if found.cursor else source.cursor
            source.next_run_at = _next(source)
        if found is None and not delivery.rows_read:
            delivery.delete()
        else:
            delivery.save()
        source.last_run_at, source.lease_until = timezone.now(), None
        source_works(source)
        source.failures, source.problem = 0, ""
        source.save(update_fields=["last_run_at", "next_run_at", "lease_until", "cursor", "failures", "problem"])


def _load(delivery: SourceDelivery, dataset: Dataset, found: Pulled) -> None:
    intake, first = Intake(delivery, dataset, is_patient=True), 1
    delivery.rows_read = found.rows
    for rows in found.parts():
        intake.take(rows, rows, range(first, first + len(rows)))
        first += len(rows)
    intake.finish()


def _fail(source: DataSource, delivery: SourceDelivery, sentence: str) -> None:
    """Note the failure; it is tried again later, or a person has to look at it."""
    with tenant_transaction(source.organization_id):
        if not _is_ours(source):
            SourceDelivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.RUNNING).delete()
            return
        now = timezone.now()
        source.failures += 1
        source.problem, source.last_run_at, source.lease_until = storable(sentence), now, None
        source.next_run_at = now + wait_after(source.failures)
        if source.failures >= MOST_FAILURES:
            source.is_enabled, source.stopped_at, source.next_run_at = False, now, None
        source.save()
        delivery.status, delivery.ended_at, delivery.problem = DeliveryStatus.FAILED, now, source.problem
        delivery.save()
        tell_of_failing(source)
        log.warning("source.failed", source=source.pk, failures=source.failures, is_stopped=not source.is_enabled)
        if source.stopped_at:
            actor = system_actor(source.organization_id, f"source_{source.kind}")
            events.emit(actor, SOURCE_STOPPED, source, failures=source.failures)
            audit.record(actor, "metrics.source.switched_off", source, failures=source.failures)


def _try(source: DataSource) -> None:
    """Look at the query's columns and first rows, for a person to settle what they are."""
    try:
        names, rows = look(_target(source))
        cells = [[_cell(value) for value in row] for row in rows]
        sample: dict[str, Any] = {"state": SEEN, "names": names, "rows": cells}
    except DomainError as error:
        sample = {"state": UNSEEN, "problem": storable(str(error))}
    with tenant_transaction(source.organization_id):
        if _is_ours(source):
            source.next_run_at = timezone.now() if source.is_enabled else None
            source.sample, source.lease_until = sample, None
            source.save(update_fields=["sample", "next_run_at", "lease_until"])


def _is_ours(source: DataSource) -> bool:
    """Lock the source and see whether the lease is still the one we took, and the settings are those we read."""
    held = DataSource.objects.select_for_update(of=("self",)).filter(pk=source.pk, lease_until=source.lease_until)
    return held.filter(updated_at=source.updated_at, is_enabled=source.is_enabled).exists()


def _release(source: DataSource) -> None:
    with tenant_transaction(source.organization_id):
        DataSource.objects.filter(pk=source.pk, lease_until=source.lease_until).update(lease_until=None)


def _target(source: DataSource) -> Target:
    said = source.settings
    since = cursor_before(source.cursor, timedelta(minutes=said["overlap"])) if source.cursor else ""
    return Target(
        host=said["host"],
        port=said["port"],
        database=said["database"],
        user=said["user"],
        password=unseal(source.sealed) if source.sealed else "",
        tls=said["tls"],
        query=said["query"],
        timezone=_zone(source),
        since=since,
        cursor=said["cursor"],
    )


def _next(source: DataSource) -> datetime:
    said = source.settings
    return next_time(said["every"], said["at"], after=timezone.now(), timezone=_zone(source))


def _zone(source: DataSource) -> str:
    with tenant_transaction(source.organization_id):
        return Organization.objects.get(pk=source.organization_id).timezone


def _language(organization_id: int) -> str:
    with tenant_transaction(organization_id):
        return Organization.objects.get(pk=organization_id).language


def _cell(value: Any) -> str | None:
    return None if value is None else storable(str(value)[:LONGEST_CELL])
