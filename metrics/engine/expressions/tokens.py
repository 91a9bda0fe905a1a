"""Source text to tokens."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto

from metrics.engine.expressions.errors import ExpressionError

MAX_DIGITS = 34
KEYWORDS = frozenset({"and", "or", "not", "in"})
_OPERATORS = ("==", "!=", "<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",")
_CANONICAL = {"==": "=", "<>": "!="}
# What Chinese input methods and word processors put where the plain sign is meant.
_SIMILAR = dict(zip("（），、；;＋－−–＊×／÷＝＜＞“”„＂‘’", '(),,,,+---**//=<>""""\'\'', strict=True)) | {
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
}


class Kind(StrEnum):
    NUMBER = auto()
    TEXT = auto()
    NAME = auto()
    QUOTED_NAME = auto()
    KEYWORD = auto()
    OPERATOR = auto()
    END = auto()


@dataclass(frozen=True)
class Token:
    """`value` is canonical: keywords in lower case, texts without their quotes, `==` as `=` and `<>` as `!=`."""

    kind: Kind
    value: str
    start: int
    end: int

    def is_operator(self, *values: str) -> bool:
        return self.kind is Kind.OPERATOR and self.value in values

    def is_keyword(self, *values: str) -> bool:
        return self.kind is Kind.KEYWORD and self.value in values


def is_name_start(character: str) -> bool:
    return character.isalpha() or character == "_"


def is_name_part(character: str) -> bool:
    # Marks (category M) are parts of letters in decomposed French as in Hindi or Thai.
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def is_plain_name(name: str) -> bool:
    """Whether `name` can stand in an expression without back-quotes."""
    return name != "" and is_name_start(name[0]) and all(map(is_name_part, name)) and name.lower() not in KEYWORDS


def tokenize(source: str) -> Iterator[Token]:
    """The tokens of `source`, the last of kind END. Raises ExpressionError at the first character that fits nothing."""
    position = 0
    while position < len(source):
        if source[position].isspace():
            position += 1
            continue
        token = _token_at(source, position)
        yield token
        position = token.end
    yield Token(Kind.END, "", len(source), len(source))


def _token_at(source: str, start: int) -> Token:
    character = source[start]
    following = source[start + 1 : start + 2]
    if _is_digit(character) or (character == "." and _is_digit(following)):
        return _number(source, start)
    if is_name_start(character):
        return _word(source, start)
    if character in "'\"":
        return _quoted(source, start, Kind.TEXT, "unclosed_text")
    if character == "`":
        token = _quoted(source, start, Kind.QUOTED_NAME, "unclosed_name")
        if not token.value.strip():
            raise ExpressionError("empty_name", {}, token.start, token.end)
        return token
    for operator in _OPERATORS:
        if source.startswith(operator, start):
            return Token(Kind.OPERATOR, _CANONICAL.get(operator, operator), start, start + len(operator))
    if character in _SIMILAR:
        params = {"character": character, "suggestion": _SIMILAR[character]}
        raise ExpressionError("similar_character", params, start, start + 1)
    raise ExpressionError("unexpected_character", {"character": character}, start, start + 1)


def _is_digit(character: str) -> bool:
    return character.isascii() and character.isdigit()


def _number(source: str, start: int) -> Token:
    end = start
    while end < len(source) and (is_name_part(source[end]) or source[end] == "."):
        end += 1
    text = source[start:end]
    digits = text.replace(".", "", 1)
    if not _is_digit(digits) or text.endswith("."):
        raise ExpressionError("bad_number", {"text": text}, start, end)
    if len(digits) > MAX_DIGITS:
        raise ExpressionError("number_too_long", {"limit": MAX_DIGITS}, start, end)
    return Token(Kind.NUMBER, text, start, end)


def _word(source: str, start: int) -> Token:
    end = start
    while end < len(source) and is_name_part(source[end]):
        end += 1
    word = source[start:end]
    if word.lower() in KEYWORDS:
        return Token(Kind.KEYWORD, word.lower(), start, end)
    return Token(Kind.NAME, word, start, end)


def _quoted(source: str, start: int, kind: Kind, unclosed: str) -> Token:
    """A quoted text or name; the quote itself is written twice within."""
    quote = source[start]
    value = ""
    position = start + 1
    while position < len(source):
        character = source[position]
        if source.startswith(quote * 2, position):
            value += quote
            position += 2
        elif character == quote:
            return Token(kind, value, start, position + 1)
        elif unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            # PostgreSQL stores neither NUL nor lone surrogates, and nobody can see the others.
            raise ExpressionError("control_character", {}, position, position + 1)
        else:
            value += character
            position += 1
    raise ExpressionError(unclosed, {}, start, len(source))
