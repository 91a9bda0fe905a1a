"""Simulated people: each signs in once, then reads, searches and writes with pauses, as a browser does."""

from __future__ import annotations

import random
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

PAUSE_SECONDS = 8.0
TIMEOUT_SECONDS = 30
READS = (
    ("dashboard", 30),
    ("dashboard again", 15),
    ("kpis", 10),
    ("kpi", 10),
    ("search", 8),
    ("members", 6),
    ("work", 6),
    ("api list", 5),
)
WRITES = (("observations", 10),)


@dataclass
class Log:
    """What happened, written by all people's threads."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[tuple[float, str, str]] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, began: float, outcome: str, *, is_good: bool) -> None:
        with self.lock:
            self.outcomes[what, outcome] += 1
            if is_good:
                self.seconds.setdefault(what, []).append(time.monotonic() - began)
            else:
                self.failures.append((began, what, outcome))


@dataclass(frozen=True)
class Place:
    """What there is to visit: the address, an account, pages, and a token that writes."""

    base: str
    emails: tuple[str, ...]
    password: str
    dashboards: tuple[str, ...]
    kpis: tuple[str, ...]
    dataset: str
    token: str


class Person(threading.Thread):
    """One of them. `until`: the moment on the monotonic clock at which everybody goes home."""

    def __init__(self, number: int, place: Place, log: Log, until: float, *, starts_after: float) -> None:
        super().__init__(name=f"person-{number}", daemon=True)
        self._number, self._place, self._log, self._until = number, place, log, until
        self._wait = starts_after
        self._random = random.Random(number)  # noqa: S311  # the same people in every run
        self._session = requests.Session()
        # Each comes from an address of their own: limits by address are for attackers
        self._session.headers["X-Forwarded-For"] = f"10.7.{number // 250}.{number % 250 + 1}"
        self._tags: dict[str, str] = {}

    def run(self) -> None:
        time.sleep(self._wait)
        if not self._sign_in():
            return
        names, weights = zip(*READS, *WRITES, strict=True)
        while time.monotonic() < self._until:
            self._act(self._random.choices(names, weights)[0])
            time.sleep(min(self._random.expovariate(1 / PAUSE_SECONDS), max(0.0, self._until - time.monotonic())))

    def _sign_in(self) -> bool:
        email = self._place.emails[self._number % len(self._place.emails)]
        for _ in range(10):
            began = time.monotonic()
            try:
                page = self._session.get(f"{self._place.base}/accounts/login/", timeout=TIMEOUT_SECONDS)
                token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
                facts = {
                    "login": email,
                    "password": self._place.password,
                    "csrfmiddlewaretoken": token[1] if token else "",
                }
                answer = self._session.post(
                    f"{self._place.base}/accounts/login/", facts, headers={"Referer": page.url}, timeout=TIMEOUT_SECONDS
                )
            except requests.RequestException as error:
                self._log.note("sign in", began, type(error).__name__, is_good=False)
            else:
                is_in = answer.ok and "/accounts/login/" not in answer.url
                self._log.note("sign in", began, str(answer.status_code), is_good=is_in)
                if is_in:
                    return True
            time.sleep(2)
        return False

    def _act(self, what: str) -> None:
        began = time.monotonic()
        acts: dict[str, Callable[[], requests.Response]] = {
            "dashboard": lambda: self._get(self._random.choice(self._place.dashboards)),
            "dashboard again": lambda: self._get(self._place.dashboards[0]),
            "kpis": lambda: self._get("/metrics/kpis/"),
            "kpi": lambda: self._get(self._random.choice(self._place.kpis)),
            "search": lambda: self._get(f"/search/?q={self._random.choice(('order', 'xiao', '订单', 'rev', 'KPI-3'))}"),
            "members": lambda: self._get("/organization/members/"),
            "work": lambda: self._get("/my/work/"),
            "api list": lambda: requests.get(
                f"{self._place.base}/api/v1/kpis/", headers=self._bearer(), timeout=TIMEOUT_SECONDS
            ),
            "observations": self._write,
        }
        try:
            answer = acts[what]()
        except requests.RequestException as error:
            self._log.note(what, began, type(error).__name__, is_good=False)
        else:
            self._log.note(what, began, str(answer.status_code), is_good=answer.status_code in (200, 201, 304))

    def _get(self, path: str) -> requests.Response:
        headers = {"If-None-Match": self._tags[path]} if path in self._tags else {}
        answer = self._session.get(self._place.base + path, headers=headers, timeout=TIMEOUT_SECONDS)
        if tag := answer.headers.get("ETag"):
            self._tags[path] = tag
        return answer

    def _write(self) -> requests.Response:
        """One row with a key of its own. It counts as accepted once the answer says so."""
        key = uuid.uuid4().hex
        row = {"at": "2026-01-01T12:00:00Z", "key": key, "values": {"amount": 1}}
        with self._log.lock:
            self._log.refused.add(key)
        answer = requests.post(
            f"{self._place.base}/api/v1/observations/",
            json={"dataset": self._place.dataset, "rows": [row]},
            headers=self._bearer() | {"Idempotency-Key": str(uuid.uuid4())},
            timeout=TIMEOUT_SECONDS,
        )
        if answer.ok:
            with self._log.lock:
                self._log.refused.discard(key)
                self._log.accepted.add(key)
        return answer

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._place.token}"}
