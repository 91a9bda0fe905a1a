"""The tree of an expression. Two trees are equal when they mean the same text, wherever it stood in the source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Self


class Type(StrEnum):
    """What an expression, or a name in it, stands for."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"


@dataclass(frozen=True, kw_only=True)
class Node:
    """`start` and `end`: the characters of the source this node was read from."""

    start: int = field(default=0, compare=False, repr=False)
    end: int = field(default=0, compare=False, repr=False)

    @property
    def children(self) -> tuple["Node", ...]:
        return ()

    def with_children(self, children: tuple["Node", ...]) -> Self:
        """This node over other children, as many as it has."""
        assert not children
        return self


@dataclass(frozen=True)
class Number(Node):
    value: Decimal


@dataclass(frozen=True)
class Text(Node):
    value: str


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Unary(Node):
    """`-operand` of a number or `not operand` of a condition."""

    operator: Literal["-", "not"]
    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand,)

    def with_children(self, children: tuple[Node, ...]) -> Self:
        (operand,) = children
        return replace(self, operand=operand)


@dataclass(frozen=True)
class Binary(Node):
    """Arithmetic `+ - * /`, comparison `= != < <= > >=`, or `and`, `or`."""

    operator: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    def with_children(self, children: tuple[Node, ...]) -> Self:
        left, right = children
        return replace(self, left=left, right=right)


@dataclass(frozen=True)
class Membership(Node):
    """`operand in (options)`, or `not in` when negated."""

    operand: Node
    options: tuple[Node, ...]
    negated: bool = False

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand, *self.options)

    def with_children(self, children: tuple[Node, ...]) -> Self:
        operand, *options = children
        return replace(self, operand=operand, options=tuple(options))


@dataclass(frozen=True)
class Call(Node):
    """A function, its name in lower case, with its arguments."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments

    def with_children(self, children: tuple[Node, ...]) -> Self:
        return replace(self, arguments=children)


ARITHMETIC = frozenset({"+", "-", "*", "/"})
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def walk(node: Node) -> Iterator[Node]:
    """`node` and all below it, in the order of the source."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def names(node: Node) -> tuple[str, ...]:
    """The different names of an expression in the order in which they first occur."""
    return tuple(dict.fromkeys(found.name for found in walk(node) if isinstance(found, Name)))


def rename(node: Node, mapping: Mapping[str, str]) -> Node:
    """The same expression over other names; names that `mapping` does not hold stay."""
    if isinstance(node, Name):
        return replace(node, name=mapping.get(node.name, node.name))
    return node.with_children(tuple(rename(child, mapping) for child in node.children))
