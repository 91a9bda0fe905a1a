"""A version as people read it: every word of the text, with what reviewers said at each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from ops_platform.web import formats
from processes.engine.content import Procedure, Step
from processes.models import SopVersion, VersionComment
from processes.queries.compare import properties
from processes.queries.pictures import instruction_html
from processes.queries.words import PROPERTY_LABELS, in_language

_FACTS = ("responsible", "minutes", "due", "condition", "approval", "after", "critical", "weight")
_FIELD_FACTS = ("settings", "required", "critical", "fail_when", "condition", "weight", "help")


@dataclass(frozen=True, slots=True)
class ReadField:
    """A field: what is asked and everything that is set about it, each in a few words."""

    label: str
    kind: str
    facts: list[str]


@dataclass(frozen=True, slots=True)
class ReadStep:
    """A step. number: in the whole text, from 1."""

    key: str
    number: int
    title: str
    instruction: SafeString
    facts: list[tuple[str, str]]
    fields: list[ReadField]
    comments: list[VersionComment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadSection:
    """A section with what sets it apart."""

    title: str
    facts: list[tuple[str, str]]
    steps: list[ReadStep]


def read_sections(
    sop_id: int, procedure: Procedure, names: Mapping[str, str], comments: list[VersionComment]
) -> list[ReadSection]:
    """The whole text in the reader's language."""
    at: dict[str, list[VersionComment]] = {}
    for comment in comments:
        at.setdefault(comment.step_key, []).append(comment)
    found, number = [], 0
    for section in procedure.sections:
        steps = []
        for step in section.steps:
            number += 1
            steps.append(_step(sop_id, step, number, procedure, names, at.get(step.key, [])))
        said = properties(procedure, "section", section.key, names)
        found.append(
            ReadSection(in_language(section.title, section.title_zh), _pairs(said, ("repeats", "condition")), steps)
        )
    return found


def comments_of(version: SopVersion) -> list[VersionComment]:
    """What was said about a version, oldest first."""
    rows = VersionComment.objects.filter(sop_version=version).select_related("made_by", "resolved_by")
    return list(rows.order_by("pk"))


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a version."""

    at: datetime
    says: str
    who: str


def timeline(version: SopVersion) -> list[Moment]:
    """What happened to a version, oldest first."""
    moments: list[tuple[datetime | None, str, Any]] = [
        (version.created_at, gettext("Begun"), version.made_by),
        (version.submitted_at, gettext("Submitted for review"), version.submitted_by),
        (version.approved_at, gettext("Approved"), version.approved_by),
        (version.effective_at, gettext("In force"), None),
        (version.retired_at, gettext("Retired"), None),
    ]
    return sorted(
        (Moment(at, says, str(who) if who else "") for at, says, who in moments if at is not None),
        key=lambda one: one.at,
    )


def _step(
    sop_id: int, step: Step, number: int, procedure: Procedure, names: Mapping[str, str], comments: list[VersionComment]
) -> ReadStep:
    fields = []
    for one in step.fields:
        said = properties(procedure, "field", one.key, names)
        fields.append(ReadField(in_language(one.label, one.label_zh), said["kind"], _facts(said)))
    return ReadStep(
        step.key,
        number,
        in_language(step.title, step.title_zh),
        instruction_html(sop_id, in_language(step.instruction, step.instruction_zh)),
        _pairs(properties(procedure, "step", step.key, names), _FACTS),
        fields,
        comments,
    )


def _facts(said: Mapping[str, str]) -> list[str]:
    facts = []
    for label, text in _pairs(said, _FIELD_FACTS):
        if text == gettext("Yes"):
            facts.append(label)
        elif label == PROPERTY_LABELS["settings"]:
            facts.append(formats.listed(text.split("\n")))
        else:
            facts.append(f"{label}: {text}")
    return facts


def _pairs(said: Mapping[str, str], names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(str(PROPERTY_LABELS[name]), said[name]) for name in names if name in said]
