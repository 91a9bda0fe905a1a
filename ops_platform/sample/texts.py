"""Texts in both languages, and which of them a table of plain text values holds."""

from __future__ import annotations

from dataclasses import dataclass

ENGLISH, CHINESE, BOTH = "en", "zh-hans", "both"
LANGUAGES = (ENGLISH, CHINESE, BOTH)


@dataclass(frozen=True)
class Text:
    """A name in English and Chinese."""

    en: str
    zh: str

    def shown(self, language: str) -> str:
        """As one plain text: in one language, or in both side by side."""
        if language == BOTH:
            return f"{self.en} {self.zh}"
        return self.zh if language == CHINESE else self.en
