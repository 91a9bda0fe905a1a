"""Figures: accepted by plotly itself, exact, escaped, small."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from django.utils import translation

from ops_platform.web.chart_axes import scale_of
from ops_platform.web.chart_parts import escaped, shortened
from ops_platform.web.chart_theme import themed
from ops_platform.web.charts import Mark, Payload, Series, bar, breakdown, line, stacked_bar
from ops_platform.web.formats import Unit

DAYS = [date(2026, 3, 1) + timedelta(days=i) for i in range(4)]
YUAN = Unit("money", "CNY", 2)
NOW = Series("This year", [Decimal("1.10"), None, Decimal("3.30"), Decimal("2")], "current", url="/rows/?day={x}")
PAST = Series("Last year", [1, 2, 3, 4], "comparison")

FIGURES = {
    "line": line(
        DAYS,
        [NOW, PAST],
        unit=YUAN,
        target=Decimal(3),
        target_name="Target",
        marks=[Mark(DAYS[1], "Version 2")],
        partial_name="so far",
    ),
    "line with steps as target": line(DAYS, [PAST], target=[1, 1, None, 2], target_name="Target"),
    "line of one point": line(DAYS[:1], [Series("Only", [5])]),
    "line of nothing": line([], [Series("None", [])]),
    "line by hour": line([datetime(2026, 3, 1, hour) for hour in range(4)], [PAST]),
    "bar": bar(DAYS, NOW, unit=YUAN, target=2, target_name="Goal", comparison=PAST, partial_name="so far"),
    "stacked bar": stacked_bar(DAYS, [NOW, PAST, Series("Returns", [-1, -2, None, 0])]),
    "breakdown": breakdown(["A", "B"], Series("Sum", [5, -2], urls=["/a/", "/b/"])),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_figure_in_both_themes(name, theme):
    figure = go.Figure(themed(FIGURES[name], theme))
    assert len(figure.data) == len(FIGURES[name]["data"])


@pytest.mark.parametrize("name", FIGURES)
def test_figures_carry_no_colours_so_that_the_theme_may_change(name):
    assert "color" not in json.dumps(FIGURES[name])


@pytest.mark.parametrize("name", FIGURES)
def test_figures_hold_no_tags_which_the_policy_would_refuse_as_inline_style(name):
    assert set(json.dumps(FIGURES[name]).replace("<extra></extra>", "")) & {"<"} == set()


def test_line_keeps_gaps_and_says_exact_values_in_words():
    whole, partial, past, target = FIGURES["line"]["data"]
    assert whole["x"] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert whole["y"] == [1.1, None, 3.3]
    assert whole["customdata"] == ["¥1.10", "–", "¥3.30"]
    assert whole["meta"] == {"role": "current", "url": "/rows/?day={x}"}
    assert (partial["name"], partial["x"], partial["y"]) == ("so far", ["2026-03-03", "2026-03-04"], [3.3, 2.0])
    assert partial["meta"]["role"] == "partial"
    assert past["y"] == [1.0, 2.0, 3.0, 4.0]
    assert (target["x"], target["y"]) == (["2026-03-01", "2026-03-04"], [3.0, 3.0])


def test_line_labels_its_ends_apart():
    labels = {note["text"]: note["y"] for note in FIGURES["line"]["layout"]["annotations"] if note["name"] != "note"}
    assert list(labels) == ["This year", "Target", "Last year"]
    heights = sorted(labels.values())
    low, high = FIGURES["line"]["layout"]["yaxis"]["range"]
    assert all(upper - lower >= (high - low) * 0.08 for lower, upper in pairwise(heights))


def test_bars_stand_on_zero():
    for name in ("bar", "stacked bar"):
        low, high = FIGURES[name]["layout"]["yaxis"]["range"]
        assert low <= 0 <= high
        assert 0 in FIGURES[name]["layout"]["yaxis"]["tickvals"]


def test_stacked_bar_has_room_for_both_heaps():
    low, high = FIGURES["stacked bar"]["layout"]["yaxis"]["range"]
    assert low <= -2
    assert high >= 6.3


def test_breakdown_names_its_bars_in_full_beside_the_short_label():
    long = "Netherlands (including Caribbean parts)"
    figure = breakdown([long], Series("Sum", [5]))
    assert figure["layout"]["yaxis"]["ticktext"] == ["Netherlands (including…"]
    assert figure["data"][0]["meta"]["names"] == [long]


def test_names_of_people_cannot_become_tags_or_templates():
    figure = line(DAYS, [Series('<a href="x">%{x}</a>', [1, 2, 3, 4]), PAST])
    trace = figure["data"][0]
    assert trace["name"] == '&lt;a href="x"&gt;%{x}&lt;/a&gt;'
    assert trace["hovertemplate"] == "%{fullData.name}  %{customdata}<extra></extra>"
    assert figure["layout"]["annotations"][0]["text"] == '&lt;a href="x"&gt;%{x}…'


def test_escaped_shows_text_letter_by_letter():
    assert escaped("a<b>&lt;") == "a&lt;b&gt;&amp;lt;"


def test_shortened_counts_a_chinese_character_twice():
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcdef…"
    assert shortened("华东仓储配送", 6) == "华东仓…"


@pytest.mark.parametrize(
    ("values", "from_zero", "ticks"),
    [
        ([0, 100], False, (0, 25, 50, 75, 100)),
        ([3, 97], True, (0, 25, 50, 75, 100)),
        ([0.1, 0.3], False, (0.1, 0.15, 0.2, 0.25, 0.3)),
        ([-5, 12], True, (-5, 0, 5, 10, 15)),
        ([7, 7], True, (0, 2, 4, 6, 8)),
        ([0, 0], False, (0, 0.25, 0.5, 0.75, 1)),
        ([], False, (0, 0.25, 0.5, 0.75, 1)),
        ([float("nan"), 0, 4], False, (0, 1, 2, 3, 4)),
    ],
)
def test_scale_of_finds_round_ticks_around_the_values(values, from_zero, ticks):
    assert scale_of(values, from_zero=from_zero).ticks == ticks


def test_scale_of_a_small_dip_below_zero_ends_at_the_value_instead_of_a_step_further():
    dip, deep = scale_of([-10, 390]), scale_of([-60, 390])

    assert (dip.ticks, dip.low, dip.high) == ((0, 100, 200, 300, 400), -10, 400)
    assert (deep.ticks, deep.low) == ((-200, 0, 200, 400), -200)


def test_ticks_are_written_in_the_language_and_differ():
    with translation.override("zh-hans"):
        figure = line(DAYS, [Series("a", [0, 40_000, 80_000, 100_000])])
    assert figure["layout"]["yaxis"]["ticktext"] == ["0", "2.5万", "5万", "7.5万", "10万"]
    close = line(DAYS, [Series("a", [Decimal("0.975"), Decimal("0.98"), None, None])], unit=Unit("percent"))
    assert close["layout"]["yaxis"]["ticktext"] == ["97.4%", "97.6%", "97.8%", "98.0%"]


def test_payload_cannot_end_its_script_element():
    figure = {"data": [], "layout": {"title": "</script><!-- & 中"}}
    payload = Payload.of(figure)
    assert not set("<>&") & set(payload)
    assert "中" in payload
    assert json.loads(payload) == figure


def test_stored_json_is_escaped_again():
    assert Payload.stored('{"a":"<b>"}') == '{"a":"\\u003cb\\u003e"}'


def test_payload_refuses_what_json_cannot_say():
    with pytest.raises(ValueError, match="not JSON compliant"):
        Payload.of({"data": [{"y": [float("nan")]}], "layout": {}})


def test_a_year_of_days_stays_small():
    days = [date(2025, 1, 1) + timedelta(days=i) for i in range(365)]
    values = [Decimal(i) * 7 for i in range(365)]
    assert len(Payload.of(line(days, [Series("Orders", values)]))) < 12_000
