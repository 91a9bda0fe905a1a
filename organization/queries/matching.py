"""Finding named rows by what people type: characters, pinyin in full or its initials, Latin letters."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.utils.translation import override

from organization.engine.names import sort_key
from organization.tenancy import TenantQuerySet

MOST_INITIALS = 6
LONGEST_TEXT = 200
BOTH = ("en", "zh-hans")


def cleaned(text: str) -> str:
    """What is looked for: trimmed, of bearable length, without what PostgreSQL stores nowhere."""
    return text.strip()[:LONGEST_TEXT].replace("\0", "")


def matching(
    rows: TenantQuerySet, text: str, others: Q | None = None, *, pinyin: str = "name_zh_key"
) -> TenantQuerySet:
    """The rows whose name, Chinese name or pinyin (with or without spaces, or its initials) has `text` in it.

    rows: of a `Named` model, or one whose sort key is the field `pinyin`. others: further ways to match.
    """
    wanted = cleaned(text).lower()
    if not wanted:
        return rows
    condition = Q(name__icontains=wanted) | Q(**{f"{pinyin}__contains": wanted}) | (others or Q(pk__in=[]))
    if pinyin == "name_zh_key":
        condition |= Q(name_zh__icontains=wanted)
    condition |= Q(pinyin_joined__contains=wanted.replace(" ", ""))
    if is_initials(wanted):
        condition |= Q(**{f"{pinyin}__regex": r"\m" + r"\w* ".join(wanted)})
    return rows.alias(pinyin_joined=Replace(pinyin, Value(" "))).filter(condition)


def is_initials(text: str) -> bool:
    """Whether a lower-case text can stand for the first letters of syllables."""
    return text.isascii() and text.isalpha() and len(text) <= MOST_INITIALS


def label_matches(label: object, text: str) -> bool:
    """Whether a translated label has `text` in it, in either language, as `matching` looks for it in rows."""
    wanted = cleaned(text).lower()
    return any(
        wanted in words or wanted.replace(" ", "") in joined or (is_initials(wanted) and initials.startswith(wanted))
        for words, joined, initials in _forms(_spellings(label))
    )


def starts(label: str, text: str) -> bool:
    """Whether a name begins with `text`, itself or in pinyin: such results stand first."""
    wanted = cleaned(text).lower()
    return label.lower().startswith(wanted) or sort_key(label).replace(" ", "").startswith(wanted.replace(" ", ""))


def _spellings(label: object) -> tuple[str, ...]:
    spelled = []
    for code in BOTH:
        with override(code):
            spelled.append(str(label))
    return tuple(spelled)


@lru_cache(maxsize=1_000)
def _forms(spellings: tuple[str, ...]) -> list[tuple[str, str, str]]:
    keys = [sort_key(words) for words in spellings]
    return [
        (words.lower(), key.replace(" ", ""), "".join(part[0] for part in key.split()))
        for words, key in zip(spellings, keys, strict=True)
    ]
