"""What a person decides for themselves, whatever organization is open."""

from __future__ import annotations

from organization.models import User


def choose_language(user_id: int, language: str) -> None:
    """Remember the language that a person reads. It is theirs in every organization, so no trail of one holds it."""
    User.objects.filter(pk=user_id).update(language=language)
