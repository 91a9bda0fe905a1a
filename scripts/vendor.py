"""Refresh the vendored browser assets from their npm packages, or check them against the manifest.

    python scripts/vendor.py            fetch the pinned versions with `npm pack` and rewrite files and manifest
    python scripts/vendor.py --check    re-hash the files (no network); exit 1 on any difference

Node is needed here only, never to run or to build the product. To move a version, change `PACKAGES` and run it.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "static/vendor/manifest.json"
ICON_NAMES = ROOT / "static/vendor/tabler-icons/icons.txt"
SPRITE = "static/icons.svg"
PLOTLY_STYLE = "static/vendor/plotly/plotly.css"


@dataclass(frozen=True)
class Package:
    """One npm package: `files` maps a path inside the package to where it is kept here."""

    name: str
    version: str
    licence: str
    files: dict[str, str]


PACKAGES = (
    # The release that the plotly wheel itself carries, cut down to scatter, bar and pie: the traces the charts are made
    # of. It has neither eval nor `new Function`, so it runs under the strict policy (a test holds that).
    Package(
        "plotly.js-basic-dist-min",
        "4.1.1",
        "MIT",
        {
            "plotly-basic.min.js": "static/vendor/plotly/plotly-basic.min.js",
            "LICENSE": "static/vendor/plotly/LICENSE",
        },
    ),
    Package(
        "sortablejs",
        "1.15.7",
        "MIT",
        {
            "modular/sortable.core.esm.js": "static/vendor/sortablejs/sortable.core.esm.js",
            "LICENSE": "static/vendor/sortablejs/LICENSE",
        },
    ),
    Package("@tabler/icons", "3.51.0", "MIT", {"LICENSE": "static/vendor/tabler-icons/LICENSE"}),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        {"axe.min.js": "tests/vendor/axe/axe.min.js", "LICENSE": "tests/vendor/axe/LICENSE"},
    ),
)


def unpack(package: Package, folder: Path) -> Path:
    """Download the package into `folder`; npm checks its integrity. Returns the unpacked package."""
    subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def sprite(package: Path, names: list[str]) -> str:
    """One SVG with a <symbol> per icon, stroked with the colour of the text around it."""
    symbols = []
    for name in names:
        source = (package / "icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*/>", source)
        drawn = "".join(re.sub(r"\s*/>$", "/>", shape) for shape in shapes if 'stroke="none"' not in shape)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawn}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def plotly_style(bundle: str) -> str:
    """The rules that plotly.js would inject at run time, as a file: a strict policy forbids the injection.

    Its typeface becomes the page's own.
    """
    rules = re.search(r'=\{("X,X div":.*?)\};', bundle)
    if rules is None:
        raise SystemExit("plotly.js keeps its style rules in another shape now; adapt plotly_style().")
    pairs = re.findall(r"""("(?:[^"\\]|\\.)*"):("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", rules[1])
    lines = ["/* The style rules of plotly.js (MIT), taken out of its bundle by scripts/vendor.py. */"]
    for selector, declarations in pairs:
        selector = json.loads(selector).replace("X", ".js-plotly-plot .plotly").replace("Y", ".plotly-notifier")
        declarations = re.sub(r'font-family:"Open Sans"[^;]*', "font-family:inherit", declarations[1:-1])
        lines.append(f"{selector}{{{declarations}}}")
    return "\n".join(lines) + "\n"


def sha512(path: str) -> str:
    return hashlib.sha512((ROOT / path).read_bytes()).hexdigest()


def refresh() -> None:
    """Rewrite every vendored file and the manifest."""
    entries = []
    for package in PACKAGES:
        paths = list(package.files.values())
        with tempfile.TemporaryDirectory() as folder:
            unpacked = unpack(package, Path(folder))
            for source, target in package.files.items():
                (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
                (ROOT / target).write_bytes((unpacked / source).read_bytes())
            if package.name == "@tabler/icons":
                (ROOT / SPRITE).write_text(sprite(unpacked, ICON_NAMES.read_text().split()), encoding="utf-8")
                paths.append(SPRITE)
            if package.name.startswith("plotly.js"):
                bundle = (unpacked / "plotly-basic.min.js").read_text(encoding="utf-8")
                (ROOT / PLOTLY_STYLE).write_text(plotly_style(bundle), encoding="utf-8")
                paths.append(PLOTLY_STYLE)
        entries.append(
            {
                "package": package.name,
                "version": package.version,
                "licence": package.licence,
                "files": {path: sha512(path) for path in sorted(paths)},
            }
        )
        sys.stdout.write(f"{package.name} {package.version}: {len(paths)} files\n")
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def differences() -> list[str]:
    """Paths that are missing or no longer what the manifest says."""
    return [
        path
        for entry in json.loads(MANIFEST.read_text(encoding="utf-8"))
        for path, digest in entry["files"].items()
        if not (ROOT / path).is_file() or sha512(path) != digest
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        if changed := differences():
            sys.exit("Changed since vendoring: " + ", ".join(changed))
    else:
        refresh()
