"""Objects for the addresses of processes; url_objects.py imports it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from organization.access import Actor
from organization.models import Organization
from organization.services.attachments import attach
from organization.services.references import next_reference
from processes.models import AndonCall, Run, RunStep, SopStep
from processes.services import versions
from tests.factories.processes import draft_of, in_force, make_sop


def sop(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": in_force(owner, organization, name="Walked").pk}


def version(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": draft_of(in_force(owner, organization, name="Walked version")).pk}


def draft(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": draft_of(make_sop(owner, organization, name="Walked draft")).pk}


def picture(organization: Organization, owner: Actor) -> dict[str, Any]:
    on, stream = in_force(owner, organization, name="Walked picture"), BytesIO()
    Image.new("RGB", (2, 2)).save(stream, "PNG")
    kept = attach(owner, on, upload=ContentFile(stream.getvalue()), name="door.png")
    return {"pk": on.pk, "picture": kept.pk}


def comment(organization: Organization, owner: Actor) -> dict[str, Any]:
    version = draft_of(make_sop(owner, organization, name="Walked comment"))
    return {"pk": versions.comment_on_step(owner, version, text="Why?", step_key="a").pk}


def part(organization: Organization, owner: Actor) -> dict[str, Any]:
    return draft(organization, owner) | {"key": "a"}


def removed_part(organization: Organization, owner: Actor) -> dict[str, Any]:
    return draft(organization, owner) | {"token": "0a1b2c3d4e5f"}


def _run(organization: Organization, owner: Actor) -> Run:
    followed = in_force(owner, organization, name="Walked run")
    return Run.objects.create(
        sop=followed,
        sop_version_id=followed.current_id,
        reference=next_reference("RUN"),
        title="Walked",
        started_by_id=owner.member_id,
    )


def run(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": _run(organization, owner).pk}


def step(organization: Organization, owner: Actor) -> dict[str, Any]:
    of = _run(organization, owner)
    kept = SopStep.objects.get(sop=of.sop_id, key="a")
    row = RunStep.objects.create(run=of, sop_step=kept, key="a", section_key="s1", position=1, title="a")
    return {"pk": row.pk}


def call(organization: Organization, owner: Actor) -> dict[str, Any]:
    row = RunStep.objects.select_related("run").get(**step(organization, owner))
    made = AndonCall.objects.create(run=row.run, step=row, reason="Stuck", called_at=timezone.now())
    return {"pk": made.pk}


MAKERS = {
    "processes:sop-detail": sop,
    "processes:version-detail": version,
    "processes:sop-edit": sop,
    "processes:sop-duplicate": sop,
    "processes:sop-retire": sop,
    "processes:draft-start": sop,
    "processes:version-preview": version,
    "processes:picture-add": draft,
    "processes:sop-picture": picture,
    "processes:version-compare": version,
    "processes:version-markdown": version,
    "processes:version-submit": version,
    "processes:version-approve": version,
    "processes:version-send-back": version,
    "processes:version-schedule": version,
    "processes:version-effective": version,
    "processes:comment-add": version,
    "processes:comment-resolve": comment,
    "processes:version-edit": draft,
    "processes:frame-edit": draft,
    "processes:part-add": draft,
    "processes:part-restore": removed_part,
    "processes:part-edit": part,
    "processes:part-up": part,
    "processes:part-down": part,
    "processes:part-move": part,
    "processes:part-duplicate": part,
    "processes:part-remove": part,
    "processes:run-detail": run,
    "processes:run-start": sop,
    "processes:run-cancel": run,
    "processes:step-detail": step,
    **{
        f"processes:step-{name}": step
        for name in ("now", "save", "claim", "release", "start", "skip", "hand-over", "help", "vote")
    },
    "processes:call-answer": call,
    "processes:call-resolve": call,
}
