"""What names sort by."""

from __future__ import annotations

from pypinyin import lazy_pinyin

LONGEST_KEY = 400


def sort_key(name: str) -> str:
    """What a name sorts and is found by: Chinese characters as pinyin, everything in lower case, at most 400 characters."""
    return " ".join(lazy_pinyin(name)).lower()[:LONGEST_KEY]
