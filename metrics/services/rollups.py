"""Keeping rollups equal to the observations: recompute what was marked, or everything.

A write marks the (dataset, hour) buckets it touched. One task takes a dataset's marks and computes just the buckets they
lie in, for every KPI on the dataset: the finest grain from rows, coarser ones from finer rollups where the aggregation
allows it. Values are set, never added to, so doing it twice gives the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from metrics.choices import KpiKind
from metrics.models import Dataset, Kpi, KpiVersion
from metrics.queries.buckets import Reach, joined, reach
from metrics.queries.rebuild_check import FRESH, Difference, differences
from metrics.queries.rollup_sql import ROLLUPS
from metrics.queries.versions import in_force
from metrics.services.corrections import Corrections
from metrics.services.rollup_builder import DROP_ALL, Builder, Work
from organization.engine.periods import PeriodRule
from organization.models import Organization
from organization.tenancy import tenant_transaction

HOUR = timedelta(hours=1)
# The memory is for one hash table of a month's groups; PostgreSQL's default would spill each of them to disk
LIMITS = "SET LOCAL statement_timeout = '14min'; SET LOCAL work_mem = '64MB'"
TAKE_MARKS = "DELETE FROM metrics_rollupmark WHERE organization_id = %s AND dataset_id = %s RETURNING hour_start"
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def recompute_dataset(organization_id: int, dataset_id: int) -> bool:
    """Work off the dataset's marks, and roll up versions that never were. False when another worker is at it.

    Runs as separate statements in READ COMMITTED: the lock first, then the marks, then the rows, so that what committed
    before the marks were taken is seen.
    """
    with tenant_transaction(organization_id), connection.cursor() as cursor:
        cursor.execute(TRY_LOCK, [_lock_name(organization_id, dataset_id)])
        if not cursor.fetchone()[0]:
            return False
        _follow_marks(cursor, organization_id, dataset_id)
    return True


def rebuild_dataset(organization_id: int, dataset_id: int) -> int:
    """Compute all rollups of a dataset from its observations; how many versions that were. Waits for other workers."""
    with tenant_transaction(organization_id), connection.cursor() as cursor:
        cursor.execute(LOCK, [_lock_name(organization_id, dataset_id)])
        versions = KpiVersion.objects.filter(dataset=dataset_id)
        forget_rollups(versions)
        _follow_marks(cursor, organization_id, dataset_id)
        return versions.count()


def check_dataset(organization_id: int, dataset_id: int, *, most: int = 20) -> list[Difference]:
    """Where the stored rollups differ from those computed anew, the first `most` of them. Nothing is changed.

    Marks that still wait are worked off first, as a worker would do, and all of it is rolled back.
    """
    with tenant_transaction(organization_id), connection.cursor() as cursor:
        cursor.execute(LOCK, [_lock_name(organization_id, dataset_id)])
        _follow_marks(cursor, organization_id, dataset_id)
        dataset = Dataset.objects.get(pk=dataset_id)
        rule = Organization.objects.get(pk=organization_id).period_rule
        cursor.execute(f"CREATE TEMPORARY TABLE {FRESH} (LIKE {ROLLUPS} INCLUDING INDEXES) ON COMMIT DROP")
        builder = Builder(dataset, rule, table=FRESH)
        work = builder.plan(versions_in_force(dataset, rule))
        builder.rebuild(work)
        found = differences([(item.version, item.reach) for item in work], most=most)
        transaction.set_rollback(True)
    return found


def forget_rollups(versions: Any) -> int:
    """Let the next sweep compute these versions (a queryset) anew; how many they are. What is stored is shown till then."""
    return versions.update(computed_at=None)


def forget_all_rollups() -> int:
    """Let the next sweep compute every KPI of the open organization anew: its periods have moved."""
    return forget_rollups(KpiVersion.objects.filter(kind=KpiKind.AGGREGATE))


def versions_in_force(dataset: Dataset, rule: PeriodRule) -> list[tuple[KpiVersion, Reach]]:
    """The dataset's aggregate versions that are in force on some day, with the time they must cover."""
    versions: dict[int, list[KpiVersion]] = defaultdict(list)
    kpis = Kpi.objects.filter(versions__dataset=dataset).distinct()
    for version in KpiVersion.objects.filter(kpi__in=kpis).select_related("kpi").order_by("kpi_id", "number"):
        versions[version.kpi_id].append(version)
    return [
        (version, reach(first_on, until_on, rule))
        for history in versions.values()
        for version, first_on, until_on in in_force(history)
        if version.dataset_id == dataset.pk and version.kind == KpiKind.AGGREGATE
    ]


def _follow_marks(cursor: Any, organization_id: int, dataset_id: int) -> None:
    cursor.execute(LIMITS)
    cursor.execute(TAKE_MARKS, [organization_id, dataset_id])
    hours: list[datetime] = sorted({hour for (hour,) in cursor.fetchall()})
    dataset = Dataset.objects.filter(pk=dataset_id).first()
    if dataset is None:
        return
    rule = Organization.objects.get(pk=organization_id).period_rule
    builder = Builder(dataset, rule)
    versions = versions_in_force(dataset, rule)
    _retire(cursor, dataset, [version.pk for version, _ in versions])
    work = builder.plan(versions)
    builder.rebuild(anew := [item for item in work if item.version.computed_at is None])
    known = [item for item in work if item.version.computed_at is not None] if hours else []
    if known:
        touched = list(joined([(hour, hour + HOUR) for hour in hours]))
        corrections = Corrections(known, touched, rule)
        builder.refresh(known, touched)
        corrections.write()
    _stamp([*anew, *known])


def _retire(cursor: Any, dataset: Dataset, in_force_ids: list[int]) -> None:
    """Drop what is stored of versions that no day is read under any more, and let the sweep forget them."""
    retired = KpiVersion.objects.filter(dataset=dataset, computed_at=None).exclude(pk__in=in_force_ids)
    ids = list(retired.values_list("pk", flat=True))
    if ids:
        cursor.execute(DROP_ALL.format(table=ROLLUPS), [dataset.organization_id, ids])
        _stamp_ids(ids)


def _stamp(work: Iterable[Work]) -> None:
    ids = [item.version.pk for item in work]
    if ids:
        _stamp_ids(ids)


def _stamp_ids(ids: list[int]) -> None:
    KpiVersion.objects.filter(pk__in=ids).update(data_version=F("data_version") + 1, computed_at=timezone.now())


def _lock_name(organization_id: int, dataset_id: int) -> str:
    return f"rollup:{organization_id}:{dataset_id}"
