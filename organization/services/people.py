"""What a person decides for themselves, whatever organization is open."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.choices import ActorKind
from organization.errors import NotAllowed, NotVisible
from organization.models import Member, User
from organization.queries.memberships import organizations_of
from organization.services import audit
from organization.usecases import use_case


def choose_language(user_id: int, language: str) -> None:
    """Remember the language that a person reads. It is theirs in every organization, so no trail of one holds it."""
    User.objects.filter(pk=user_id).update(language=language)


@use_case("organization.home.view")
def change_preferences(actor: Actor, member: Member, **values: Any) -> User:
    """Set how the actor likes the screens: language, timezone, theme, density, uses_keys, rows_per_page.

    What is not named stays. The trail holds which of them, and not what was chosen. Raises NotVisible for somebody else, and
    NotAllowed for a token of one organization when the person belongs to others, which it must not reach.
    """
    if member.pk != actor.member_id:
        raise NotVisible
    if actor.kind == ActorKind.TOKEN and len(organizations_of(member.user_id)) > 1:
        raise NotAllowed(
            _("This would change how the person sees their other organizations. It is changed in a browser.")
        )
    person = User.objects.select_for_update().get(pk=member.user_id)
    changed = sorted(name for name, value in values.items() if getattr(person, name) != value)
    if changed:
        for name in changed:
            setattr(person, name, values[name])
        person.save(update_fields=changed)
        audit.record(actor, "organization.preferences.changed", member, fields=changed)
    return person
