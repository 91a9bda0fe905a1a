"""What processes does after its own events: people owe what the state of a run says."""

from __future__ import annotations

from organization.services.events import Event, handles
from processes.events import CHANGES_WORK
from processes.services.owed import follow_run


@handles(*CHANGES_WORK)
def follow_work(event: Event) -> None:
    """Bring the work items of the run up to date. Idempotent: they are set from what is now."""
    run_id = event.subject_id if event.subject_type == "processes.run" else event.facts["run"]
    if run_id is not None:
        follow_run(organization_id=event.organization_id, run_id=run_id)
