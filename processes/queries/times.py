"""Where the time of a run went."""

from __future__ import annotations

from django.utils import timezone

from processes.engine.times import RunTimes, Stamp, split_times
from processes.models import Run, StepStamp


def as_clock(seconds: int) -> str:
    """A length of time as hours, minutes and seconds: 27:05:09."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def times_of(run: Run) -> RunTimes:
    """Waiting, work and re-work of a run until its end, or until now while it goes on; of its steps by number."""
    rows = StepStamp.objects.filter(run=run).order_by("pk").values_list("step_id", "state", "round", "made_at")
    return split_times([Stamp(*row) for row in rows], run.started_at, run.finished_at or timezone.now())
