"""Names and types of a tree, before anything is computed."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from metrics.engine.expressions.errors import ExpressionError
from metrics.engine.expressions.functions import ARGUMENT_COUNTS, TEXT_TESTS, round_digits
from metrics.engine.expressions.nodes import (
    ARITHMETIC,
    COMPARISONS,
    Binary,
    Call,
    Membership,
    Name,
    Node,
    Number,
    Text,
    Type,
    Unary,
)

_NEEDED = {Type.NUMBER: "number_needed", Type.TEXT: "text_needed", Type.BOOLEAN: "condition_needed"}


def check(node: Node, types: Mapping[str, Type], *, expected: Type | None = None) -> Type:
    """The type of `node`, whose names have the given `types`.

    Raises ExpressionError for an unknown name or function, a wrong number of arguments, or a type that does not fit;
    with `expected` also when the whole is of another type.
    """
    checker = _Checker(types)
    if expected is None:
        return checker.type_of(node)
    return checker.require(node, expected)


class _Checker:
    def __init__(self, types: Mapping[str, Type]) -> None:
        self._types = types

    def type_of(self, node: Node) -> Type:
        match node:
            case Number():
                return Type.NUMBER
            case Text():
                return Type.TEXT
            case Name(name):
                if name not in self._types:
                    raise _unknown("name", name, self._types, node.start, node.end)
                return self._types[name]
            case Unary(operator, operand):
                return self.require(operand, Type.NUMBER if operator == "-" else Type.BOOLEAN)
            case Binary():
                return self._binary(node)
            case Membership(operand, options):
                self._same_type((operand, *options))
                return Type.BOOLEAN
            case Call():
                return self._call(node)
        raise TypeError(node)

    def require(self, node: Node, expected: Type) -> Type:
        if self.type_of(node) is not expected:
            raise ExpressionError(_NEEDED[expected], {}, node.start, node.end)
        return expected

    def _binary(self, node: Binary) -> Type:
        if node.operator in COMPARISONS:
            self._same_type((node.left, node.right))
            return Type.BOOLEAN
        expected = Type.NUMBER if node.operator in ARITHMETIC else Type.BOOLEAN
        self.require(node.left, expected)
        return self.require(node.right, expected)

    def _same_type(self, nodes: tuple[Node, ...], *, conditions: bool = False) -> Type:
        """The one type of all `nodes`. Conditions are never missing: to compare or replace them says nothing."""
        first, *others = nodes
        common = self.type_of(first)
        if common is Type.BOOLEAN and not conditions:
            raise ExpressionError("value_not_condition", {}, first.start, first.end)
        for other in others:
            if self.type_of(other) is not common:
                raise ExpressionError("same_type_needed", {}, other.start, other.end)
        return common

    def _call(self, call: Call) -> Type:
        _check_count(call)
        if call.function == "if":
            condition, *branches = call.arguments
            self.require(condition, Type.BOOLEAN)
            return self._same_type(tuple(branches), conditions=True)
        if call.function == "coalesce":
            return self._same_type(call.arguments)
        if call.function == "is_missing":
            self._same_type(call.arguments)
            return Type.BOOLEAN
        if call.function == "lower" or call.function in TEXT_TESTS:
            for argument in call.arguments:
                self.require(argument, Type.TEXT)
            return Type.BOOLEAN if call.function in TEXT_TESTS else Type.TEXT
        for argument in call.arguments:
            self.require(argument, Type.NUMBER)
        if call.function == "round":
            round_digits(call)
        return Type.NUMBER


def _check_count(call: Call) -> None:
    if call.function not in ARGUMENT_COUNTS:
        raise _unknown("function", call.function, ARGUMENT_COUNTS, call.start, call.start + len(call.function))
    low, high = ARGUMENT_COUNTS[call.function]
    found = len(call.arguments)
    params: dict[str, str | int] = {"function": call.function, "found": found}
    if found < low:
        raise ExpressionError("too_few_arguments", params | {"limit": low}, call.start, call.end)
    if found > high:
        surplus = call.arguments[high:]
        raise ExpressionError("too_many_arguments", params | {"limit": high}, surplus[0].start, surplus[-1].end)


def _unknown(what: str, name: str, known: Iterable[str], start: int, end: int) -> ExpressionError:
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower, n=1)
    if close:
        params = {"name": name, "suggestion": by_lower[close[0]]}
        return ExpressionError(f"unknown_{what}_suggestion", params, start, end)
    return ExpressionError(f"unknown_{what}", {"name": name}, start, end)
