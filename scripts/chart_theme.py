"""Write the chart themes of `ops_platform.web.chart_theme` to the module that the browser loads.

python scripts/chart_theme.py            write static/js/chart-theme.js
python scripts/chart_theme.py --check    exit 1 if it is out of date
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ops_platform.web.chart_theme import COLOURS, note_style, roles, template  # noqa: E402  # the path comes first

TARGET = ROOT / "static/js/chart-theme.js"


def module() -> str:
    """The ES module: per theme a plotly template, the role styles, and the style of notes."""
    lines = ["// Written by scripts/chart_theme.py from ops_platform/web/chart_theme.py. Do not edit."]
    for theme in COLOURS:
        value = {
            "template": template(theme).to_plotly_json(),
            "roles": roles(theme),
            "note": note_style(theme),
            "series": COLOURS[theme].series,
        }
        lines.append(f"export const {theme} = {json.dumps(value, separators=(',', ':'), sort_keys=True)};")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        if TARGET.read_text(encoding="utf-8") != module():
            sys.exit("static/js/chart-theme.js is out of date: run python scripts/chart_theme.py")
    else:
        TARGET.write_text(module(), encoding="utf-8")
