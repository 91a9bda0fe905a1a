"""Listeners of floor 0. Each sets what follows from the rows as they stand, so running twice changes once."""

from __future__ import annotations

from django.utils import timezone

from organization.access import system_actor
from organization.events import CALENDAR_CHANGED
from organization.services.events import Event, handles
from organization.services.reminders import ask_for_official_days, mark_provisional


@handles(CALENDAR_CHANGED)
def follow_calendars(event: Event) -> None:
    """Official days that were loaded finish the work of loading them, and make due dates certain. Idempotent: set anew."""
    mark_provisional()
    ask_for_official_days(system_actor(event.organization_id, "calendar"), as_of=timezone.now())
