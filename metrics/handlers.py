"""What metrics does when something happens below. Each only decides what is stale: a worker then computes it anew."""

from __future__ import annotations

from metrics.queries.source_words import EVENT_KINDS
from metrics.services.departments import follow_departments, follow_moved_departments
from metrics.services.rollups import forget_all_rollups
from metrics.services.source_events import note_event
from organization.events import DEPARTMENT_CHANGED, DEPARTMENT_CREATED, DEPARTMENT_MOVED, PERIODS_CHANGED
from organization.services.events import Event, handles


@handles(DEPARTMENT_CREATED, DEPARTMENT_CHANGED)
def follow_department_codes(event: Event) -> None:
    """A new or renamed department may be the one that rows have named all along. Idempotent: set from what is now."""
    follow_departments()


@handles(DEPARTMENT_MOVED)
def follow_department_tree(event: Event) -> None:
    """Rows of the moved subtree count for other departments from now on. Idempotent: a version is stale or it is not."""
    follow_moved_departments()


@handles(PERIODS_CHANGED)
def follow_periods(event: Event) -> None:
    """Days, weeks or years begin elsewhere now. Idempotent: a version is stale or it is not."""
    forget_all_rollups()


@handles(*EVENT_KINDS)
def feed_own_events(event: Event) -> None:
    """A dataset may count events of this kind. Idempotent: an event waits once, and is one row by its id."""
    note_event(event.name, event.id)
