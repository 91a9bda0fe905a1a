"""Names that stand for expressions."""

import pytest

from metrics.engine.expressions import parse
from metrics.engine.expressions.errors import ExpressionError
from metrics.engine.expressions.expansion import MOST_PARTS, expand
from metrics.engine.expressions.nodes import walk


def test_m2_expand_replaces_names_until_plain_ones_are_left():
    meanings = {"revenue": parse("quantity * price"), "margin": parse("revenue - cost")}

    assert [node.name for node in walk(expand(parse("margin / revenue"), meanings)) if hasattr(node, "name")] == [
        "quantity",
        "price",
        "cost",
        "quantity",
        "price",
    ]


def test_m2_expand_refuses_a_circle():
    with pytest.raises(ExpressionError) as caught:
        expand(parse("a"), {"a": parse("b + 1"), "b": parse("a + 1")})

    assert caught.value.code == "circular_name"


def test_m2_expand_refuses_names_that_multiply_at_every_level():
    meanings = {f"x{level}": parse(" + ".join([f"x{level - 1}"] * 20)) for level in range(1, 10)}

    with pytest.raises(ExpressionError) as caught:
        expand(parse("x9"), meanings)

    assert (caught.value.code, caught.value.params) == ("too_many_parts", {"limit": MOST_PARTS})
    assert (caught.value.start, caught.value.end) == (0, 2)
