"""What is waiting for a worker in any organization, through the dispatcher's eyes."""

from __future__ import annotations

from django.db import connections, transaction

OPEN_ONLY = """NOT EXISTS (SELECT 1 FROM organization_organization closed
                             WHERE closed.id = organization_id AND closed.delete_after IS NOT NULL)"""
# A day begins first at UTC+14; whether it has begun by an organization's own clock is decided there
VERSIONS = f"""
SELECT DISTINCT organization_id, 0 FROM processes_sopversion
 WHERE ((state = 'approved' AND effective_on <= (now() AT TIME ZONE 'UTC' + interval '14 hours')::date)
    OR (state = 'effective' AND review_on <= (now() AT TIME ZONE 'UTC' + interval '14 hours')::date
        AND NOT review_asked)) AND {OPEN_ONLY} LIMIT 100
"""  # noqa: S608  # a constant of ours
PLANS = f"""
SELECT organization_id, id FROM processes_startplan
 WHERE (next_at <= now() OR slot_at IS NOT NULL) AND {OPEN_ONLY} ORDER BY next_at LIMIT 100
"""  # noqa: S608  # a constant of ours
CALLS = f"""
SELECT organization_id, id FROM processes_andoncall
 WHERE escalate_at <= now() AND {OPEN_ONLY} ORDER BY escalate_at LIMIT 100
"""  # noqa: S608  # a constant of ours


def organizations_with_due_versions() -> list[int]:
    """Organizations in which a version takes effect, or has to be reviewed, perhaps today."""
    return [organization_id for organization_id, _zero in _read(VERSIONS)]


def due_plans() -> list[tuple[int, int]]:
    """(organization, plan) of start plans whose time has come, or whose runs are half made."""
    return _read(PLANS)


def calls_to_escalate() -> list[tuple[int, int]]:
    """(organization, call) of calls for help that nobody has answered in time."""
    return _read(CALLS)


def _read(sql: str) -> list[tuple[int, int]]:
    with transaction.atomic(using="dispatcher"), connections["dispatcher"].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
