"""What is the same on every machine: how many bytes the first view of a page with charts loads."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli

STATIC = Path(__file__).resolve().parents[2] / "static"
LIMIT = 400_000
PAGE = 20_000  # the HTML of a dashboard of eight charts, compressed, and the headers of all answers


def test_the_scripts_and_styles_of_a_page_with_charts_leave_room_for_the_page_itself() -> None:
    plotly = len(brotli.compress((STATIC / "vendor" / "plotly" / "plotly-basic.min.js").read_bytes(), quality=11))
    others = [
        *STATIC.glob("js/*.js"),
        STATIC / "css" / "app.css",
        STATIC / "vendor" / "plotly" / "plotly.css",
        STATIC / "icons.svg",
    ]
    rest = sum(len(gzip.compress(path.read_bytes())) for path in others)

    assert plotly + rest + PAGE <= LIMIT
