"""The look of charts: one plotly template a theme, and the styles of what a series is (target, comparison, partial).

Figures carry no colours. Each trace names its role in `meta`, and the browser lays template and role styles over it, so
that a switch of the theme redraws at once without asking the server. `static/js/chart-theme.js` is written from here by
`scripts/chart_theme.py`; a test keeps the two equal, and another the colours equal to those of tokens.css.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

Theme = Literal["light", "dark"]
Role = Literal["current", "comparison", "target", "partial", "muted"]


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme. The first five of `series` can be told apart by red- and green-blind eyes."""

    ink: str
    ink_2: str
    ink_3: str
    surface: str
    line: str
    edge: str
    past: str
    series: tuple[str, ...]


COLOURS: dict[Theme, Colours] = {
    "light": Colours(
        ink="#1a1e26",
        ink_2="#495160",
        ink_3="#626a78",
        surface="#ffffff",
        line="#e2e4e9",
        edge="#848b98",
        past="#a3aab6",
        series=("#3355d0", "#c2470a", "#27a481", "#701e60", "#169ccf", "#a48b46", "#7046a3", "#63514d"),
    ),
    "dark": Colours(
        ink="#eceef2",
        ink_2="#b6bdc9",
        ink_3="#98a0af",
        surface="#171a20",
        line="#2b303a",
        edge="#778090",
        past="#6a7383",
        series=("#94a9ff", "#d78149", "#2fdba4", "#b669a2", "#7ae4fd", "#e5b046", "#a38bd1", "#84becd"),
    ),
}


def template(theme: Theme) -> go.layout.Template:
    """The plotly template of a theme, checked by plotly's own objects."""
    colours = COLOURS[theme]
    axis = {
        "gridcolor": colours.line,
        "linecolor": colours.line,
        "zerolinecolor": colours.edge,
        "zerolinewidth": 1,
        "tickfont": {"color": colours.ink_3, "size": 12},
        "fixedrange": True,
        "ticks": "",
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "colorway": list(colours.series),
            "font": {"family": "inherit", "size": 13, "color": colours.ink_2},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 12, "t": 12, "b": 8, "pad": 6},
            "dragmode": False,
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": colours.surface,
                "bordercolor": colours.line,
                "font": {"family": "inherit", "size": 13, "color": colours.ink},
            },
            "showlegend": False,
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1.02,
                "yanchor": "bottom",
                "font": {"size": 12, "color": colours.ink_2},
                "itemclick": False,
                "itemdoubleclick": False,
            },
            "bargap": 0.28,
            "barcornerradius": 3,
            "xaxis": {**axis, "showgrid": False, "zeroline": False, "showspikes": False},
            "yaxis": {**axis, "zeroline": True},
        },
        data={
            "scatter": [{"line": {"width": 2, "shape": "linear"}, "connectgaps": False}],
            "bar": [{"marker": {"line": {"width": 0}}}],
        },
    )


def roles(theme: Theme) -> dict[Role, dict[str, dict[str, Any]]]:
    """What a role lays over a trace of each type, and over a label that belongs to it."""
    colours = COLOURS[theme]
    current, past = colours.series[0], colours.past
    return {
        "current": {
            "scatter": {"line": {"color": current}, "marker": {"color": current}, "fillcolor": f"{current}22"},
            "bar": {"marker": {"color": current}},
            "label": {"font": {"color": current}},
        },
        "comparison": {
            "scatter": {"line": {"color": past, "width": 1.5}, "marker": {"color": past}},
            "bar": {"marker": {"color": past}},
            "label": {"font": {"color": colours.ink_3}},
        },
        "target": {
            "scatter": {"line": {"color": colours.ink_2, "width": 1.5, "dash": "6px,4px"}},
            "bar": {"marker": {"color": colours.ink_2}},
            "label": {"font": {"color": colours.ink_2}},
        },
        "partial": {
            "scatter": {
                "line": {"color": current, "dash": "2px,3px"},
                "marker": {"color": colours.surface, "size": 8, "line": {"color": current, "width": 2}},
            },
            "bar": {
                "marker": {
                    "color": colours.surface,
                    "line": {"color": current, "width": 1},
                    "pattern": {
                        "shape": "/",
                        "fgcolor": current,
                        "bgcolor": colours.surface,
                        "size": 6,
                        "solidity": 0.3,
                    },
                }
            },
            "label": {"font": {"color": colours.ink_3}},
        },
        "muted": {
            "scatter": {"line": {"color": past}, "marker": {"color": past}},
            "bar": {"marker": {"color": past}},
            "label": {"font": {"color": colours.ink_3}},
        },
    }


def note_style(theme: Theme) -> dict[str, Any]:
    """How an annotation in words, its line and its band look."""
    colours = COLOURS[theme]
    return {
        "font": {"color": colours.ink_2, "size": 12},
        "line": {"color": colours.edge},
        "band": f"{colours.edge}2e",
    }


def themed(figure: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """The figure as the browser draws it in `theme`: for tests, and for images made on the server."""
    figure = copy.deepcopy(figure)
    styles = roles(theme)
    for trace in figure["data"]:
        role = trace.get("meta", {}).get("role")
        if role:
            _lay_over(trace, styles[role].get(trace["type"], {}))
    for annotation in figure["layout"].get("annotations", ()):
        kind, _, role = annotation.get("name", "").partition(":")
        if kind == "label" and role:
            _lay_over(annotation, styles[role]["label"])
    figure["layout"]["template"] = template(theme).to_plotly_json()
    return figure


def _lay_over(target: dict[str, Any], style: dict[str, Any]) -> None:
    for key, value in style.items():
        if isinstance(value, dict):
            _lay_over(target.setdefault(key, {}), value)
        else:
            target.setdefault(key, value)
