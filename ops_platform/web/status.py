"""A judgement as shape, word and colour together. Never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

Level = Literal["good", "watch", "bad", "info", "neutral"]

ICONS: dict[str, str] = {
    "good": "circle-check",
    "watch": "alert-triangle",
    "bad": "alert-octagon",
    "info": "info-circle",
    "neutral": "circle",
}


@dataclass(frozen=True, slots=True)
class Status:
    """What `components/status.html` and a status column show. The label is a translated word: "On target"."""

    level: Level
    label: str | Promise

    @property
    def icon(self) -> str:
        """The shape of the level: a tick, a triangle, an octagon."""
        return ICONS[self.level]

    def __str__(self) -> str:
        return str(self.label)
