"""Tokens to a tree: a Pratt parser.

From loose to tight: `or`; `and`; `not`; one comparison or `in`; `+ -`; `* /`; a sign. Arithmetic, `and`, `or` group
from the left; comparisons do not chain.
"""

from decimal import Decimal
from typing import Literal, NoReturn

from metrics.engine.expressions.errors import ExpressionError
from metrics.engine.expressions.nodes import COMPARISONS, Binary, Call, Membership, Name, Node, Number, Text, Unary
from metrics.engine.expressions.tokens import Kind, Token, tokenize

MAX_CHARACTERS = 2_000
MAX_DEPTH = 40  # with MAX_NODES it also bounds every recursion over the tree, far below Python's own limit
MAX_NODES = 300

_COMPARISON = 40
_NOT = 30
_SIGN = 70
PRECEDENCE = {"or": 10, "and": 20, **dict.fromkeys(COMPARISONS, _COMPARISON), "+": 50, "-": 50, "*": 60, "/": 60}


def parse(source: str) -> Node:
    """The tree of `source`. Names and types are not looked at: that is `check`. Raises ExpressionError."""
    if len(source) > MAX_CHARACTERS:
        params = {"length": len(source), "limit": MAX_CHARACTERS}
        raise ExpressionError("too_long", params, MAX_CHARACTERS, len(source))
    if not source.strip():
        raise ExpressionError("empty", {}, 0, len(source))
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = list(tokenize(source))
        self._next = 0
        self._depth = 0
        self._nodes = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def whole(self) -> Node:
        node = self._expression(0)
        if self._token.is_operator(")"):
            raise ExpressionError("unopened_parenthesis", {}, self._token.start, self._token.end)
        if self._token.kind is not Kind.END:
            self._refuse(self._token)
        return node

    def _expression(self, floor: int) -> Node:
        """The longest expression whose operators all bind tighter than `floor`."""
        left = self._prefix(floor)
        compared = False
        while True:
            token = self._token
            membership = token.is_keyword("in") or (token.is_keyword("not") and self._after_is_in())
            operator = "in" if membership else token.value if token.kind in {Kind.OPERATOR, Kind.KEYWORD} else ""
            precedence = _COMPARISON if membership else PRECEDENCE.get(operator, 0)
            if precedence <= floor:
                return left
            if precedence == _COMPARISON:
                if compared:
                    raise ExpressionError("chained_comparison", {}, token.start, token.end)
                compared = True
            if membership:
                left = self._membership(left)
                continue
            self._take()
            right = self._expression(precedence)
            left = self._counted(Binary(operator, left, right, start=left.start, end=right.end))

    def _after_is_in(self) -> bool:
        return self._tokens[self._next + 1].is_keyword("in")

    def _prefix(self, floor: int) -> Node:
        token = self._take()
        match token.kind:
            case Kind.NUMBER:
                return self._counted(Number(Decimal(token.value), start=token.start, end=token.end))
            case Kind.TEXT:
                return self._counted(Text(token.value, start=token.start, end=token.end))
            case Kind.NAME if self._token.is_operator("("):
                return self._call(token)
            case Kind.NAME | Kind.QUOTED_NAME:
                return self._counted(Name(token.value, start=token.start, end=token.end))
        if token.is_operator("-"):
            return self._unary(token, _SIGN)
        if token.is_keyword("not") and floor < _NOT:
            return self._unary(token, _NOT)
        if token.is_operator("("):
            node = self._nested(token, 0)
            self._close(token)
            return node
        if token.kind is Kind.END:
            raise ExpressionError("value_needed_at_end", {}, token.start, token.end)
        raise ExpressionError("value_needed", {"found": self._text(token)}, token.start, token.end)

    def _unary(self, token: Token, precedence: int) -> Node:
        # The floor lies just below its own precedence, for `not not x` and `--x`.
        operand = self._nested(token, precedence - 1)
        operator: Literal["-", "not"] = "-" if token.is_operator("-") else "not"
        return self._counted(Unary(operator, operand, start=token.start, end=operand.end))

    def _call(self, name: Token) -> Node:
        arguments, end = self._list(allow_empty=True)
        return self._counted(Call(name.value.lower(), arguments, start=name.start, end=end))

    def _membership(self, operand: Node) -> Node:
        negated = self._take().is_keyword("not")
        if negated:
            self._take()
        if not self._token.is_operator("("):
            raise ExpressionError("list_needed", {}, self._token.start, self._token.end)
        options, end = self._list(allow_empty=False)
        return self._counted(Membership(operand, options, negated, start=operand.start, end=end))

    def _list(self, *, allow_empty: bool) -> tuple[tuple[Node, ...], int]:
        """Expressions between parentheses, and where the closing one ends."""
        opening = self._take()
        if allow_empty and self._token.is_operator(")"):
            return (), self._take().end
        items = [self._nested(opening, 0)]
        while self._token.is_operator(","):
            self._take()
            items.append(self._nested(opening, 0))
        return tuple(items), self._close(opening)

    def _close(self, opening: Token) -> int:
        if self._token.kind is Kind.END:
            raise ExpressionError("unclosed_parenthesis", {}, opening.start, opening.end)
        if not self._token.is_operator(")"):
            self._refuse(self._token)
        return self._take().end

    def _nested(self, opening: Token, floor: int) -> Node:
        if self._depth >= MAX_DEPTH:
            raise ExpressionError("too_deep", {"limit": MAX_DEPTH}, opening.start, opening.end)
        self._depth += 1
        node = self._expression(floor)
        self._depth -= 1
        return node

    def _counted(self, node: Node) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ExpressionError("too_many_parts", {"limit": MAX_NODES}, node.start, node.end)
        return node

    def _text(self, token: Token) -> str:
        return self._source[token.start : token.end]

    def _refuse(self, token: Token) -> NoReturn:
        raise ExpressionError("unexpected_part", {"found": self._text(token)}, token.start, token.end)
