"""Random expressions for hypothesis: well typed over two number names and two text names, or any tree at all."""

from decimal import Decimal

from hypothesis import strategies as st

from metrics.engine.expressions.nodes import Binary, Call, Membership, Name, Node, Number, Text, Type, Unary

TYPES = {"price": Type.NUMBER, "quantity": Type.NUMBER, "country": Type.TEXT, "invoice no": Type.TEXT}
WORDS = ("", "a", "A", "Ab", "ab", "É", "éa", "法国", "%", "_", "it's", 'say "so"', "a\\", "Σ", "İ", "b")

small_decimals = st.decimals(-1000, 1000, places=2, allow_nan=False).map(lambda value: value + 0)
words = st.sampled_from(WORDS)


def _literals(places: int = 2) -> st.SearchStrategy[Node]:
    return st.decimals(0, 1000, places=places, allow_nan=False).map(lambda value: Number(abs(value)))


def _lists(items: st.SearchStrategy[Node], low: int = 1) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(items, min_size=low, max_size=3).map(tuple)


def numbers(depth: int) -> st.SearchStrategy[Node]:
    leaf = _literals() | st.sampled_from([Name("price"), Name("quantity"), Number(Decimal(0)), Number(Decimal(3))])
    if depth == 0:
        return leaf
    inner = st.deferred(lambda: numbers(depth - 1))
    digits = st.integers(0, 4).map(lambda value: Number(Decimal(value)))
    return st.one_of(
        leaf,
        st.builds(Unary, st.just("-"), inner),
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Call, st.just("abs"), st.tuples(inner)),
        st.builds(Call, st.just("round"), st.tuples(inner, digits | digits.map(lambda node: Unary("-", node)))),
        st.builds(Call, st.sampled_from(["min", "max"]), _lists(inner)),
        st.builds(Call, st.just("coalesce"), _lists(inner, 2)),
        st.builds(Call, st.just("if"), st.tuples(conditions(depth - 1), inner, inner)),
    )


def texts(depth: int) -> st.SearchStrategy[Node]:
    leaf = words.map(Text) | st.sampled_from([Name("country"), Name("country"), Name("invoice no")])
    if depth == 0:
        return leaf
    inner = st.deferred(lambda: texts(depth - 1))
    return st.one_of(
        leaf,
        st.builds(Call, st.just("lower"), st.tuples(inner)),
        st.builds(Call, st.just("coalesce"), _lists(inner, 2)),
        st.builds(Call, st.just("if"), st.tuples(conditions(depth - 1), inner, inner)),
    )


def conditions(depth: int) -> st.SearchStrategy[Node]:
    comparisons = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    text, number = texts(max(depth - 1, 0)), numbers(max(depth - 1, 0))
    tests = st.one_of(
        st.builds(Binary, comparisons, text, text),
        st.builds(Binary, comparisons, number, number),
        st.builds(Membership, text, _lists(text), st.booleans()),
        st.builds(Membership, number, _lists(number), st.booleans()),
        st.builds(Call, st.sampled_from(["starts_with", "ends_with", "contains"]), st.tuples(text, text)),
        st.builds(Call, st.just("is_missing"), st.tuples(text | number)),
    )
    if depth == 0:
        return tests
    inner = st.deferred(lambda: conditions(depth - 1))
    return st.one_of(
        tests,
        st.builds(Unary, st.just("not"), inner),
        st.builds(Binary, st.sampled_from(["and", "or"]), inner, inner),
        st.builds(Call, st.just("if"), st.tuples(inner, inner, inner)),
    )


def any_expression() -> st.SearchStrategy[Node]:
    """Trees that the grammar allows, types aside."""
    leaf = st.one_of(
        _literals(3), words.map(Text), st.sampled_from(["a", "not", "x y", "销售额", "max", "`", "1a"]).map(Name)
    )
    operators = st.sampled_from(["+", "-", "*", "/", "=", "!=", "<", "<=", ">", ">=", "and", "or"])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(Unary, st.sampled_from(["-", "not"]), inner),
            st.builds(Binary, operators, inner, inner),
            st.builds(Membership, inner, _lists(inner), st.booleans()),
            st.builds(Call, st.sampled_from(["max", "if", "nonsense"]), st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=15,
    )
