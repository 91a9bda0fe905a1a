"""An expression over one row of observations as SQL.

The meaning of missing values is that of `evaluation`. Numbers stand in numeric columns of the row; texts are coded: the
row holds an integer, `metrics_dimensionvalue` the text. A test of one text column is decided once per dictionary entry,
then looked up by integer, never joined row by row.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from metrics.engine.expressions.evaluation import DIVISION_DIGITS, evaluate_row
from metrics.engine.expressions.functions import CASE_PAIRS, TEXT_TESTS, round_digits
from metrics.engine.expressions.nodes import (
    ARITHMETIC,
    Binary,
    Call,
    Membership,
    Name,
    Node,
    Number,
    Text,
    Unary,
    names,
)

DICTIONARY = "metrics_dimensionvalue"
_SLOT = re.compile(r"[a-z]+[0-9]+")
_ALIAS = re.compile(r"[a-z]{1,20}")
_SHIFT = f"1{'0' * (DIVISION_DIGITS + 1)}"
_UNSHIFT = f"0.{'0' * DIVISION_DIGITS}1"


@dataclass(frozen=True)
class NumberColumn:
    """A numeric column: its slot in the row, such as `n1`."""

    slot: str


@dataclass(frozen=True)
class DimensionColumn:
    """A coded text column: its integer slot in the row, such as `d1`, and whose dictionary explains it."""

    slot: str
    organization_id: int
    column_id: int


class Resolver(Protocol):
    def column(self, name: str) -> NumberColumn | DimensionColumn:
        """Where the values of `name` stand. Raises KeyError for a name that is none."""


def compile_sql(node: Node, resolver: Resolver, *, alias: str = "") -> tuple[str, list[object]]:
    """SQL with `%s` placeholders, and their parameters in order, for an expression that has passed `check`.

    A number or text is NULL where it is missing; a condition is never NULL. `alias` is the table of the slots where
    more than one is joined. Raises ValueError for a slot or alias that is not a bare column or table name.
    """
    if alias and (not _ALIAS.fullmatch(alias) or alias == "d"):
        raise ValueError(f"{alias!r} cannot be the alias of the rows")
    compiler = _Compiler(resolver, f"{alias}." if alias else "")
    sql = compiler.sql(node)
    return (f"({sql} IS TRUE)" if _is_condition(node) else sql), compiler.params


def _is_condition(node: Node) -> bool:
    match node:
        case Membership() | Unary("not"):
            return True
        case Binary(operator):
            return operator not in ARITHMETIC
        case Call("if", (_, branch, _)):
            return _is_condition(branch)
        case Call(function):
            return function in TEXT_TESTS or function == "is_missing"
    return False


class _Compiler:
    """Writes SQL from left to right; every placeholder is written together with its parameter.

    Conditions may be NULL in between: AND, OR, CASE and the IS TRUE of the root take NULL for false, and every negation
    is written as IS NOT TRUE.
    """

    def __init__(self, resolver: Resolver, prefix: str) -> None:
        self._resolver = resolver
        self._prefix = prefix
        self._in_dictionary = False
        self.params: list[object] = []

    def sql(self, node: Node) -> str:
        match node:
            case Number(value):
                return self._placeholder(value, "numeric")
            case Text(value):
                return self._placeholder(value, "text")
            case Name(name):
                return self._name(name)
            case Unary("-", operand):
                return f"(- {self.sql(operand)})"
            case Unary("not", operand):
                return f"({self.sql(operand)} IS NOT TRUE)"
            case Binary("!=", left, right):
                return f"({self.sql(Binary('=', left, right))} IS NOT TRUE)"
            case Membership(operand, options, negated=True):
                return f"({self.sql(Membership(operand, options))} IS NOT TRUE)"
            case Binary("and" | "or" as operator, left, right):
                return f"({self.sql(left)} {operator.upper()} {self.sql(right)})"
            case Binary("/", left, right):
                # div() cuts exactly; the one rounding is round()'s. Plain `/` rounds to a scale that the values decide.
                quotient = f"div({self.sql(left)} * {_SHIFT}, NULLIF({self.sql(right)}, 0))"
                return f"round({quotient} * {_UNSHIFT}, {DIVISION_DIGITS})"
            case Binary(operator, left, right) if operator in ARITHMETIC:
                return f"({self.sql(left)} {operator} {self.sql(right)})"
        dimension = self._only_dimension(node)
        return self._predicate(node) if dimension is None else self._dictionary_test(node, *dimension)

    def _predicate(self, node: Node) -> str:
        match node:
            case Binary(operator, left, right):
                # Only texts have a collation: on numbers the word is an error.
                collation = ' COLLATE "C"' if operator != "=" and self._is_text(left) else ""
                return f"({self.sql(left)}{collation} {operator} {self.sql(right)})"
            case Membership(operand, options):
                return f"({self.sql(operand)} IN ({self._listed(options)}))"
            case Call():
                return self._call(node)
        raise TypeError(node)

    def _call(self, call: Call) -> str:
        arguments = call.arguments
        match call.function:
            case "abs":
                return f"abs({self.sql(arguments[0])})"
            case "round":
                return f"round({self.sql(arguments[0])}, {round_digits(call)})"
            case "max":
                return self._greatest(arguments, "")
            case "min":
                return f"(- {self._greatest(arguments, '- ')})"
            case "if":
                condition, then, otherwise = map(self.sql, arguments)
                return f"(CASE WHEN {condition} THEN {then} ELSE {otherwise} END)"
            case "coalesce":
                return f"COALESCE({self._listed(arguments)})"
            case "is_missing":
                return f"({self.sql(arguments[0])} IS NULL)"
            case "lower":
                capitals, small = "".join(CASE_PAIRS), "".join(CASE_PAIRS.values())
                text = self.sql(arguments[0])
                return f"translate({text}, {self._placeholder(capitals, 'text')}, {self._placeholder(small, 'text')})"
            case "starts_with":
                return f"starts_with({self._listed(arguments)})"
            case "contains":
                return f"(strpos({self._listed(arguments)}) > 0)"
            case "ends_with":
                # Turned round, so that the suffix stands in the SQL once: twice would double it at every level.
                text, suffix = map(self.sql, arguments)
                return f"starts_with(reverse({text}), reverse({suffix}))"
        raise ValueError(call.function)

    def _greatest(self, arguments: tuple[Node, ...], sign: str) -> str:
        """NULL when one is NULL, which GREATEST alone would skip: NaN, above all numbers, stands in for it."""
        marked = ", ".join(f"COALESCE({sign}{self.sql(argument)}, 'NaN')" for argument in arguments)
        return f"NULLIF(GREATEST({marked}), 'NaN')"

    def _listed(self, nodes: tuple[Node, ...]) -> str:
        return ", ".join(map(self.sql, nodes))

    def _placeholder(self, value: Decimal | str | int, sql_type: str) -> str:
        self.params.append(value)
        return f"%s::{sql_type}"

    def _slot(self, slot: str) -> str:
        if not _SLOT.fullmatch(slot):
            raise ValueError(f"{slot!r} is not the name of a slot")
        return self._prefix + slot

    def _name(self, name: str) -> str:
        column = self._resolver.column(name)
        slot = self._slot(column.slot)
        if isinstance(column, NumberColumn):
            return slot
        if self._in_dictionary:
            return "d.value"
        # Texts of two columns, or of one beside numbers: read for each row.
        return f"(SELECT d.value FROM {self._dictionary(column)} AND d.code = {slot})"

    def _dictionary(self, column: DimensionColumn) -> str:
        self.params += [column.organization_id, column.column_id]
        return f"{DICTIONARY} d WHERE d.organization_id = %s AND d.column_id = %s"

    def _is_text(self, node: Node) -> bool:
        match node:
            case Text() | Call("lower"):
                return True
            case Name(name):
                return isinstance(self._resolver.column(name), DimensionColumn)
            case Call("coalesce" | "if", arguments):
                return self._is_text(arguments[-1])
        return False

    def _only_dimension(self, node: Node) -> tuple[str, DimensionColumn] | None:
        """The column on which alone the condition `node` depends, if it is a text; None within its own test."""
        used = names(node)
        if self._in_dictionary or len(used) != 1 or not _is_condition(node):
            return None
        column = self._resolver.column(used[0])
        return (used[0], column) if isinstance(column, DimensionColumn) else None

    def _dictionary_test(self, node: Node, name: str, column: DimensionColumn) -> str:
        slot = self._slot(column.slot)
        match node:
            case Call("is_missing", (Name(),)):
                return f"({slot} IS NULL)"
        # The dictionary holds no missing value: what the condition says of one is known beforehand.
        when_missing = f"{slot} IS NULL OR " if evaluate_row(node, {name: None}) else ""
        self._in_dictionary = True
        codes = f"SELECT d.code FROM {self._dictionary(column)} AND {self._predicate(node)}"
        self._in_dictionary = False
        return f"({when_missing}{slot} IN ({codes}))"
