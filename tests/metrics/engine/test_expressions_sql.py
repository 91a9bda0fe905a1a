"""The SQL of an expression: its text, and that PostgreSQL gives what Python gives."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from metrics.engine.expressions import (
    DimensionColumn,
    Node,
    NumberColumn,
    Type,
    Value,
    check,
    compile_sql,
    evaluate_row,
    parse,
)
from tests.metrics.engine import expression_strategies as expressions

D = Decimal
COLUMNS = {
    "price": NumberColumn("n1"),
    "quantity": NumberColumn("n2"),
    "country": DimensionColumn("d1", organization_id=7, column_id=70),
    "invoice no": DimensionColumn("d2", organization_id=7, column_id=71),
}


class Columns:
    def __init__(self, **changed: NumberColumn | DimensionColumn) -> None:
        self._columns = COLUMNS | changed

    def column(self, name: str) -> NumberColumn | DimensionColumn:
        return self._columns[name]


IN_COUNTRY = (
    "d1 IN (SELECT d.code FROM metrics_dimensionvalue d WHERE d.organization_id = %s AND d.column_id = %s AND {})"
)


@pytest.mark.parametrize(
    ("source", "sql", "params"),
    [
        ("price * quantity", "(n1 * n2)", []),
        ("price - -2", "(n1 - (- %s::numeric))", [D(2)]),
        (
            "price / quantity",
            "round(div(n1 * 1000000000000000000000, NULLIF(n2, 0)) * 0.000000000000000000001, 20)",
            [],
        ),
        ("round(price, -2)", "round(n1, -2)", []),
        ("quantity > 0", "((n2 > %s::numeric) IS TRUE)", [D(0)]),
        ("quantity != 0", "(((n2 = %s::numeric) IS NOT TRUE) IS TRUE)", [D(0)]),
        (
            'country = "France"',
            f"(({IN_COUNTRY.format('(d.value = %s::text)')}) IS TRUE)",
            [7, 70, "France"],
        ),
        (
            'country not in ("France", "%s")',
            f"((({IN_COUNTRY.format('(d.value IN (%s::text, %s::text))')}) IS NOT TRUE) IS TRUE)",
            [7, 70, "France", "%s"],
        ),
        (
            'quantity > 1 and not starts_with(country, "C")',
            f"(((n2 > %s::numeric) AND (({IN_COUNTRY.format('starts_with(d.value, %s::text)')}) IS NOT TRUE)) IS TRUE)",
            [D(1), 7, 70, "C"],
        ),
        (
            'coalesce(country, "none") = "none"',
            f"((d1 IS NULL OR {IN_COUNTRY.format('(COALESCE(d.value, %s::text) = %s::text)')}) IS TRUE)",
            [7, 70, "none", "none"],
        ),
        ("is_missing(country)", "((d1 IS NULL) IS TRUE)", []),
    ],
)
def test_m1_compile_sql_text_and_parameters(source, sql, params):
    assert compile_sql(parse(source), Columns()) == (sql, params)


def test_m1_compile_sql_holds_no_character_of_the_source():
    hostile = "'); DROP TABLE x; --"

    sql, params = compile_sql(parse(f'country = "{hostile}" or contains("{hostile}", country)'), Columns())

    assert hostile not in sql
    assert params.count(hostile) == 2


def test_m1_compile_sql_alias_stands_before_every_slot():
    sql, _ = compile_sql(parse('price > 1 and (country = "a" or country = `invoice no`)'), Columns(), alias="o")

    assert sql.count("o.n1") == 1
    assert sql.count("o.d1") == 2
    assert sql.count("o.d2") == 1


@pytest.mark.parametrize("slot", ["n1; DROP TABLE x", "n", "1", "", "N1", "n1 ", "n1\n", "o.n1", '"n1"', "n1_x"])
def test_m1_compile_sql_refuses_what_is_no_slot(slot):
    for column in (NumberColumn(slot), DimensionColumn(slot, 7, 70)):
        with pytest.raises(ValueError, match="is not the name of a slot"):
            compile_sql(parse("is_missing(x)"), Columns(x=column))


@pytest.mark.parametrize("alias", ["d", "O", "o.", "o p", 'o"', "o1"])
def test_m1_compile_sql_refuses_what_is_no_alias(alias):
    with pytest.raises(ValueError, match="cannot be the alias"):
        compile_sql(parse("price"), Columns(), alias=alias)


def test_m1_compile_sql_does_not_grow_faster_than_its_expression():
    source = "price"
    for function in ["min(quantity, {})", "max({}, 1)", "if(price > 1, {}, 2)", "({}) / quantity", "abs({})"] * 7:
        source = function.format(source)

    sql, _ = compile_sql(parse(source), Columns())

    assert len(sql) < 60 * len(source)


# --- against PostgreSQL ---

Row = tuple[Decimal | None, Decimal | None, str | None, str | None]
CODES = {word: code for code, word in enumerate(expressions.WORDS, start=1)}


def dictionary() -> tuple[str, list[object]]:
    """A dictionary in place of the table's name; another organization and another column give the codes other texts."""
    rows: list[tuple[int, int, int, str]] = []
    for word, code in CODES.items():
        rows += [(7, 70, code, word), (7, 71, code, word), (8, 70, code, "a"), (7, 99, code, "b")]
    values = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    sql = f"WITH metrics_dimensionvalue(organization_id, column_id, code, value) AS (VALUES {values})"
    return sql, [cell for row in rows for cell in row]


def in_postgres(tree: Node, rows: Sequence[Row]) -> list[Value]:
    """The value of `tree` for each row as the database computes it; the types of the slots are the store's."""
    known, params = dictionary()
    compiled, compiled_params = compile_sql(tree, Columns(), alias="o")
    values = ", ".join(["(%s::int, %s::numeric, %s::numeric, %s::int, %s::int)"] * len(rows))
    cells: list[object] = []
    for at, (price, quantity, country, invoice) in enumerate(rows):
        coded = [None if word is None else CODES[word] for word in (country, invoice)]
        cells += [at, price, quantity, *coded]
    sql = f"{known} SELECT {compiled} FROM (VALUES {values}) AS o(place, n1, n2, d1, d2) ORDER BY place"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *compiled_params, *cells])
        return [found for (found,) in cursor.fetchall()]


def in_python(tree: Node, rows: Sequence[Row]) -> list[Value]:
    return [evaluate_row(tree, dict(zip(expressions.TYPES, row, strict=True))) for row in rows]


ROWS: list[Row] = [
    (D("2.50"), D(4), "a", "A"),
    (D("-1"), D(0), "法国", "a"),
    (D(0), D(-3), "", "it's"),
    (None, D(1), None, "a"),
    (D("1.005"), None, "É", None),
    (None, None, None, None),
    (D("99999999999999999999.99999999"), D("0.00000001"), "a", "a"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "source",
    [
        "price * quantity",
        "price / quantity",
        "quantity / 3 * 3",
        "price / 7 / quantity",
        "round(price / quantity, 2)",
        "round(price, -1)",
        "min(price, quantity) + 10 * max(price, quantity, 1)",
        "coalesce(price, quantity, -1)",
        "if(price > quantity, price, -quantity)",
        "abs(price - quantity)",
        "--price - -quantity",
        "price > 1 or not quantity < 1",
        "price != quantity",
        "price not in (quantity, 0)",
        "is_missing(price / quantity)",
        'country = "a" or country > "Z"',
        'country != "a" and `invoice no` not in ("a", "A")',
        "country = `invoice no`",
        "country != `invoice no`",
        "not country <= lower(`invoice no`)",
        'starts_with(`invoice no`, "it\'")',
        'ends_with(country, "国")',
        'ends_with("xa", country)',
        'contains(country, "") and contains("%_a", country)',
        'lower(country) in ("é", "a")',
        'coalesce(country, `invoice no`, "none") = "none"',
        'if(price > 1, country, "a") = "a"',
        'if(country = "a", price, quantity)',
        'if(country = "a", price > 1, is_missing(country))',
        'lower(coalesce(country, "X"))',
        '"a" < "B"',
        "country",
    ],
)
def test_m1_sql_gives_what_python_gives(source):
    tree = parse(source)
    check(tree, expressions.TYPES)

    assert in_postgres(tree, ROWS) == in_python(tree, ROWS)


@pytest.mark.django_db
def test_m1_sql_filter_on_missing_text_keeps_the_rows_that_differ():
    rows: list[Row] = [(D(1), D(1), "a", None), (D(1), D(1), "b", None), (D(1), D(1), None, None)]

    assert in_postgres(parse('country = "a"'), rows) == [True, False, False]
    assert in_postgres(parse('country != "a"'), rows) == [False, True, True]
    assert in_postgres(parse('country in ("a")'), rows) == [True, False, False]
    assert in_postgres(parse('country not in ("a")'), rows) == [False, True, True]
    assert in_postgres(parse('not starts_with(country, "a")'), rows) == [False, True, True]


@pytest.mark.django_db
def test_m1_sql_division_rounds_half_away_from_zero_at_20_places_and_by_zero_is_missing():
    rows: list[Row] = [(D(2), D(3), None, None), (D(-2), D(3), None, None), (D(2), D(0), None, None)]

    assert in_postgres(parse("price / quantity"), rows) == [
        D("0.66666666666666666667"),
        D("-0.66666666666666666667"),
        None,
    ]


@pytest.mark.django_db
def test_m1_sql_of_the_largest_expression_runs():
    tree = parse("abs(" * 39 + "price" + " + price" * 129 + ")" * 39)

    assert in_postgres(tree, [(D(1), None, None, None)]) == [D(130)]


cells = st.tuples(
    st.none() | expressions.small_decimals,
    st.none() | expressions.small_decimals | st.sampled_from([D(0), D(3)]),
    st.none() | expressions.words,
    st.none() | expressions.words,
)


@pytest.mark.django_db
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    expressions.conditions(2) | expressions.numbers(3) | expressions.texts(2), st.lists(cells, min_size=1, max_size=6)
)
@example(parse("price / 3 = 0.33333333333333333333"), [(D(1), None, None, None)])
def test_m1_sql_of_any_expression_gives_what_python_gives(tree, rows):
    assert check(tree, expressions.TYPES) in set(Type)

    assert in_postgres(tree, rows) == in_python(tree, rows)
