"""SOPs in force for tests."""

from __future__ import annotations

import itertools
from typing import Any

from organization.access import Actor
from organization.models import Organization
from processes.choices import ChangeClass
from processes.models import Sop, SopVersion
from processes.services import sops, versions
from tests.factories.organizations import make_actor

_numbers = itertools.count(1)


def step(key: str, title: str = "", **values: Any) -> dict[str, Any]:
    """A step of a text."""
    return {"key": key, "title": title or f"Step {key}", **values}


def text(*steps: dict[str, Any], **rules: Any) -> dict[str, Any]:
    """A procedure of one section; two steps where none are given."""
    content: dict[str, Any] = {
        "sections": [{"key": "s1", "title": "All", "steps": list(steps) or [step("a"), step("b")]}]
    }
    return content | ({"rules": rules} if rules else {})


def make_sop(actor: Actor, organization: Organization, content: dict[str, Any] | None = None, **values: Any) -> Sop:
    """A SOP with its first draft."""
    facts = {"name": f"SOP {next(_numbers)}", "content": text() if content is None else content} | values
    return sops.make_sop(actor, organization, **facts)


def draft_of(sop: Sop) -> SopVersion:
    """The newest version of a SOP."""
    return SopVersion.objects.filter(sop=sop).order_by("-number").get()


def approved(actor: Actor, version: SopVersion, **values: Any) -> SopVersion:
    """A draft of the actor, submitted by them and approved by another owner; in force today unless told otherwise."""
    versions.submit_for_review(actor, version, change_class=ChangeClass.MAJOR, reason="New")
    return versions.approve_version(make_actor("owner"), version, change_class=ChangeClass.MAJOR, **values)


def in_force(actor: Actor, organization: Organization, content: dict[str, Any] | None = None, **values: Any) -> Sop:
    """A SOP whose first version is in force."""
    sop = make_sop(actor, organization, content, **values)
    approved(actor, draft_of(sop))
    return Sop.objects.get(pk=sop.pk)
