"""What processes brings to links, attachments, the trail and search."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.models.base import name_key
from organization.queries.kinds import Found, Kind, register_kind, register_name, register_search
from organization.queries.matching import matching
from processes.models import (
    AndonCall,
    Approval,
    Deviation,
    GuestLink,
    PublicForm,
    Run,
    RunStep,
    Sop,
    SopStep,
    SopVersion,
    StartPlan,
    VersionComment,
)

SOP = register_kind(Kind(Sop, _("SOP"), "processes:sop-detail", "processes.sop.edit", "file-text"))
VERSION = register_kind(
    Kind(SopVersion, _("Version of a SOP"), "processes:version-detail", "processes.sop.edit", "file-text")
)
RUN = register_kind(Kind(Run, _("Run"), "processes:run-detail", "processes.run.work", "list-check"))
STEP = register_kind(Kind(RunStep, _("Step of a run"), "processes:step-detail", "processes.run.work", "list-check"))
register_name(SopStep, _("Step of a SOP"))
register_name(VersionComment, _("Comment on a version"))
register_name(Approval, _("Approval"))
register_name(Deviation, _("Deviation"))
register_name(AndonCall, _("Call for help"))
register_name(StartPlan, _("Start plan"))
register_name(GuestLink, _("Link for a guest"))
register_name(PublicForm, _("Public form"))


@register_search
def find_sops(actor: Actor, text: str, limit: int) -> list[Found]:
    """SOPs by either name, pinyin, code or reference."""
    condition = Q(reference__iexact=text) | Q(code__iexact=text)
    rows: Any = matching(Sop.objects.visible_to(actor), text, condition)
    return [SOP.found(row, row.code or row.reference) for row in rows.order_by(name_key(), "pk")[:limit]]


@register_search
def find_runs(actor: Actor, text: str, limit: int) -> list[Found]:
    """Runs by reference, the newest first."""
    rows = Run.objects.visible_to(actor).filter(reference__iexact=text).order_by("-pk")[:limit]
    return [RUN.found(row, row.reference) for row in rows]
