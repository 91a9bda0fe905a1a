"""What a person decides for themselves, whatever organization is open."""

from __future__ import annotations

from typing import Any

from organization.models import User


def choose_language(user_id: int, language: str) -> None:
    """Remember the language that a person reads. It is theirs in every organization, so no trail of one holds it."""
    User.objects.filter(pk=user_id).update(language=language)


def change_preferences(user_id: int, **values: Any) -> None:
    """Remember how a person likes the screens: language, timezone, theme, density, uses_keys, rows_per_page."""
    User.objects.filter(pk=user_id).update(**values)
