"""The whole product for the browser tests: one `manage.py run` with the sample company, shared by all parallel workers."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "tests" / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
NOT_OURS = re.compile(r"^(DATABASE|DISPATCHER|REDIS_URL|SECRET_KEY|OPS_|PYTEST_|DATA_DIR|CELERY)")


_started: list[subprocess.Popen[bytes]] = []  # kept till the worker ends, though another one may stop the product


@dataclass(frozen=True)
class Product:
    """Where the running product is, and how to sign in."""

    url: str
    password: str
    mails: Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One worker at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The first worker starts the product, the last one stops it.

    OPS_PRODUCT_URL, OPS_PRODUCT_PASSWORD and OPS_PRODUCT_MAILS (the folder that its mails go to) name one that runs
    already, for writing tests.
    """
    if url := os.environ.get("OPS_PRODUCT_URL"):
        yield Product(url, os.environ["OPS_PRODUCT_PASSWORD"], Path(os.environ.get("OPS_PRODUCT_MAILS", "/nowhere")))
        return
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    state = folder / "product.json"
    with locked(folder / "product.lock"):
        running = json.loads(state.read_text()) if state.exists() else _start(folder)
        running["users"] += 1
        state.write_text(json.dumps(running))
    yield Product(running["url"], running["password"], folder / "mails")
    with locked(folder / "product.lock"):
        running = json.loads(state.read_text())
        running["users"] -= 1
        state.write_text(json.dumps(running))
        if running["users"] == 0:
            state.unlink()
            os.kill(running["pid"], signal.SIGTERM)
            for process in _started:
                process.wait(timeout=60)


def _start(folder: Path) -> dict[str, Any]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "product.log"
    environment = {key: value for key, value in os.environ.items() if not NOT_OURS.match(key)}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=environment
            | {"DATA_DIR": str(folder / "product"), "PORT": str(port), "SAMPLE": "1"}
            | {"EMAIL_URL": f"filemail:///{folder / 'mails'}"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started.append(process)
    deadline = time.monotonic() + 300
    while " serves at " not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"The product did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.5)
    while (password := re.search(r"password for all: (\S+)", log.read_text())) is None:
        time.sleep(0.1)
    return {"url": f"http://127.0.0.1:{port}", "password": password[1], "pid": process.pid, "users": 0}


class Visitor:
    """A person at a browser window. Everything the console complains of is kept."""

    def __init__(self, browser: Browser, product: Product, role: str, **context: Any) -> None:
        self.product, self.role = product, role
        language = context.pop("language", "en")
        self.context: BrowserContext = browser.new_context(
            base_url=product.url, locale="zh-CN" if language == "zh-hans" else "en-US", **context
        )
        self.context.add_cookies([{"name": "ops-language", "value": language, "url": product.url}])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self._note("error", str(error)))

    def sign_in(self) -> Visitor:
        """Through the sign-in page, as the role's sample account."""
        self.page.goto("/accounts/login/")
        self.page.locator("input[name=login]").fill(f"{self.role}@sample.example")
        self.page.locator("input[name=password]").fill(self.product.password)
        self.page.locator("input[name=password]").press("Enter")
        self.page.wait_for_url(re.compile(r"^(?!.*accounts/login)"))
        return self

    def violations(self) -> list[str]:
        """What axe finds on the page (WCAG 2.2 A and AA): rule and first place of each."""
        self.page.evaluate(AXE)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = self.page.evaluate(
            "tags => axe.run({runOnly: {type: 'tag', values: tags}})"
            ".then(result => result.violations.map(item => [item.id, item.nodes[0].html.slice(0, 200)]))",
            tags,
        )
        return [f"{rule}: {place}" for rule, place in found]

    def overflows(self) -> bool:
        """Whether the page is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def _note(self, kind: str, text: str) -> None:
        # A request that a newer one replaced is ended on purpose; htmx reports that as an error
        if kind in ("error", "warning") and not text.startswith(("htmx:sendAbort", "htmx:afterRequest")):
            self.complaints.append(f"{kind}: {text}")


@pytest.fixture
def visitor(browser: Browser, product: Product) -> Iterator[Any]:
    """Makes visitors: visitor("manager", width=360, theme="dark", language="zh-hans"). Their consoles must stay silent."""
    opened: list[Visitor] = []

    def make(role: str, *, width: int = 1440, height: int = 900, theme: str = "light", language: str = "en") -> Visitor:
        made = Visitor(
            browser,
            product,
            role,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            language=language,
            has_touch=width < 700,
            accept_downloads=True,
        )
        opened.append(made)
        return made.sign_in()

    yield make
    complaints = [complaint for made in opened for complaint in made.complaints]
    for made in opened:
        made.context.close()
    assert complaints == []
