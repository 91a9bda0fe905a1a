"""Taking back what was just done: a signed note of how, good for a minute and for its maker alone.

A write that can be reversed registers the service that does so and hands the note's address to the toast:

    @reverses("organization.view.removed")
    def bring_back(actor, facts): services.restore_view(actor, SavedView.objects.get(pk=facts["pk"]))

    undo_url(actor, "organization.view.removed", pk=view.pk)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core import signing
from django.db import transaction
from django.urls import reverse

from organization.access import Actor
from organization.errors import NotVisible

SALT = "organization.undo"
SECONDS = 60
LONGEST = 3_000

Reverse = Callable[[Actor, dict[str, Any]], object]
_reverses: dict[str, Reverse] = {}


def reverses(name: str) -> Callable[[Reverse], Reverse]:
    """Register what takes `name` back."""

    def register(function: Reverse) -> Reverse:
        _reverses[name] = function
        return function

    return register


def undo_url(actor: Actor, name: str, **facts: Any) -> str:
    """Where the toast posts to; empty when the note would be longer than an address may be."""
    note = signing.dumps([actor.organization_id, actor.member_id, name, facts], salt=SALT, compress=True)
    return reverse("organization:undo", args=[note]) if len(note) <= LONGEST else ""


def take_back(actor: Actor, note: str) -> None:
    """Reverse what the note says. Raises NotVisible for a note that is old, damaged or somebody else's."""
    try:
        organization_id, member_id, name, facts = signing.loads(note, salt=SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError) as error:
        raise NotVisible from error
    if (organization_id, member_id) != (actor.organization_id, actor.member_id) or name not in _reverses:
        raise NotVisible
    with transaction.atomic():  # all of it or nothing
        _reverses[name](actor, facts)
