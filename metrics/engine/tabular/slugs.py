"""Keys of columns: short ASCII names, unique in the file, the same for the same header every time."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from pypinyin import lazy_pinyin

MAX_KEY = 40
_HAN = re.compile(r"[\u3400-\u9fff]+")


def slug(name: str) -> str:
    """ASCII slug of a name, Chinese by its pinyin; "" where nothing is left or it would not begin with a letter."""
    latin = _HAN.sub(lambda match: "_" + "_".join(lazy_pinyin(match[0])) + "_", name)
    folded = unicodedata.normalize("NFKD", latin.replace("%", " percent ").replace("#", " number "))
    plain = re.sub(r"[^a-z0-9]+", "_", folded.encode("ascii", "ignore").decode().lower()).strip("_")
    if not plain:
        return ""
    plain = plain if plain[0].isalpha() else f"c_{plain}"
    return plain[:MAX_KEY].rstrip("_")


def unique_keys(names: Iterable[str]) -> list[str]:
    """One key for each name in order; a name without a slug becomes c1, c2, ... by its position."""
    taken: set[str] = set()
    keys = []
    for position, name in enumerate(names, start=1):
        base = slug(name) or f"c{position}"
        key, number = base, 1
        while key in taken:
            number += 1
            key = f"{base[: MAX_KEY - len(str(number)) - 1]}_{number}"
        taken.add(key)
        keys.append(key)
    return keys


def signature(names: Sequence[str]) -> str:
    """A stable mark of a header: names in order, without regard to case and spaces. 32 hexadecimal digits."""
    plain = "\x1f".join(" ".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in names)
    return hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
