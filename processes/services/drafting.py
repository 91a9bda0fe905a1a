"""Writing on a draft, one part at a time: what others do meanwhile in other parts stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.errors import StateConflict
from organization.usecases import use_case
from processes.choices import VersionState
from processes.engine import editing
from processes.engine.editing import Gone, Json, Removed
from processes.models import SopVersion
from processes.services import texts
from processes.services.sops import EDIT, store


class PartGone(StateConflict):
    """Somebody deleted the part meanwhile."""

    message = _("Somebody deleted this part meanwhile.")


class PartChanged(StateConflict):
    """Somebody saved the same part meanwhile."""

    message = _("Somebody else saved this part while you wrote. Nothing of yours is lost: compare and decide.")


@use_case(EDIT)
def add_part(
    actor: Actor, version: SopVersion, *, kind: str, part: Mapping[str, Any], parent: str = "", after: str = ""
) -> str:
    """A further section, step or field, under a new key, which comes back. Raises BadProcedure, PartGone, NotNow."""
    key = editing.new_key(kind)
    made = {**part, "key": key}
    _change(actor, version, lambda text: editing.add(text, kind, made, parent=parent, after=after))
    return key


@use_case(EDIT)
def change_part(
    actor: Actor, version: SopVersion, *, part: Mapping[str, Any], seen: str, without: str = ""
) -> SopVersion:
    """Replace a section, step or field by `part`, which bears its key.

    seen: the `stamp` of the part as the author saw it; without: a property that is left as it stands, such as the steps of
    a section. Raises PartChanged where somebody saved the part meanwhile, PartGone, BadProcedure, NotNow.
    """

    def changed(text: Json) -> Json:
        _kind, present, _siblings, _parent = editing.found(text, part["key"])
        if editing.stamp(present, without=without) != seen:
            raise PartChanged
        kept = {without: present[without]} if without in present else {}
        return editing.put(text, part["key"], {**part, **kept})

    return _change(actor, version, changed)


@use_case(EDIT)
def change_frame(actor: Actor, version: SopVersion, *, frame: Mapping[str, Any], seen: str) -> SopVersion:
    """Replace what holds for the text as a whole: introduction and rules. Raises as `change_part` does."""

    def changed(text: Json) -> Json:
        if editing.stamp(text, without="sections") != seen:
            raise PartChanged
        return {**frame, "sections": text.get("sections", [])}

    return _change(actor, version, changed)


@use_case(EDIT)
def move_part(actor: Actor, version: SopVersion, *, key: str, parent: str = "", after: str = "") -> SopVersion:
    """Put a part below `parent`, behind `after`. Raises BadProcedure where another part then asks for what comes later."""
    return _change(actor, version, lambda text: editing.move(text, key, parent=parent, after=after))


@use_case(EDIT)
def shift_part(actor: Actor, version: SopVersion, *, key: str, by: int) -> SopVersion:
    """Put a part one place up (-1) or down (+1). Raises as `move_part` does."""
    return _change(actor, version, lambda text: editing.shift(text, key, by))


@use_case(EDIT)
def remove_part(actor: Actor, version: SopVersion, *, key: str) -> Removed:
    """Take a part out; what comes back puts it in again. Raises BadProcedure where another part still asks for it."""
    gone: list[Removed] = []

    def without(text: Json) -> Json:
        text, removed = editing.remove(text, key)
        gone.append(removed)
        return text

    _change(actor, version, without)
    return gone[-1]


@use_case(EDIT)
def restore_part(actor: Actor, version: SopVersion, *, removed: Removed) -> SopVersion:
    """Put back what was taken out. Doing so twice changes nothing. Raises PartGone where its parent has gone too."""
    return _change(actor, version, lambda text: editing.restore(text, removed))


@use_case(EDIT)
def duplicate_part(actor: Actor, version: SopVersion, *, key: str) -> str:
    """A copy of a part behind it; its key. Raises PartGone, BadProcedure, NotNow."""
    made: list[str] = []

    def doubled(text: Json) -> Json:
        text, twin = editing.duplicate(text, key)
        made.append(twin)
        return text

    _change(actor, version, doubled)
    return made[-1]


def _change(actor: Actor, version: SopVersion, act: Callable[[Json], Json]) -> SopVersion:
    draft = texts.locked(version, VersionState.DRAFT)
    try:
        content = act(draft.content)
    except Gone as error:
        raise PartGone from error
    return store(actor, draft, texts.read(content))
