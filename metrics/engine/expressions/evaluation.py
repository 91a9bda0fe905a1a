"""Values of an expression, in Python.

Missing values (None, and numbers that are not finite) follow three rules, the same here and in SQL:

- Arithmetic and functions of a missing value are missing, save `coalesce`, `if` and `is_missing`. What is divided by
  zero is missing.
- A condition is always true or false. A missing value meets no comparison: `=`, `<`, `in`, `starts_with` and the like
  are false of it. `!=` and `not in` are the contrary of `=` and `in`, so they are true of it; `not` turns any condition
  round.
- Texts compare by code point, and `lower` knows the letters of `functions.CASE_PAIRS`: no locale takes part.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from metrics.engine.expressions.functions import lower, round_digits
from metrics.engine.expressions.nodes import ARITHMETIC, Binary, Call, Membership, Name, Node, Number, Text, Unary

Value = Decimal | str | bool | None

DIVISION_DIGITS = 20
_EXACT = Context(prec=200_000, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_UP, traps=[])
# IEEE decimal128: products of products would otherwise grow to numbers that fill the memory once they are written out.
_FORMULA = Context(prec=34, Emax=6144, Emin=-6143, traps=[])
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": str.__contains__,
}


def evaluate(node: Node, series: Mapping[str, Sequence[Decimal | None]]) -> list[Decimal | None]:
    """The formula position by position over series of one length, computed to 34 significant digits.

    `node` must have passed `check` as a number. Raises KeyError for a name without a series, ValueError when the
    lengths differ or there is no series to take the length from.
    """
    lengths = {len(values) for values in series.values()}
    if len(lengths) != 1:
        raise ValueError(f"series of one length are needed, not {sorted(lengths)}")
    positions = range(lengths.pop())
    return [
        _Evaluator({name: values[at] for name, values in series.items()}, _FORMULA).number(node) for at in positions
    ]


def evaluate_row(node: Node, row: Mapping[str, Decimal | str | None]) -> Value:
    """The expression for one row, equal to what the SQL of `compile_sql` gives.

    Sums, differences and products are exact; quotients are rounded to 20 decimal places, half away from zero. `node`
    must have passed `check`. Raises KeyError for a name that the row lacks.
    """
    return _Evaluator(row, _EXACT).value(node)


class _Evaluator:
    def __init__(self, row: Mapping[str, Decimal | str | None], context: Context) -> None:
        self._row = row
        self._context = context

    def value(self, node: Node) -> Value:
        match node:
            case Number(value) | Text(value):
                return value
            case Name(name):
                return _finite(self._row[name])
            case Unary("-", operand):
                number = self.number(operand)
                return None if number is None else self._context.minus(number)
            case Unary("not", operand):
                return not self.truth(operand)
            case Binary():
                return self._binary(node)
            case Membership(operand, options, negated):
                return negated != any(self._compare("=", operand, option) for option in options)
            case Call():
                return self._call(node)
        raise TypeError(node)

    def number(self, node: Node) -> Decimal | None:
        value = self.value(node)
        if value is None or isinstance(value, Decimal):
            return value
        raise TypeError(f"{value!r} is not a number: the expression was not checked")

    def truth(self, node: Node) -> bool:
        value = self.value(node)
        if isinstance(value, bool):
            return value
        raise TypeError(f"{value!r} is not a condition: the expression was not checked")

    def _binary(self, node: Binary) -> Value:
        match node.operator:
            case "and":
                return self.truth(node.left) and self.truth(node.right)
            case "or":
                return self.truth(node.left) or self.truth(node.right)
            case "!=":
                return not self._compare("=", node.left, node.right)
            case symbol if symbol in ARITHMETIC:
                return self._arithmetic(symbol, self.number(node.left), self.number(node.right))
        return self._compare(node.operator, node.left, node.right)

    def _compare(self, symbol: str, left: Node, right: Node) -> bool:
        first, second = self.value(left), self.value(right)
        return first is not None and second is not None and _COMPARE[symbol](first, second)

    def _arithmetic(self, symbol: str, left: Decimal | None, right: Decimal | None) -> Value:
        if left is None or right is None:
            return None
        match symbol:
            case "+":
                return _finite(self._context.add(left, right))
            case "-":
                return _finite(self._context.subtract(left, right))
            case "*":
                return _finite(self._context.multiply(left, right))
        if right == 0:
            return None
        return _finite(_quotient(left, right) if self._context is _EXACT else self._context.divide(left, right))

    def _call(self, call: Call) -> Value:
        arguments = call.arguments
        match call.function:
            case "if":
                return self.value(arguments[1] if self.truth(arguments[0]) else arguments[2])
            case "coalesce":
                return next((value for value in map(self.value, arguments) if value is not None), None)
            case "is_missing":
                return self.value(arguments[0]) is None
            case "starts_with" | "ends_with" | "contains":
                first, second = map(self.value, arguments)
                return first is not None and second is not None and _TEXT_TESTS[call.function](str(first), str(second))
            case "lower":
                text = self.value(arguments[0])
                return None if text is None else lower(str(text))
            case "round":
                return self._rounded(self.number(arguments[0]), round_digits(call))
        numbers = list(map(self.number, arguments))
        present = [number for number in numbers if number is not None]
        if len(present) < len(numbers):
            return None
        match call.function:
            case "abs":
                return self._context.abs(present[0])
            case "min":
                return min(present)
            case "max":
                return max(present)
        raise ValueError(call.function)

    def _rounded(self, number: Decimal | None, digits: int) -> Decimal | None:
        if number is None:
            return None
        return self._context.plus(number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT))


def _quotient(left: Decimal, right: Decimal) -> Decimal:
    """One digit more than wanted is cut off, not rounded, so that the rounding that follows is the only one."""
    cut = _EXACT.divide_int(left.scaleb(DIVISION_DIGITS + 1, _EXACT), right).scaleb(-DIVISION_DIGITS - 1, _EXACT)
    return cut.quantize(Decimal(1).scaleb(-DIVISION_DIGITS), ROUND_HALF_UP, _EXACT)


def _finite(value: Value) -> Value:
    return None if isinstance(value, Decimal) and not value.is_finite() else value
