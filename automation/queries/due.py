"""What is waiting for a worker in any organization, through the dispatcher's eyes."""

from __future__ import annotations

from django.db import connections, transaction

DUE_SCHEDULES = """
SELECT organization_id, id FROM automation_reportschedule
 WHERE next_run_at <= now() AND NOT EXISTS (SELECT 1 FROM organization_organization closed
                                              WHERE closed.id = organization_id AND closed.delete_after IS NOT NULL)
 ORDER BY next_run_at LIMIT 100
"""
DUE_RUNS = """
SELECT organization_id, id FROM automation_reportrun
 WHERE due_at <= now() AND (lease_until IS NULL OR lease_until < now())
 ORDER BY due_at LIMIT 100
"""


def due_schedules() -> list[tuple[int, int]]:
    """(organization, schedule) of reports whose time has come."""
    return _read(DUE_SCHEDULES)


def due_runs() -> list[tuple[int, int]]:
    """(organization, run) of runs with copies that wait and that nobody holds."""
    return _read(DUE_RUNS)


def _read(sql: str) -> list[tuple[int, int]]:
    with transaction.atomic(using="dispatcher"), connections["dispatcher"].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
