"""The functions of the language: how many arguments each takes, and the letters that `lower` knows."""

from decimal import Decimal

from metrics.engine.expressions.errors import ExpressionError
from metrics.engine.expressions.nodes import Call, Number, Unary

MANY = 300
ARGUMENT_COUNTS = {
    "abs": (1, 1),
    "round": (1, 2),
    "min": (1, MANY),
    "max": (1, MANY),
    "if": (3, 3),
    "coalesce": (2, MANY),
    "is_missing": (1, 1),
    "starts_with": (2, 2),
    "ends_with": (2, 2),
    "contains": (2, 2),
    "lower": (1, 1),
}
TEXT_TESTS = frozenset({"starts_with", "ends_with", "contains"})

MIN_ROUND_DIGITS, MAX_ROUND_DIGITS = -15, 20


def round_digits(call: Call) -> int:
    """The decimal places of a `round`: 0, or its second argument, which must be written as a whole number."""
    if len(call.arguments) == 1:
        return 0
    node = call.arguments[1]
    digits = _literal(node)
    if digits is None or digits != int(digits) or not MIN_ROUND_DIGITS <= digits <= MAX_ROUND_DIGITS:
        params = {"low": MIN_ROUND_DIGITS, "high": MAX_ROUND_DIGITS}
        raise ExpressionError("round_digits", params, node.start, node.end)
    return int(digits)


def _literal(node: object) -> Decimal | None:
    match node:
        case Number(value):
            return value
        case Unary("-", Number(value)):
            return -value
    return None


def _case_pairs() -> dict[str, str]:
    """Capitals of Latin, Greek and Cyrillic (to U+052F) and full-width Latin that have one small letter each."""
    capitals = map(chr, (*range(0x0530), *range(0xFF21, 0xFF3B)))
    return {
        capital: capital.lower() for capital in capitals if capital != capital.lower() and len(capital.lower()) == 1
    }


# PostgreSQL's lower() depends on the locale of the server. These two rows of letters go to its translate() as they go
# to Python's, so that one expression has one meaning on every machine.
CASE_PAIRS = _case_pairs()
_CASE_TABLE = str.maketrans(CASE_PAIRS)


def lower(text: str) -> str:
    return text.translate(_CASE_TABLE)
