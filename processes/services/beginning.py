"""SOPs that begin with a text: one of the library, or one that was read from a file."""

from __future__ import annotations

from typing import Any

from organization.access import Actor
from organization.errors import NotVisible
from organization.models import Organization
from organization.usecases import use_case
from processes.engine.content import Procedure, write_content
from processes.engine.editing import with_fresh_keys
from processes.engine.library import template
from processes.models import Sop
from processes.services.sops import EDIT, make_sop


@use_case(EDIT)
def begin_sop(actor: Actor, organization: Organization, *, procedure: Procedure, name: str, **values: Any) -> Sop:
    """A new SOP whose first draft is this text, under keys of its own. values: as `make_sop` takes them."""
    content = write_content(with_fresh_keys(procedure))
    return make_sop(actor, organization, name=name, content=content, **values)


@use_case(EDIT)
def start_from_template(
    actor: Actor, organization: Organization, *, slug: str, name: str = "", name_zh: str = "", **values: Any
) -> Sop:
    """A new SOP with a text of the library, under the template's names where none is given. Raises NotVisible, CodeTaken."""
    try:
        chosen = template(slug)
    except KeyError as error:
        raise NotVisible from error
    names = {"name": name or chosen.name, "name_zh": name_zh or ("" if name else chosen.name_zh)}
    return begin_sop(actor, organization, procedure=chosen.procedure, **names, **values)
