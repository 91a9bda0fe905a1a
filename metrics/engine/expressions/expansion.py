"""Names that stand for expressions: a derived measure such as `revenue` for `quantity * unit_price`."""

from collections.abc import Mapping

from metrics.engine.expressions.errors import ExpressionError
from metrics.engine.expressions.nodes import Name, Node

DEEPEST = 10


def expand(node: Node, meanings: Mapping[str, Node], *, depth: int = 0) -> Node:
    """`node` with each name that has a meaning replaced by it, until only plain names are left.

    Raises ExpressionError where meanings run in a circle.
    """
    if isinstance(node, Name) and node.name in meanings:
        if depth >= DEEPEST:
            raise ExpressionError("circular_name", {"name": node.name}, node.start, node.end)
        return expand(meanings[node.name], meanings, depth=depth + 1)
    return node.with_children(tuple(expand(child, meanings, depth=depth) for child in node.children))
