"""A client of the Ops Platform API in one file, out of the standard library alone. Copy it, and change it as you need.

    client = Client("https://ops.example.com", "ops_1_...")
    for kpi in client.kpis():
        print(kpi.key, kpi.name)
    sent = client.send("orders", [Row("2025-03-31", {"quantity": 2, "price": "19.90"}, key="A-1001")])
    print(sent.batch, sent.created)

A call that fails for a passing reason (no connection, 409 with `Retry-After`, 429, 502 to 504) is made again. Every write
goes out under an Idempotency-Key, so that it counts once however often it is made.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

Shape = TypeVar("Shape")
ROWS_OF_A_CALL = 10_000
PASSING = frozenset({429, 502, 503, 504})


class Problem(Exception):
    """What the API answers in the place of a result (RFC 9457).

    status: of HTTP. title: a sentence for people. errors: the places of bad input, each with `field` or `row` and
    `reason`. current: with 409, the object as it stands now. reference: names the call in the log of the platform.
    """

    def __init__(self, status: int, body: Mapping[str, Any], wait: float | None = None) -> None:
        super().__init__(body.get("title") or f"HTTP {status}")
        self.status = status
        self.title: str = body.get("title", "")
        self.errors: list[dict[str, Any]] = body.get("errors", [])
        self.current: dict[str, Any] | None = body.get("current")
        self.reference: str = body.get("reference", "")
        self.wait = wait


class Unauthorized(Problem):
    """401: the token is unknown, expired or revoked."""


class Forbidden(Problem):
    """403: the token, or the member it acts for, lacks the right."""


class NotFound(Problem):
    """404: there is nothing of this name that the token may see."""


class Conflict(Problem):
    """409: somebody else was faster. Look at `current`, decide, and send it again."""


class Invalid(Problem):
    """400 or 422: look at `errors`. Nothing was changed."""


class TooManyCalls(Problem):
    """429, even after waiting."""


KINDS: dict[int, type[Problem]] = {
    400: Invalid, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 422: Invalid, 429: TooManyCalls,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """An observation to send. at: a date, an instant or ISO text. key: its name where the dataset has row keys."""

    at: date | datetime | str
    values: Mapping[str, Decimal | int | float | str | None]
    key: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As the API takes it."""
        at = self.at if isinstance(self.at, str) else self.at.isoformat()
        values = {name: str(value) if isinstance(value, Decimal) else value for name, value in self.values.items()}
        return {"at": at, "values": values} | ({"key": self.key} if self.key is not None else {})


@dataclass(frozen=True)
class Received:
    """What came of sent rows. batch: its reference among the imports, where it can be undone."""

    batch: str
    created: int
    updated: int
    unchanged: int
    superseded: int


@dataclass(frozen=True)
class Column:
    """A column of a dataset."""

    key: str
    role: str
    name: str
    unit: str
    expression: str = ""


@dataclass(frozen=True)
class Dataset:
    """A table that is fed."""

    id: int
    key: str
    name: str
    row_key: str
    is_daily: bool
    row_count: int
    columns: list[Column] = field(default_factory=list)


@dataclass(frozen=True)
class Kpi:
    """A KPI. version: of the object, for `change_kpi`."""

    id: int
    version: int
    key: str
    name: str
    unit: str
    direction: str
    grain: str
    owner: int | None
    department: int | None
    is_active: bool


@dataclass(frozen=True)
class Point:
    """A value in one period, exact to the last digit; None where there is none."""

    start: datetime
    end: datetime
    value: Decimal | None
    is_partial: bool
    version: int | None = None
    compared: Decimal | None = None


@dataclass(frozen=True)
class Department:
    """A department in its tree. version: for `change_department`."""

    id: int
    version: int
    name: str
    code: str
    parent: int | None
    head: int | None
    is_active: bool
    name_zh: str = ""


@dataclass(frozen=True)
class Member:
    """A person in the organization."""

    id: int
    version: int
    name: str
    email: str
    department: int | None
    is_active: bool


@dataclass(frozen=True)
class Report:
    """A dashboard that goes out by mail. next_run_at: None while it is paused."""

    id: int
    version: int
    name: str
    dashboard: int
    rhythm: str
    is_enabled: bool
    members: list[int]
    roles: list[int]
    next_run_at: datetime | None


@dataclass(frozen=True)
class Sending:
    """A time that a report went out, and how many copies became what."""

    id: int
    sent: int
    waiting: int
    refused: int
    failed: int


@dataclass(frozen=True)
class Archive:
    """An archive of everything. status: waiting, running, done or failed."""

    id: int
    status: str
    rows: int
    sha256: str
    error: str


class Client:
    """Calls of the API. Every method raises a `Problem`."""

    def __init__(
        self,
        address: str,
        token: str,
        *,
        language: str = "en",
        timeout: float = 30.0,
        tries: int = 5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = f"{address.rstrip('/')}/api/v1/"
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "Accept-Language": language}
        self._timeout, self._tries, self._sleep = timeout, tries, sleep

    # --- reading

    def datasets(self, **filters: Any) -> Iterator[Dataset]:
        """The datasets that the token may see."""
        for item in self.pages("datasets/", **filters):
            yield shaped(Dataset, item | {"columns": [shaped(Column, column) for column in item["columns"]]})

    def kpis(self, **filters: Any) -> Iterator[Kpi]:
        """The KPIs, filtered as the list of the page: q, department, owner, status; also unit, grain and active."""
        return (shaped(Kpi, item) for item in self.pages("kpis/", **filters))

    def series(
        self,
        kpi: str,
        *,
        grain: str = "",
        first: date | None = None,
        last: date | None = None,
        comparison: str = "",
        known_on: date | None = None,
    ) -> list[Point]:
        """A KPI's values. known_on: as it was known at the end of that day."""
        asked = {"grain": grain, "from": first, "to": last, "comparison": comparison, "known_on": known_on}
        answer = self.call("GET", f"kpis/{quote(kpi)}/series/", query=asked)
        return [_point(point) for point in answer["points"]]

    def departments(self) -> Iterator[Department]:
        """The departments, in the order of their tree."""
        return (shaped(Department, item) for item in self.pages("departments/"))

    def members(self, **filters: Any) -> Iterator[Member]:
        """The members, by name; filters: q, department, state."""
        return (shaped(Member, item) for item in self.pages("members/", **filters))

    def reports(self, **filters: Any) -> Iterator[Report]:
        """The dashboards that go out by mail; filter: q."""
        return (_report(item) for item in self.pages("reports/", **filters))

    def sendings(self, report: Report) -> Iterator[Sending]:
        """When a report went out, the newest first."""
        return (shaped(Sending, item) for item in self.pages(f"reports/{report.id}/runs/"))

    def pages(self, path: str, *, size: int = 200, **query: Any) -> Iterator[dict[str, Any]]:
        """The rows of a list, page after page, as they come."""
        cursor = ""
        while True:
            page = self.call("GET", path, query={**query, "size": size, "cursor": cursor})
            yield from page["results"]
            cursor = page["next"]
            if not cursor:
                return

    # --- writing

    def send(self, dataset: str, rows: Iterable[Row]) -> Received:
        """Store up to 10,000 rows of a dataset, all or none."""
        body = {"dataset": dataset, "rows": [row.to_json() for row in rows]}
        return shaped(Received, self.call("POST", "observations/", body))

    def send_all(self, dataset: str, rows: Iterable[Row]) -> Iterator[Received]:
        """Any number of rows, in calls of 10,000; each call is all or none."""
        batch: list[Row] = []
        for row in rows:
            batch.append(row)
            if len(batch) == ROWS_OF_A_CALL:
                yield self.send(dataset, batch)
                batch = []
        if batch:
            yield self.send(dataset, batch)

    def remove(self, dataset: str, keys: Iterable[str]) -> int:
        """Take rows out by their keys; how many there were."""
        answer = self.call("POST", "observations/removals/", {"dataset": dataset, "keys": list(keys)})
        return int(answer["removed"])

    def create_department(self, name: str, code: str, **facts: Any) -> Department:
        """A new department. facts: name_zh, parent, head, calendar."""
        return shaped(Department, self.call("POST", "departments/", {"name": name, "code": code, **facts}))

    def change_department(self, department: Department, **changes: Any) -> Department:
        """Change what is named. Raises Conflict when somebody else changed the department since it was read."""
        body = {**changes, "version": department.version}
        return shaped(Department, self.call("PATCH", f"departments/{department.id}/", body))

    def change_kpi(self, kpi: Kpi, **changes: Any) -> Kpi:
        """Change name, owner, department, unit or direction. Raises Conflict when somebody else was faster."""
        return shaped(Kpi, self.call("PATCH", f"kpis/{quote(kpi.key)}/", {**changes, "version": kpi.version}))

    def create_report(
        self, name: str, dashboard: int, *, rhythm: str = "weekly", at: str = "08:00", **facts: Any
    ) -> Report:
        """A report of a dashboard. facts: members and roles who read it, weekday, month_day, period, words."""
        body = {"name": name, "dashboard": dashboard, "rhythm": rhythm, "at": at, **facts}
        return _report(self.call("POST", "reports/", body))

    def change_report(self, report: Report, **changes: Any) -> Report:
        """Change what is named. Raises Conflict when somebody else was faster."""
        return _report(self.call("PATCH", f"reports/{report.id}/", {**changes, "version": report.version}))

    def send_report(self, report: Report) -> Sending:
        """Send it to its readers now. Raises Invalid within a minute of the last time."""
        return shaped(Sending, self.call("POST", f"reports/{report.id}/send/"))

    def start_archive(self) -> Archive:
        """Have an archive of everything made; `archive` tells how far it is, `file` has it once it is done."""
        return shaped(Archive, self.call("POST", "exports/"))

    def archive(self, number: int) -> Archive:
        """How far it is."""
        return shaped(Archive, self.call("GET", f"exports/{number}/"))

    # --- any call

    def file(self, path: str) -> bytes:
        """A file, such as `exports/7/file/`, `attachments/3/` or `imports/5/refused-rows/`."""
        headers = self._headers | {"Accept": "*/*"}
        try:
            with urlopen(Request(f"{self._base}{path}", headers=headers), timeout=self._timeout) as answer:  # noqa: S310  # the base is the caller's own
                return bytes(answer.read())
        except HTTPError as error:
            with error:
                raise _problem(error) from None

    def call(self, method: str, path: str, body: Any = None, *, query: Mapping[str, Any] | None = None) -> Any:
        """One call, made again while it fails for a passing reason. Returns what the answer holds, None for nothing."""
        asked = {name: str(value) for name, value in (query or {}).items() if value not in (None, "")}
        address = f"{self._base}{path}{'?' + urlencode(asked) if asked else ''}"
        raw = None if body is None else json.dumps(body).encode()
        headers = dict(self._headers)
        if raw is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid.uuid4())  # the same for all tries: the call counts once
        for attempt in range(1, self._tries + 1):
            try:
                return self._once(Request(address, raw, headers, method=method))  # noqa: S310  # the address is ours
            except Problem as problem:
                is_passing = problem.status in PASSING or (problem.status == 409 and problem.wait is not None)
                if attempt == self._tries or not is_passing:
                    raise
                self._sleep(problem.wait if problem.wait is not None else 2.0**attempt / 2)
            except URLError:
                if attempt == self._tries:
                    raise
                self._sleep(2.0**attempt / 2)
        raise AssertionError("tries is at least 1")

    def _once(self, request: Request) -> Any:
        try:
            with urlopen(request, timeout=self._timeout) as answer:  # noqa: S310  # the address is ours
                content = answer.read()
        except HTTPError as error:
            with error:
                raise _problem(error) from None
        return json.loads(content) if content else None


def shaped(shape: type[Shape], item: Mapping[str, Any]) -> Shape:
    """The members of `item` that the dataclass knows: what later versions of the API add does no harm."""
    names = {one.name for one in fields(shape)}  # type: ignore[arg-type]  # all shapes are dataclasses
    return shape(**{name: value for name, value in item.items() if name in names})


def _report(item: Mapping[str, Any]) -> Report:
    due = item["next_run_at"]
    return shaped(Report, {**item, "next_run_at": datetime.fromisoformat(due) if due else None})


def _point(point: Mapping[str, Any]) -> Point:
    numbers = {name: None if point.get(name) is None else Decimal(point[name]) for name in ("value", "compared")}
    instants = {name: datetime.fromisoformat(point[name]) for name in ("start", "end")}
    return shaped(Point, {**point, **numbers, **instants})


def _problem(error: HTTPError) -> Problem:
    try:
        body = json.loads(error.read())
    except ValueError:
        body = {}
    wait = error.headers.get("Retry-After")
    kind = KINDS.get(error.code, Problem)
    return kind(error.code, body if isinstance(body, dict) else {}, float(wait) if wait and wait.isdigit() else None)
