"""The grammar: what is read, how it is written back, and where an error points."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.engine.expressions import ExpressionError, names, parse, rename, to_text
from metrics.engine.expressions.nodes import Binary, Call, Membership, Name, Node, Number, Text, Unary
from tests.metrics.engine.expression_strategies import any_expression


def refusal(source: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    return caught.value


def tree_or_error(source: str) -> Node | ExpressionError:
    try:
        return parse(source)
    except ExpressionError as error:
        return error


def test_m1_parse_measure_gives_typed_tree_with_places():
    tree = parse("quantity * unit_price")

    assert tree == Binary("*", Name("quantity"), Name("unit_price"))
    assert (tree.start, tree.end) == (0, 21)
    assert (tree.right.start, tree.right.end) == (11, 21)


def test_m1_parse_number_is_exact_decimal():
    assert parse("0.10") == Number(Decimal("0.10"))
    assert parse(".5") == Number(Decimal("0.5"))
    assert parse("1234567890123456789012345678901.234").value == Decimal("1234567890123456789012345678901.234")


def test_m1_parse_filter_reads_keywords_in_any_case():
    tree = parse("""country = "France" AND Not Starts_With(invoice_no, 'C')""")

    assert tree == Binary(
        "and",
        Binary("=", Name("country"), Text("France")),
        Unary("not", Call("starts_with", (Name("invoice_no"), Text("C")))),
    )


def test_m1_parse_names_chinese_and_back_quoted():
    assert names(parse("销售额 / `订单 数` + `a``b` + 销售额")) == ("销售额", "订单 数", "a`b")


def test_m1_parse_function_name_without_parenthesis_is_a_name():
    assert parse("max + lower") == Binary("+", Name("max"), Name("lower"))


@pytest.mark.parametrize(
    ("source", "canonical"),
    [
        ("a-b-c", "a - b - c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a*b)+(c/d)", "a * b + c / d"),
        ("(a+b)*c", "(a + b) * c"),
        ("-a*b", "-a * b"),
        ("-(a*b)", "-(a * b)"),
        ("a--b", "a - -b"),
        ("a<>b or c==d and not e>=f", "a != b or c = d and not e >= f"),
        ("(a=1 or b=2) and c=3", "(a = 1 or b = 2) and c = 3"),
        ("not (a=1 and b=2)", "not (a = 1 and b = 2)"),
        ("not not (a) = 1", "not not a = 1"),
        ('x NOT  IN(\'it\'\'s\',"say ""so""")', 'x not in ("it\'s", "say ""so""")'),
        ("`plain` + `not` + `with space`", "plain + `not` + `with space`"),
        ("IF(a>1,ABS(b),Coalesce(c,0.50))", "if(a > 1, abs(b), coalesce(c, 0.50))"),
        ("(a = 1) = (b in (2))", "(a = 1) = (b in (2))"),
    ],
)
def test_m1_to_text_is_canonical_and_reads_back_equal(source, canonical):
    assert to_text(parse(source)) == canonical
    assert parse(canonical) == parse(source)


@settings(max_examples=300, deadline=None)
@given(any_expression())
def test_m1_to_text_of_any_tree_reads_back_equal(tree):
    assert parse(to_text(tree)) == tree


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1.+-*/()<>=!,'\"` \n销（andortiN_", max_size=30))
def test_m1_parse_of_any_characters_gives_a_tree_or_a_place_in_the_source(source):
    found = tree_or_error(source)

    if isinstance(found, ExpressionError):
        assert 0 <= found.start <= found.end <= len(source)
        assert str(found)
    else:
        assert parse(to_text(found)) == found


def test_m1_rename_changes_names_only():
    tree = parse('revenue / orders + coalesce(orders, 0) * if(note = "orders", 1, 2)')

    renamed = rename(tree, {"orders": "order count", "unused": "x"})

    assert to_text(renamed) == 'revenue / `order count` + coalesce(`order count`, 0) * if(note = "orders", 1, 2)'
    assert names(renamed) == ("revenue", "order count", "note")


@pytest.mark.parametrize(
    ("source", "code", "params", "start", "end"),
    [
        ("", "empty", {}, 0, 0),
        ("  \n", "empty", {}, 0, 3),
        ("a +", "value_needed_at_end", {}, 3, 3),
        ("a + * b", "value_needed", {"found": "*"}, 4, 5),
        ("+a", "value_needed", {"found": "+"}, 0, 1),
        ("a and and b", "value_needed", {"found": "and"}, 6, 9),
        ("a = not b", "value_needed", {"found": "not"}, 4, 7),
        ("in (1)", "value_needed", {"found": "in"}, 0, 2),
        ("a b", "unexpected_part", {"found": "b"}, 2, 3),
        ("a not b", "unexpected_part", {"found": "not"}, 2, 5),
        ("abs(a b)", "unexpected_part", {"found": "b"}, 6, 7),
        ("1,000", "unexpected_part", {"found": ","}, 1, 2),
        ("5 (a)", "unexpected_part", {"found": "("}, 2, 3),
        ("(a + (b * c)", "unclosed_parenthesis", {}, 0, 1),
        ("abs(a", "unclosed_parenthesis", {}, 3, 4),
        ("a + b) * c", "unopened_parenthesis", {}, 5, 6),
        ("1 < a < 3", "chained_comparison", {}, 6, 7),
        ("a = b in (1)", "chained_comparison", {}, 6, 8),
        ("a in 1", "list_needed", {}, 5, 6),
        ("a not in", "list_needed", {}, 8, 8),
        ("a in ()", "value_needed", {"found": ")"}, 6, 7),
        ("min(a,)", "value_needed", {"found": ")"}, 6, 7),
        ("a & b", "unexpected_character", {"character": "&"}, 2, 3),
        ("a ! b", "unexpected_character", {"character": "!"}, 2, 3),
        ("a % 2", "unexpected_character", {"character": "%"}, 2, 3),
        ("（a + b)", "similar_character", {"character": "（", "suggestion": "("}, 0, 1),
        ("a ≥ b", "similar_character", {"character": "≥", "suggestion": ">="}, 2, 3),
        ("country = “France”", "similar_character", {"character": "“", "suggestion": '"'}, 10, 11),
        ("a = 'France", "unclosed_text", {}, 4, 11),
        ("`a + b", "unclosed_name", {}, 0, 6),
        ("a + ` `", "empty_name", {}, 4, 7),
        ("'a\x00b'", "control_character", {}, 2, 3),
        ("'a\ud800b'", "control_character", {}, 2, 3),
        ("1.2.3", "bad_number", {"text": "1.2.3"}, 0, 5),
        ("a + 1e5", "bad_number", {"text": "1e5"}, 4, 7),
        ("12.", "bad_number", {"text": "12."}, 0, 3),
        ("1" * 35, "number_too_long", {"limit": 34}, 0, 35),
    ],
)
def test_m1_parse_error_points_at_the_place(source, code, params, start, end):
    error = refusal(source)

    assert (error.code, error.params, error.start, error.end) == (code, params, start, end)
    assert (error.position, error.length) == (start + 1, end - start)


def test_m1_error_reads_as_a_sentence():
    assert str(refusal("a + 1e5")) == "1e5 is not a number. Write digits with one decimal point, as in 1234.5."


def test_m1_parse_2000_characters_pass_and_one_more_is_refused():
    assert parse("a" + " " * 1999) == Name("a")

    error = refusal("a" + " " * 2000)

    assert (error.code, error.params) == ("too_long", {"length": 2001, "limit": 2000})
    assert (error.start, error.end) == (2000, 2001)


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("abs(", ")"), ("- ", ""), ("a in (", ")")])
def test_m1_parse_40_levels_pass_and_one_more_is_refused(opening, closing):
    parse(opening * 40 + "a" + closing * 40)

    error = refusal(opening * 41 + "a" + closing * 41)

    last = opening.index("(") if "(" in opening else 0
    assert (error.code, error.params) == ("too_deep", {"limit": 40})
    assert (error.start, error.end) == (40 * len(opening) + last, 40 * len(opening) + last + 1)


def test_m1_parse_300_parts_pass_and_more_are_refused():
    parse("-" + " + ".join(["a"] * 150))

    error = refusal(" + ".join(["a"] * 151))

    assert (error.code, error.params) == ("too_many_parts", {"limit": 300})
    assert error.end == 601


def test_m1_membership_holds_its_options():
    assert parse("a not in (1, b)") == Membership(Name("a"), (Number(Decimal(1)), Name("b")), negated=True)
