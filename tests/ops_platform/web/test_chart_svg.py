"""Charts as pictures for paper."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

from ops_platform.web import charts
from ops_platform.web.chart_svg import chart_svg
from ops_platform.web.charts import Mark, Series
from ops_platform.web.formats import Unit

SVG = "{http://www.w3.org/2000/svg}"
DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(4)]


def drawn(figure):
    return ElementTree.fromstring(chart_svg(figure, width=400, height=150))  # made here


def texts(root):
    return [node.text for node in root.iter(f"{SVG}text")]


def points(root):
    return [
        [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
        for line in root.iter(f"{SVG}polyline")
    ]


def test_a_line_stands_where_its_values_are():
    root = drawn(
        charts.line(DAYS, [Series("Orders", [Decimal(0), Decimal(10), None, Decimal(5)], "current")], unit=Unit())
    )

    first, second = points(root)
    zero, ten, five = first[0][1], first[1][1], second[0][1]
    assert len(first) == 2
    assert len(second) == 1
    assert abs((zero - five) * 2 - (zero - ten)) < 0.2
    assert texts(root)[0] == "0"


def test_names_are_drawn_letter_by_letter():
    root = drawn(charts.breakdown(["<b>North</b> & South"], Series("x", [Decimal(3)]), unit=Unit()))

    assert texts(root)[0] == "<b>North</b> & South"
    assert "3" in texts(root)


def test_bars_share_a_zero_base_and_negative_ones_hang_from_it():
    root = drawn(charts.bar(["Jan", "Feb"], Series("Net", [Decimal(4), Decimal(-2)], "current"), unit=Unit()))

    up, down = root.iter(f"{SVG}rect")
    bottom = float(up.get("y")) + float(up.get("height"))
    assert abs(bottom - float(down.get("y"))) < 0.2
    assert abs(float(up.get("height")) - 2 * float(down.get("height"))) < 0.3


def test_marks_targets_and_names_at_the_ends_are_drawn():
    figure = charts.line(
        DAYS,
        [Series("Orders", [Decimal(1), Decimal(2), Decimal(3), Decimal(4)], "current")],
        unit=Unit(),
        target=Decimal(3),
        target_name="Target",
        marks=[Mark(DAYS[1], "Version 2")],
    )

    found = texts(drawn(figure))
    assert {"Orders", "Target", "Version 2"} <= set(found)


def test_stacked_bars_stand_on_each_other_and_are_named_above():
    figure = charts.stacked_bar(DAYS[:1], [Series("A", [Decimal(2)]), Series("B", [Decimal(3)])], unit=Unit())

    root = drawn(figure)
    boxes = [box for box in root.iter(f"{SVG}rect") if float(box.get("y")) > 10]
    assert texts(root)[:2] == ["A", "B"]
    assert abs(float(boxes[1].get("y")) + float(boxes[1].get("height")) - float(boxes[0].get("y"))) < 0.2


def test_nothing_in_the_picture_runs_or_loads():
    text = chart_svg(charts.line(DAYS, [Series("Orders", [Decimal(1)] * 4, "current")], unit=Unit()))

    assert not re.search(r"script|href|style=|url\(", text)
