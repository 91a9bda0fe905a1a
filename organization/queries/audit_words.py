"""The words of the audit trail: entries hold codes, so that they read the same for ever; people read words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from ops_platform.web.formats import listed
from organization.choices import Scope
from organization.models import AuditEntry
from organization.permissions import find_or_none
from organization.queries.kinds import Found, kind_of

# The last part of a verb, of this app or a higher one. One that is not here is shown as it stands.
VERBS = {
    "founded": _p("audit", "founded"),
    "created": _p("audit", "created"),
    "added": _p("audit", "added"),
    "made": _p("audit", "made"),
    "defined": _p("audit", "defined"),
    "changed": _p("audit", "changed"),
    "redefined": _p("audit", "redefined"),
    "renamed": _p("audit", "renamed"),
    "extended": _p("audit", "extended"),
    "applied": _p("audit", "applied"),
    "set": _p("audit", "set"),
    "deleted": _p("audit", "deleted"),
    "removed": _p("audit", "removed"),
    "ended": _p("audit", "ended"),
    "moved": _p("audit", "moved"),
    "merged": _p("audit", "merged into another"),
    "restored": _p("audit", "brought back"),
    "shared": _p("audit", "shared"),
    "unshared": _p("audit", "no longer shared"),
    "pinned": _p("audit", "pinned"),
    "unpinned": _p("audit", "no longer pinned"),
    "opens_first": _p("audit", "opening page chosen"),
    "panel_added": _p("audit", "panel added"),
    "panel_changed": _p("audit", "panel changed"),
    "panel_moved": _p("audit", "panel moved"),
    "panel_removed": _p("audit", "panel removed"),
    "panel_restored": _p("audit", "panel brought back"),
    "duties_set": _p("audit", "duties set"),
    "hours_set": _p("audit", "hours set"),
    "day_set": _p("audit", "day set"),
    "day_cleared": _p("audit", "day cleared"),
    "official_days_loaded": _p("audit", "official days loaded"),
    "grants_set": _p("audit", "rights set"),
    "assigned": _p("audit", "role assigned"),
    "withdrawn": _p("audit", "role withdrawn"),
    "revoked": _p("audit", "revoked"),
    "sent": _p("audit", "sent"),
    "sent_again": _p("audit", "sent again"),
    "accepted": _p("audit", "accepted"),
    "signed_out": _p("audit", "signed out everywhere"),
    "second_factor_reset": _p("audit", "second factor reset"),
    "retried": _p("audit", "retried"),
    "received": _p("audit", "received"),
    "loaded": _p("audit", "loaded"),
    "discarded": _p("audit", "discarded"),
    "undone": _p("audit", "undone"),
    "exported": _p("audit", "exported"),
    "downloaded": _p("audit", "downloaded"),
    "recorded": _p("audit", "recorded"),
    "settled": _p("audit", "columns settled"),
    "secret_changed": _p("audit", "secret changed"),
    "switched_on": _p("audit", "switched on"),
    "switched_off": _p("audit", "switched off"),
    "run": _p("audit", "run by hand"),
    "saved": _p("audit", "saved"),
    "opened": _p("audit", "opened"),
    "closed": _p("audit", "closed"),
    "tested": _p("audit", "tested"),
    "chosen": _p("audit", "notices chosen"),
    "reassigned": _p("audit", "given to somebody else"),
    "requested": _p("audit", "requested"),
    "imported": _p("audit", "imported"),
    "reopened": _p("audit", "opened again"),
    "erased": _p("audit", "erased"),
    "retention_set": _p("audit", "retention set"),
    "started": _p("audit", "started"),
    "cancelled": _p("audit", "cancelled"),
    "retired": _p("audit", "retired"),
    "edited": _p("audit", "text changed"),
    "described": _p("audit", "kind of change named"),
    "submitted": _p("audit", "submitted for review"),
    "commented": _p("audit", "commented"),
    "comment_resolved": _p("audit", "comment resolved"),
    "sent_back": _p("audit", "sent back"),
    "approved": _p("audit", "approved"),
    "scheduled": _p("audit", "day of effect set"),
    "effective": _p("audit", "took effect"),
    "row_added": _p("audit", "row added"),
    "due_set": _p("audit", "due time set"),
    "claimed": _p("audit", "taken"),
    "released": _p("audit", "given back"),
    "answered": _p("audit", "answered"),
    "finished": _p("audit", "finished"),
    "skipped": _p("audit", "skipped"),
    "handed_over": _p("audit", "handed over"),
    "voted": _p("audit", "voted on"),
    "explained": _p("audit", "explained"),
    "called": _p("audit", "called"),
    "resolved": _p("audit", "resolved"),
    "escalated": _p("audit", "passed on to the next person"),
    "switched": _p("audit", "switched on or off"),
    "sent_now": _p("audit", "sent at once"),
    "entered": _p("audit", "entered"),
    "planned": _p("audit", "planned"),
}
# Facts that are no fields of the object, or fields without a name of their own.
FACTS = {
    "attachment": _("File"),
    "codenames": _("Rights"),
    "after": _p("audit", "Behind panel"),
    "columns": _("Columns"),
    "copied_from": _p("audit", "Copied from"),
    "count": _p("audit", "Count"),
    "country": _("Country or region"),
    "created": _("New"),
    "dashboard": _("Dashboard"),
    "dataset": _("Dataset"),
    "day_on": _("Date"),
    "days": _("Days"),
    "department": _("Department"),
    "effective_on": _("In force from"),
    "failures": _("Failures in a row"),
    "fields": _("Fields"),
    "filters": _("Filters"),
    "field": _p("audit", "Field"),
    "run": _("Run"),
    "cause": _("Why it was started"),
    "section": _("Section"),
    "approves": _p("audit", "Approves"),
    "change_class": _("Kind of change"),
    "kind": _("Kind"),
    "for_member": _p("audit", "On behalf of"),
    "into": _p("audit", "Into"),
    "deputy": _("Deputy"),
    "is_first": _p("audit", "Opens first"),
    "kit": _("Starter kit"),
    "kpi": _("KPI"),
    "member": _("Member"),
    "may_edit": _("May change it"),
    "name": _("Name"),
    "number": _("Version"),
    "outcome": _("Outcome"),
    "owner": _("Owner"),
    "panel": _("Panel"),
    "panels": _("Panels"),
    "parent": _("Part of"),
    "refused": _("Refused"),
    "removed": _p("rows of an import", "Removed"),
    "restored": _p("rows of an import", "Restored"),
    "role": _("Role"),
    "roles": _("Roles"),
    "rows": _("Rows"),
    "sha256": _("Checksum"),
    "size": _("Size"),
    "source": _("Source"),
    "target": _("Target"),
    "unchanged": _("Unchanged"),
    "updated": _("Corrected"),
    "verb": _("What"),
    "why": _("Why this definition"),
    "year": _("Year"),
}
# Facts that are numbers of objects, where the object has no such field
POINTS_AT = {
    "copied_from": "metrics.dashboard",
    "dashboard": "metrics.dashboard",
    "dataset": "metrics.dataset",
    "department": "organization.department",
    "deputy": "organization.member",
    "for_member": "organization.member",
    "into": "organization.position",
    "kpi": "metrics.kpi",
    "member": "organization.member",
    "owner": "organization.member",
    "role": "organization.role",
    "run": "processes.run",
    "roles": "organization.role",
}
Names = Mapping[tuple[str, int | None], Found]
REASONS = {
    "founding": _p("reason of the system", "founding"),
    "single sign-on": _p("reason of the system", "single sign-on"),
    "import_file": _p("reason of the system", "file import"),
    "sample": _p("reason of the system", "sample company"),
    "archive": _p("reason of the system", "import of an archive"),
    "command": _p("reason of the system", "command"),
    "source_webhook": _p("reason of the system", "webhook"),
    "source_sql": _p("reason of the system", "query of a source"),
    "source_events": _p("reason of the system", "own events"),
    "andon": _p("reason of the system", "calls for help"),
    "bulk": _p("reason of the system", "large change"),
    "calendar": _p("reason of the system", "working calendar"),
    "entry_due": _p("reason of the system", "figures by hand"),
    "events": _p("reason of the system", "events"),
    "invitation": _p("reason of the system", "invitation"),
    "notices": _p("reason of the system", "notices"),
    "privacy": _p("reason of the system", "privacy"),
    "reminders": _p("reason of the system", "reminders"),
    "scheduled reports": _p("reason of the system", "scheduled reports"),
    "sop_runs": _p("reason of the system", "runs of SOPs"),
    "sop_versions": _p("reason of the system", "versions of SOPs"),
    "start_plans": _p("reason of the system", "starts by schedule"),
    "unsubscribe": _p("reason of the system", "link in a mail"),
}


def fact_name(model: Any, name: str) -> str:
    """What a fact is called: a right, a field of the object, or one of the words above."""
    permission = find_or_none(name)
    if permission is not None:
        return str(permission.label)
    field = _field(model, name)
    if field is not None and field.verbose_name != name.replace("_", " "):
        return str(field.verbose_name)
    return str(FACTS.get(name, name))


def fact_text(model: Any, name: str, value: Any, names: Names) -> str:
    """The value of a fact: choices and scopes by their labels, objects by `names`, lists with commas, nothing as a dash."""
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return str(_p("audit", "yes") if value else _p("audit", "no"))
    if isinstance(value, list):
        return listed(fact_text(model, name, item, names) for item in value)
    if name == "codenames" and (permission := find_or_none(value)):
        return str(permission.label)
    if find_or_none(name) and value in Scope.values:
        return str(Scope(value).label)
    if isinstance(value, int) and (found := names.get((pointed_at(model, name), value))):
        return found.label
    field = _field(model, name)
    return str(dict(field.flatchoices).get(value, value)) if field is not None else str(value)


def mentioned(entry: AuditEntry) -> Iterator[tuple[str, int]]:
    """Model label and number of the objects that an entry mentions, its own among them."""
    model = model_of(entry.object_type)
    found: list[tuple[str, Any]] = [(entry.object_type, entry.object_id)]
    for name, value in entry.facts.items():
        changed = value.items() if name == "changed" and isinstance(value, dict) else [(name, [value])]
        found += [(pointed_at(model, key), number) for key, pair in changed for number in pair]
    for label, number in found:
        if isinstance(number, int) and not isinstance(number, bool) and kind_of(label):
            yield label, number


def model_of(label: str) -> Any:
    """The model that an entry calls `label`; None for one that is gone."""
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def pointed_at(model: Any, name: str) -> str:
    """The label of the model that a fact's number is of; empty for plain numbers."""
    field = _field(model, name)
    if field is None:
        return POINTS_AT.get(name, "")
    return field.related_model._meta.label_lower if field.related_model else ""


def _field(model: Any, name: str) -> Field | None:
    try:
        field = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None
