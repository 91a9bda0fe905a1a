"""Join the component style sheets of `static/css/src/` into the one file that pages load, `static/css/app.css`.

    python scripts/bundle_css.py            write it
    python scripts/bundle_css.py --check    exit 1 if it is not what the components make

Same input, same bytes: the result is committed, so that neither the first run nor the image needs a build step.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

CSS = Path(__file__).resolve().parent.parent / "static/css"
TARGET = CSS / "app.css"

# Tokens and elements come first and print last; the components between do not depend on each other's order.
FIRST = ("tokens", "base", "layout")
LAST = ("print",)


def sources() -> list[Path]:
    """The component files in the order in which they are joined."""
    between = sorted(path.stem for path in (CSS / "src").glob("*.css") if path.stem not in FIRST + LAST)
    return [CSS / "src" / f"{name}.css" for name in (*FIRST, *between, *LAST)]


def shorten(css: str) -> str:
    """Take out comments and the white space that means nothing. Strings stand in the sheet only as single tokens."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r"\s*([{};,>])\s*", r"\1", css)
    css = re.sub(r":\s+", ":", css)
    return css.replace(";}", "}").strip()


def bundle() -> str:
    """All components as one sheet, a line each."""
    return "".join(f"{shorten(path.read_text(encoding='utf-8'))}\n" for path in sources())


if __name__ == "__main__":
    if "--check" in sys.argv:
        if TARGET.read_text(encoding="utf-8") != bundle():
            sys.exit("static/css/app.css is out of date: run python scripts/bundle_css.py")
    else:
        TARGET.write_text(bundle(), encoding="utf-8")
