"""Tying any two objects together."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import LinkVerb
from organization.errors import DomainError, NotVisible
from organization.models import Link
from organization.services import audit
from organization.usecases import authorize, use_case


class LinkedToItself(DomainError):
    """A link needs two ends."""

    message = _("An object cannot be linked to itself.")


@use_case("organization.link.edit")
def link(actor: Actor, source: Any, *, verb: LinkVerb, target: Any, note: str = "") -> Link:
    """Tie `source verb target`; the same link again changes nothing. Both ends must be visible to the actor."""
    for end in (source, target):
        authorize(actor, end.view_permission, end)
    if source == target:
        raise LinkedToItself
    found, created = Link.objects.get_or_create(
        source_type=source._meta.label_lower,
        source_id=source.pk,
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=target.pk,
        defaults={"note": note},
    )
    if created:
        audit.record(actor, "organization.link.made", found, source=source.pk, verb=verb, target=target.pk)
    return found


@use_case("organization.link.edit")
def unlink(actor: Actor, source: Any, *, link: Link) -> None:
    """Untie a link of `source`, one of its two ends."""
    ends = {(link.source_type, link.source_id), (link.target_type, link.target_id)}
    if (source._meta.label_lower, source.pk) not in ends:
        raise NotVisible
    audit.record(actor, "organization.link.removed", link, source=link.source_id, verb=link.verb, target=link.target_id)
    link.delete()
