"""What an object came from, and what it led to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from organization.access import Actor
from organization.choices import LinkVerb
from organization.models import Link
from organization.queries.kinds import Found, visible_objects


@dataclass(frozen=True)
class LinkedEnd:
    """The other end of a link, as seen from the object."""

    link: Link
    verb: Any
    end: Found


@dataclass(frozen=True)
class LoopPanel:
    """came_from: links that point to the object; led_to: links that start at it. Newest first.

    url: the whole chain. why_url: the page that says why the object is visible.
    """

    came_from: list[LinkedEnd]
    led_to: list[LinkedEnd]
    url: str = ""
    why_url: str = ""

    def __bool__(self) -> bool:
        return bool(self.came_from or self.led_to)


def loop_panel(actor: Actor, subject: Any) -> LoopPanel:
    """The links of `subject` whose other end the actor may see."""
    label, pk = subject._meta.label_lower, subject.pk
    here = Q(source_type=label, source_id=pk) | Q(target_type=label, target_id=pk)
    links = list(Link.objects.filter(here).order_by("-pk"))
    ends = {link.pk: _other_end(link, label, pk) for link in links}
    visible = visible_objects(actor, ends.values())
    panel = LoopPanel(
        [],
        [],
        reverse("organization:loop", args=[label, pk]),
        reverse("organization:why", args=[label, pk]),
    )
    for link in links:
        if found := visible.get(ends[link.pk]):
            starts_here = (link.source_type, link.source_id) == (label, pk)
            side = panel.led_to if starts_here else panel.came_from
            side.append(LinkedEnd(link, LinkVerb(link.verb).label, found))
    return panel


def _other_end(link: Link, label: str, pk: int) -> tuple[str, int]:
    source, target = (link.source_type, link.source_id), (link.target_type, link.target_id)
    return target if source == (label, pk) else source
