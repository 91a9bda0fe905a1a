"""A tree back to text."""

from metrics.engine.expressions.nodes import Binary, Call, Membership, Name, Node, Number, Text, Unary
from metrics.engine.expressions.parser import PRECEDENCE
from metrics.engine.expressions.tokens import is_plain_name

_PREFIX = {"not": 30, "-": 70}
_ATOM = 100


def to_text(node: Node) -> str:
    """The canonical text: `parse(to_text(node)) == node`, with no parenthesis too many."""
    match node:
        case Number(value):
            return format(value, "f")
        case Text(value):
            return _quoted(value, '"')
        case Name(name):
            return name if is_plain_name(name) else _quoted(name, "`")
        case Unary(operator, operand):
            space = " " if operator == "not" else ""
            return f"{operator}{space}{_wrapped(operand, _PREFIX[operator])}"
        case Binary(operator, left, right):
            tighter = _precedence(node) + 1
            # Operators group from the left, save comparisons, which do not chain at all.
            left_floor = tighter if _precedence(node) == PRECEDENCE["="] else _precedence(node)
            return f"{_wrapped(left, left_floor)} {operator} {_wrapped(right, tighter)}"
        case Membership(operand, options, negated):
            word = "not in" if negated else "in"
            return f"{_wrapped(operand, _precedence(node) + 1)} {word} ({_listed(options)})"
        case Call(function, arguments):
            return f"{function}({_listed(arguments)})"
    raise TypeError(node)


def _precedence(node: Node) -> int:
    match node:
        case Binary(operator):
            return PRECEDENCE[operator]
        case Membership():
            return PRECEDENCE["="]
        case Unary(operator):
            return _PREFIX[operator]
    return _ATOM


def _wrapped(node: Node, floor: int) -> str:
    return to_text(node) if _precedence(node) >= floor else f"({to_text(node)})"


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(map(to_text, nodes))


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote
