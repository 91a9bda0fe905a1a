"""Row 10: the first view of the dashboard in Chromium, over HTTP, with static files as they are served to people."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

from benchmarks.measuring import Result, Timed, ratio_of
from benchmarks.rows.pages import ASKED, make_dashboards, signed_in
from benchmarks.world import World
from ops_platform.testing.tools import CHROMIUM_ARGUMENTS, chromium

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
# All charts in view: they are drawn as they come into it
VIEW: Any = {"width": 1280, "height": 6000}
DRAWN = """() => {
  const charts = [...document.querySelectorAll('[data-chart]')];
  return charts.length > 0 && charts.every((chart) => chart.querySelector('.main-svg'));
}"""


def first_view(world: World) -> list[Result]:
    """Bytes over the wire of a first view, and the time to draw with the small and the full bundle of plotly."""
    address = f"{make_dashboards(world)[8]}?{urlencode(ASKED)}"
    # In a process of its own: this one serves plain files
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"], cwd=ROOT, check=True)
    cookie = signed_in(world).cookies[settings.SESSION_COOKIE_NAME].value
    with _server() as base, sync_playwright() as playwright:
        state = _state(cookie, base)
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS))
        first = _visit(browser, state, base + address)
        small, full = [], []
        for _ in range(ROUNDS):
            small.append(_visit(browser, state, base + address, bundle=_small())["seconds"])
            full.append(_visit(browser, state, base + address, bundle=_full())["seconds"])
        browser.close()
    basic, whole = Timed(tuple(small)), Timed(tuple(full))
    kilobytes = first["bytes"] / 1000
    wire = Result(10, "first view over the wire", None, kilobytes, unit="kB", ratio=kilobytes, limit="<= 400")
    wire.facts = first["parts"]
    drawn = Result(10, "8 charts drawn: our bundle of plotly against the full one", whole.median, basic.median)
    drawn.ratio, drawn.limit = ratio_of(basic, whole), "<= 0.5"
    return [wire, drawn]


def _visit(browser: Browser, state: Any, url: str, bundle: Path | None = None) -> dict[str, Any]:
    """A first view with an empty cache: bytes by kind, and seconds until every chart is drawn.

    bundle: another plotly in place of the page's own; the seconds are then those of the script's evaluation and drawing.
    """
    context = browser.new_context(storage_state=state, viewport=VIEW)
    page = context.new_page()
    parts: dict[str, int] = {}
    kinds: dict[str, str] = {}
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    network.on("Network.loadingFinished", lambda event: _add(parts, kinds, event))
    if bundle is not None:
        page.route(
            re.compile(r"/plotly-[^/]*\.js"), lambda route: route.fulfill(path=bundle, content_type="text/javascript")
        )
    page.goto(url, wait_until="load")
    page.wait_for_function(DRAWN, timeout=60_000)
    seconds = page.evaluate(
        "() => { const script = performance.getEntriesByType('resource').find(entry => /plotly-[^/]*js/.test(entry.name));"
        " return (performance.now() - script.responseEnd) / 1000; }"
    )
    page.wait_for_load_state("networkidle")
    context.close()
    return {"bytes": sum(parts.values()), "parts": parts, "seconds": seconds}


def _add(parts: dict[str, int], kinds: dict[str, str], event: dict[str, Any]) -> None:
    kind = kinds.get(event["requestId"], "Other")
    parts[kind] = parts.get(kind, 0) + int(event["encodedDataLength"])


def _state(cookie: str, base: str) -> Any:
    """A session as a browser keeps it."""
    host = urlsplit(base).hostname
    kept = {"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": host, "path": "/", "expires": -1}
    return {"cookies": [kept | {"httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}


def _small() -> Path:
    return ROOT / "static" / "vendor" / "plotly" / "plotly-basic.min.js"


def _full() -> Path:
    """The whole plotly.js, which the Python package brings along."""
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


@contextmanager
def _server() -> Iterator[str]:
    """The web server as it runs in production, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "python:ops_platform.web_server", "ops_platform.wsgi"]
    environment = {**os.environ, "PORT": str(port), "STATIC_ROOT": str(settings.STATIC_ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base, process)
        yield base
    finally:
        process.terminate()
        process.wait()


def _wait(base: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=2)  # noqa: S310  # our own server
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The web server did not start.")
