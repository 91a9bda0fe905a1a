"""Missing marks, truth words and characters no cell may hold."""

from __future__ import annotations

import re

# Read as "no value" in number, date and boolean columns (compared in lower case).
MISSING = frozenset(
    [
        "",
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "null",
        "(null)",
        "none",
        "nil",
        "\\n",
        "-",
        "--",
        "---",
        "–",
        "—",
        ".",
        "..",
        "...",
        "?",
        "无",
        "暂无",
        "缺失",
        "missing",
        "unknown",
        "not available",
    ]
)
# In text columns only what can hardly be a word: "NA" may be Namibia, "-" may be a code.
MISSING_TEXT = frozenset(("", "null", "(null)", "n/a", "#n/a", "\\n"))
_STARS = re.compile(r"[*]+|-{2,}|\.{2,}")

TRUE = frozenset(["true", "yes", "y", "t", "是", "对", "✓", "wahr", "vrai", "oui", "ja"])
FALSE = frozenset(["false", "no", "n", "f", "否", "错", "✗", "falsch", "faux", "non", "nein"])

# NUL never enters PostgreSQL; lone surrogates are undecodable bytes (or came in as such from UTF-16).
FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


def is_missing(text: str) -> bool:
    """Whether a trimmed text in a value column stands for "no value"."""
    return text.lower() in MISSING or _STARS.fullmatch(text) is not None


def read_boolean(text: str) -> bool | None:
    """True or False for the words that mean them, else None. 1 and 0 count only where the mapping says boolean."""
    word = text.lower()
    if word in TRUE or word == "1":
        return True
    if word in FALSE or word == "0":
        return False
    return None


def is_boolean_word(text: str) -> bool:
    """Whether a text by itself suggests a boolean column (numbers do not)."""
    return text.lower() in TRUE or text.lower() in FALSE
