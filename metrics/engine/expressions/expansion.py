"""Names that stand for expressions: a derived measure such as `revenue` for `quantity * unit_price`."""

from collections.abc import Mapping

from metrics.engine.expressions.errors import ExpressionError
from metrics.engine.expressions.nodes import Name, Node

DEEPEST = 10
MOST_PARTS = 3_000  # a few hundred parts at each of a few levels would be millions; also keeps products within numeric


def expand(node: Node, meanings: Mapping[str, Node]) -> Node:
    """`node` with each name that has a meaning replaced by it, until only plain names are left.

    Raises ExpressionError where meanings run in a circle, or where more than MOST_PARTS come out.
    """
    return _Expansion(node, meanings).replaced(node, 0)


class _Expansion:
    def __init__(self, whole: Node, meanings: Mapping[str, Node]) -> None:
        self._whole, self._meanings = whole, meanings
        self._parts = 0

    def replaced(self, node: Node, depth: int) -> Node:
        if isinstance(node, Name) and node.name in self._meanings:
            if depth >= DEEPEST:
                raise ExpressionError("circular_name", {"name": node.name}, node.start, node.end)
            return self.replaced(self._meanings[node.name], depth + 1)
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise ExpressionError("too_many_parts", {"limit": MOST_PARTS}, self._whole.start, self._whole.end)
        return node.with_children(tuple(self.replaced(child, depth) for child in node.children))
