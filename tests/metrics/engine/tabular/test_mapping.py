"""Mappings: guessed, kept as JSON, remembered for the next file of the same shape."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from metrics.engine.tabular import (
    ColumnPlan,
    Mapping,
    MappingError,
    TabularError,
    Unpivot,
    detect,
    from_json,
    guess_mapping,
    refit,
    signature,
)
from metrics.engine.tabular.slugs import slug, unique_keys
from tests.metrics.engine.tabular.helpers import read_all, text_file

ORDERS = "订单号,下单时间,客户,金额,数量\n" + "".join(
    f"A{i:03},2024-01-{i:02} 10:00,客户{i % 3},{i}.50,{i}\n" for i in range(1, 20)
)
WIDE = "shop,2024-01,2024-02,2024-03\nA,1,,3\nB,4,5,6\n"


def a_mapping() -> Mapping:
    return guess_mapping(detect(text_file(ORDERS)))


def test_m5_chinese_names_hint_at_roles() -> None:
    plans = {plan.name: (plan.key, plan.role, plan.type) for plan in a_mapping().columns}

    assert plans == {
        "订单号": ("ding_dan_hao", "key", "text"),
        "下单时间": ("xia_dan_shi_jian", "instant", "datetime"),
        "客户": ("ke_hu", "dimension", "text"),
        "金额": ("jin_e", "measure", "number"),
        "数量": ("shu_liang", "measure", "number"),
    }


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Order Date", "order_date"),
        ("Discount %", "discount_percent"),
        ("Année", "annee"),
        ("金额 (RMB)", "jin_e_rmb"),
        ("2024-01", "c_2024_01"),
        ("Заказ", ""),
        ("", ""),
    ],
)
def test_m5_keys_are_ascii_slugs(name: str, key: str) -> None:
    assert slug(name) == key


def test_m5_keys_are_unique_and_a_name_without_slug_gets_its_position() -> None:
    assert unique_keys(["a", "A", "Заказ", "", "c3"]) == ["a", "a_2", "c3", "c4", "c3_2"]


def test_m5_a_mapping_survives_json() -> None:
    for mapping in (a_mapping(), guess_mapping(detect(text_file(WIDE)))):
        assert from_json(mapping.to_json()) == mapping


@pytest.mark.parametrize(
    ("change", "place", "problem"),
    [
        ({"kind": "pdf"}, "kind", "value"),
        ({"version": 2}, "version", "value"),
        ({"columns": []}, "columns", "type"),
        ({"columns": "x"}, "columns", "type"),
        ({"surprise": 1}, "surprise", "unknown"),
        ({"encoding": "rot13"}, "encoding", "value"),
        ({"delimiter": '"'}, "delimiter", "value"),
        ({"delimiter": ",,"}, "delimiter", "value"),
        ({"decimal": "x"}, "decimal", "value"),
        ({"skip_rows": -1}, "skip_rows", "value"),
        ({"skip_rows": True}, "skip_rows", "value"),
        ({"header_rows": [0, "1"]}, "header_rows[1]", "value"),
        ({"names": ["a", 5]}, "names[1]", "type"),
        ({"names": ["a\x00"]}, "names[0]", "value"),
        ({"totals": "maybe"}, "totals", "value"),
        ({"unpivot": {"sources": []}}, "unpivot.sources", "type"),
        ({"unpivot": {"sources": [3], "year_source": "x"}}, "unpivot.year_source", "value"),
        ({"unpivot": {"sources": [3]}}, "columns[1].role", "second_instant"),
    ],
)
def test_m5_a_bad_mapping_names_the_place(change: dict[str, Any], place: str, problem: str) -> None:
    raw = json.loads(a_mapping().to_json()) | change

    with pytest.raises(MappingError) as refused:
        from_json(json.dumps(raw))

    assert refused.value.params == {"place": place, "problem": problem}


@pytest.mark.parametrize(
    ("index", "change", "place", "problem"),
    [
        (2, {"role": "hero"}, "columns[2].role", "value"),
        (2, {"type": "blob"}, "columns[2].type", "value"),
        (2, {"key": "Bad Key"}, "columns[2].key", "value"),
        (2, {"key": "jin_e"}, "columns[3].key", "duplicate"),
        (2, {"source": -1}, "columns[2].source", "value"),
        (2, {"date_order": "ydm"}, "columns[2].date_order", "value"),
        (2, {"required": "yes"}, "columns[2].required", "type"),
        (2, {"role": "measure"}, "columns[2].type", "measure_type"),
        (1, {"type": "text"}, "columns[1].type", "instant_type"),
    ],
)
def test_m5_a_bad_column_names_the_place(index: int, change: dict[str, Any], place: str, problem: str) -> None:
    raw = json.loads(a_mapping().to_json())
    raw["columns"][index] |= change

    with pytest.raises(MappingError) as refused:
        from_json(json.dumps(raw))

    assert refused.value.params == {"place": place, "problem": problem}


@pytest.mark.parametrize("text", ["", "[]", "nonsense", "[" * 100_000, '{"kind": "csv"}', "null"])
def test_m5_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(MappingError):
        from_json(text)


def test_m5_a_signature_forgets_case_and_spaces_but_not_order() -> None:
    assert signature(["Order  Date", " amount "]) == signature(["order date", "Amount"])
    assert signature(["a", "b"]) != signature(["b", "a"])
    assert signature(["ab", ""]) != signature(["a", "b"])
    assert a_mapping().signature == signature(["订单号", "下单时间", "客户", "金额", "数量"])


def test_m5_a_remembered_mapping_fits_the_next_file_of_the_same_header() -> None:
    renamed = replace(a_mapping().columns[3], key="revenue", label="Revenue")
    remembered = replace(a_mapping(), columns=(*a_mapping().columns[:3], renamed))
    file = text_file("月度报表\n\n" + ORDERS.replace(",", ";"), "gbk")

    mapping = refit(remembered, detect(file))

    assert (mapping.encoding, mapping.delimiter, mapping.header_rows) == ("gb18030", ";", (2,))
    assert read_all(file, mapping).columns["revenue"][:2] == ["1.50", "2.50"]


def test_m5_a_remembered_mapping_is_not_forced_on_another_header() -> None:
    with pytest.raises(MappingError, match="mapping_other_header"):
        refit(a_mapping(), detect(text_file(WIDE)))


def test_m5_wide_becomes_long_with_one_row_per_value() -> None:
    file = text_file(WIDE)

    result = read_all(file, guess_mapping(detect(file)), "Asia/Shanghai")

    assert sorted(zip(result.columns["shop"], result.columns["period"], result.columns["value"], strict=True)) == [
        ("A", datetime(2023, 12, 31, 16, tzinfo=UTC), "1"),
        ("A", datetime(2024, 2, 29, 16, tzinfo=UTC), "3"),
        ("B", datetime(2023, 12, 31, 16, tzinfo=UTC), "4"),
        ("B", datetime(2024, 1, 31, 16, tzinfo=UTC), "5"),
        ("B", datetime(2024, 2, 29, 16, tzinfo=UTC), "6"),
    ]
    assert result.raw == [
        ["A", "2024-01", "1"],
        ["B", "2024-01", "4"],
        ["B", "2024-02", "5"],
        ["A", "2024-03", "3"],
        ["B", "2024-03", "6"],
    ]
    assert result.numbers == [2, 3, 3, 2, 3]


def test_m5_a_bad_cell_of_a_wide_row_refuses_the_row_whole() -> None:
    file = text_file("shop,2024-01,2024-02,2024-03\nA,1,2,3\nB,4,5,6\nC,7,8,9\nD,1,oops,3\n")

    result = read_all(file, guess_mapping(detect(file)))

    assert [(r.row, r.column, r.value, r.code) for r in result.refusals] == [(5, "2024-02", "oops", "not_a_number")]
    assert "D" not in result.columns["shop"]
    assert len(result.numbers) == 9


def test_m5_months_without_a_year_need_a_year_column() -> None:
    plain = detect(text_file("shop,Jan,Feb,Mar\nA,1,2,3\nB,4,5,6\n"))
    mapping = replace(guess_mapping(plain), columns=guess_mapping(plain).columns[:1], unpivot=Unpivot((1, 2, 3)))

    assert guess_mapping(plain).unpivot is None
    with pytest.raises(TabularError, match="period_without_year"):
        read_all(text_file("shop,Jan,Feb,Mar\nA,1,2,3\n"), mapping)


def test_m5_a_column_nobody_wants_is_not_checked() -> None:
    mapping = a_mapping()
    only = replace(mapping, columns=tuple(replace(p, role="ignore") for p in mapping.columns[:3]) + mapping.columns[3:])

    result = read_all(text_file(ORDERS.replace("2024-01-02", "0000-00-00")), only)

    assert (set(result.columns), len(result.numbers)) == ({"jin_e", "shu_liang"}, 19)


def test_m5_a_row_without_a_required_value_is_refused() -> None:
    file = text_file(ORDERS + "A020,,客户1,5,5\n")

    result = read_all(file, guess_mapping(detect(file)))

    assert [(r.row, r.column, r.code) for r in result.refusals] == [(21, "下单时间", "required")]
    assert result.refused == {21: ["A020", "", "客户1", "5", "5"]}


def test_m5_words_among_the_dates_of_an_attribute_refuse_nothing() -> None:
    rows = "".join(f"2024-01-{d:02},{'not captured' if d % 5 == 0 else f'2024-02-{d:02}'},{d}\n" for d in range(1, 29))
    file = text_file("recorded date,shipping date,amount\n" + rows)
    mapping = guess_mapping(detect(file))

    result = read_all(file, mapping)

    assert [(plan.role, plan.type) for plan in mapping.columns[:2]] == [("instant", "date"), ("dimension", "text")]
    assert (len(result.numbers), result.refusals) == (28, [])


def test_m5_truth_words_are_booleans_and_count_as_measures() -> None:
    file = text_file("date,paid\n2024-01-01,是\n2024-01-02,否\n2024-01-03,yes\n")
    mapping = guess_mapping(detect(file))
    paid = mapping.columns[1]
    counted = ColumnPlan(**{name: getattr(paid, name) for name in ColumnPlan.__slots__} | {"role": "measure"})

    assert paid.type == "boolean"
    assert read_all(file, mapping).columns["paid"] == [True, False, True]
    assert read_all(file, replace(mapping, columns=(counted,))).columns["paid"] == ["1", "0", "1"]
