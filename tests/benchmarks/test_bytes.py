"""What is the same on every machine: how many bytes the first view of a page with charts loads."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli

STATIC = Path(__file__).resolve().parents[2] / "static"
LIMIT = 400_000
# Fetched by app.js where their element stands, which no dashboard has
ELSEWHERE = {"answers.js", "arrange.js", "entry-grid.js", "passkeys.js", "tree.js", "uploads.js", "wall.js"}
PAGE = 20_000  # the HTML of a dashboard of eight charts, compressed, and the headers of all answers


def test_the_scripts_and_styles_of_a_page_with_charts_leave_room_for_the_page_itself() -> None:
    plotly = len(brotli.compress((STATIC / "vendor" / "plotly" / "plotly-basic.min.js").read_bytes(), quality=11))
    others = [
        *(path for path in STATIC.glob("js/*.js") if path.name not in ELSEWHERE),
        STATIC / "css" / "app.css",
        STATIC / "vendor" / "plotly" / "plotly.css",
        STATIC / "icons.svg",
    ]
    app = (STATIC / "js" / "app.js").read_text()
    rest = sum(len(gzip.compress(path.read_bytes())) for path in others)

    assert all(f'await import("./{name}")' in app for name in ELSEWHERE)
    assert plotly + rest + PAGE <= LIMIT
