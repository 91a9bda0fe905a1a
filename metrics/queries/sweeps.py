"""What is waiting for a worker in any organization, through the dispatcher's eyes."""

from __future__ import annotations

from django.db import connections, transaction

STALE = """
SELECT organization_id, dataset_id FROM metrics_rollupmark
UNION
SELECT organization_id, dataset_id FROM metrics_kpiversion WHERE computed_at IS NULL AND dataset_id IS NOT NULL
ORDER BY 1, 2 LIMIT 200
"""
OPEN = """
SELECT organization_id, id FROM metrics_importbatch
 WHERE status IN ('checking', 'loading', 'undoing') AND (lease_until IS NULL OR lease_until < now())
 ORDER BY id LIMIT 100
"""
DUE = """
SELECT organization_id, id FROM metrics_datasource
 WHERE next_run_at <= now() AND NOT EXISTS (SELECT 1 FROM organization_organization closed
                                              WHERE closed.id = organization_id AND closed.delete_after IS NOT NULL)
   AND (lease_until IS NULL OR lease_until < now())
 ORDER BY next_run_at LIMIT 100
"""


def stale_datasets() -> list[tuple[int, int]]:
    """(organization, dataset) pairs with marks, or with versions that were never rolled up."""
    return _read(STALE)


def open_batches() -> list[tuple[int, int]]:
    """(organization, batch) of imports that should be running and that nobody holds."""
    return _read(OPEN)


def due_sources() -> list[tuple[int, int]]:
    """(organization, source) of sources whose time has come and that nobody holds."""
    return _read(DUE)


def _read(sql: str) -> list[tuple[int, int]]:
    with transaction.atomic(using="dispatcher"), connections["dispatcher"].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
