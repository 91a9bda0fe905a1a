"""Data that leaves: reads which the trail remembers."""

from __future__ import annotations

from typing import Any

from organization.access import Actor
from organization.services import audit


def note_export(actor: Actor, model: Any, *, kind: str, rows: int, filters: list[str]) -> None:
    """Write down that a list went out as a file. The caller has asked for the right, and shown only visible rows.

    kind: csv or xlsx. filters: names of those that were used; what people typed into them is not kept.
    """
    verb = f"{model._meta.app_label}.{model._meta.model_name}.exported"
    audit.record(actor, verb, model(), kind=kind, rows=rows, filters=filters)


def note_download(actor: Actor, subject: Any, **facts: Any) -> None:
    """Write down that a file of `subject` went out. The caller has asked for the right."""
    audit.record(actor, f"{subject._meta.app_label}.{subject._meta.model_name}.downloaded", subject, **facts)
