"""A query that a person typed: one statement, with `:since` where the last run left off. It is read, never understood.

What PostgreSQL takes as text or comment is passed over, so that a colon or a semicolon inside of it means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

# In this order: what begins first wins, and the longer form of it
_TOKEN = re.compile(
    r"""
    (?P<escape>[eE]'(?:[^'\\]|\\.|'')*')
  | (?P<text>'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*")
  | (?P<dollar>\$(?P<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$.*?\$(?P=tag)\$)
  | (?P<line>--[^\n]*)
  | (?P<block>/\*)
  | (?P<cast>::)
  | (?P<since>:since\b)
  | (?P<end>;)
  | (?P<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)
  | (?P<rest>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEGINNINGS = ("select", "with", "values", "table")


class BadQuery(ValueError):
    """What was typed is no single query. code: of metrics.queries.source_words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Query:
    """text: for psycopg2, with `%(since)s`; is_incremental: whether it asks for `:since` at all."""

    text: str
    is_incremental: bool


def read_query(typed: str) -> Query:
    """The one statement. Raises BadQuery for an empty text, several statements, or one that does not read."""
    parts: list[str] = []
    first, has_since, is_over = "", False, False
    for kind, text in _tokens(typed):
        if kind == "end":
            is_over = True
        elif is_over and kind not in ("line", "block") and text.strip():
            raise BadQuery("several_statements")
        elif not is_over:
            has_since |= kind == "since"
            if kind == "word" or (kind == "rest" and text.strip(" \t\r\n(")):
                first = first or text.lower()
            parts.append("%(since)s" if kind == "since" else text.replace("%", "%%"))
    if not first:
        raise BadQuery("query_empty")
    if first not in _BEGINNINGS:
        raise BadQuery("not_a_query")
    return Query("".join(parts).strip(), has_since)


def _tokens(typed: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(typed):
        match = cast(re.Match[str], _TOKEN.match(typed, place))  # `rest` takes any character
        kind, text = str(match.lastgroup), match[0]
        if kind == "block":
            text = _comment(typed, place)
        elif kind == "rest" and text in "'\"":
            raise BadQuery("quote_open")
        yield kind, text
        place += len(text)


def _comment(typed: str, place: int) -> str:
    """A block comment with those inside of it: they nest."""
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(typed, place):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return typed[place : match.end()]
    raise BadQuery("comment_open")
