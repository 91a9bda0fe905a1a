"""Asking somebody else's PostgreSQL: read only, in parts, with limits on time and rows. Nothing of ours is open meanwhile."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

import psycopg2
from django.conf import settings
from django.utils.translation import gettext as _
from psycopg2 import errors as pg
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ
from requests.certs import where as authorities

from metrics.engine.source_plan import SourcePlan
from metrics.engine.source_rows import Extractor, cursor_after
from metrics.engine.sql_text import read_query
from metrics.errors import PullFailed
from metrics.services.pull_hosts import addresses_of

PART = 2_000
SHOWN = 20
CONNECT_SECONDS = 5
MOST_SECONDS = 600
FROM_THE_START = "-infinity"
TIME_ZONE = sql.SQL("SET LOCAL TIME ZONE {}")
LIMITS = sql.SQL(
    "SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = '5s'; SET LOCAL standard_conforming_strings = on"
)


@dataclass(frozen=True)
class Target:
    """Where to ask, and what. since: the cursor's text, "" at first; cursor: the query's column that it comes from."""

    host: str
    port: int
    database: str
    user: str
    password: str
    tls: str
    query: str
    timezone: str
    since: str = ""
    cursor: str = ""


@dataclass
class Pulled:
    """What a query answered: its rows as the API takes them, a JSON list a line; where the cursor stands now."""

    file: IO[str]
    rows: int = 0
    cursor: str = ""

    def parts(self) -> Iterator[list[Any]]:
        """The rows again, as many at a time as they came."""
        self.file.seek(0)
        for line in self.file:
            yield json.loads(line)


def look(target: Target) -> tuple[list[str], list[list[Any]]]:
    """The names of the query's columns, and its first rows. Raises PullFailed."""
    names, rows = next(_answers(target, SHOWN))
    return names, [list(row) for row in rows]


@contextmanager
def pulled(target: Target, plan: SourcePlan) -> Iterator[Pulled]:
    """All rows of the query in a temporary file, which goes with the block. Raises PullFailed."""
    extractor = Extractor(plan, is_json=False)
    with tempfile.TemporaryFile("w+", prefix="ops-pull-", encoding="utf-8", errors="replace") as file:
        found = Pulled(file)
        for names, rows in _answers(target, PART):
            _check_names(names, target, plan)
            found.rows += len(rows)
            if found.rows > settings.IMPORT_MAX_ROWS:
                raise PullFailed(
                    _("The query has more than %(most)d rows. Ask for fewer at a time, with :since.")
                    % {"most": settings.IMPORT_MAX_ROWS}
                )
            made = [dict(zip(names, row, strict=True)) for row in rows]
            if target.cursor:
                found.cursor = max(found.cursor, _cursor_of(target.cursor, made))
            json.dump([extractor.row(row) for row in made], file, default=str)
            file.write("\n")
        yield found


def _answers(target: Target, size: int) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    """(names, rows) part by part, at least once."""
    query = read_query(target.query)
    ends_at = time.monotonic() + MOST_SECONDS
    try:
        with _connected(target) as connection, connection.cursor(name="ops_pull") as cursor:
            cursor.execute(query.text, {"since": target.since or FROM_THE_START})
            rows, is_first = cursor.fetchmany(size), True
            while rows or is_first:
                yield [column.name for column in cursor.description], rows
                if time.monotonic() > ends_at:
                    raise PullFailed(
                        _("The query took longer than %(minutes)d minutes.") % {"minutes": MOST_SECONDS // 60}
                    )
                rows, is_first = cursor.fetchmany(size), False
    except psycopg2.Error as error:
        raise PullFailed(_sentence(error)) from error
    except (ValueError, OverflowError) as error:  # what psycopg2 makes of "infinity" and years before Christ
        raise PullFailed(
            _("A date or time of the answer lies beyond what can be read: %(reason)s") % {"reason": error}
        ) from error


@contextmanager
def _connected(target: Target) -> Iterator[Any]:
    addresses = addresses_of(target.host, target.port, allowed=settings.PULL_PRIVATE_HOSTS)
    places = {"host": target.host, "port": str(target.port)}
    if addresses:  # several are tried one after the other
        places = {name: ",".join([value] * len(addresses)) for name, value in places.items()}
        places["hostaddr"] = ",".join(addresses)
    connection = psycopg2.connect(
        **places,
        dbname=target.database,
        user=target.user,
        password=target.password,
        passfile="/nonexistent",  # or libpq would look into the home of the account that serves
        sslmode=target.tls,
        sslrootcert=authorities() if target.tls == "verify-full" else "",
        gssencmode="disable",
        connect_timeout=CONNECT_SECONDS,
        application_name="ops-platform",
        client_encoding="UTF8",
        keepalives_idle=30,
    )
    try:
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(LIMITS.format(sql.Literal(settings.PULL_STATEMENT_SECONDS * 1000)))
            cursor.execute(TIME_ZONE.format(sql.Literal(target.timezone)))
        yield connection
    finally:
        connection.close()


def _check_names(names: Sequence[str], target: Target, plan: SourcePlan) -> None:
    wanted = [column.path for column in plan.columns if column.role != "ignore"]
    missing = [name for name in [*wanted, *([target.cursor] if target.cursor else [])] if name not in names]
    if missing:
        raise PullFailed(_("The query has no column “%(name)s” any more.") % {"name": missing[0]})
    twice = next((name for name in wanted if names.count(name) > 1), "")
    if twice:
        raise PullFailed(_("The query has two columns “%(name)s”.") % {"name": twice})


def _cursor_of(name: str, rows: Sequence[dict[str, Any]]) -> str:
    values = [row[name] for row in rows if row[name] is not None]
    if any(not isinstance(value, date) for value in values):
        raise PullFailed(
            _("“%(name)s” holds no date or time, so it cannot say where the last run ended.") % {"name": name}
        )
    return cursor_after(values)


def _sentence(error: psycopg2.Error) -> str:
    """What went wrong, with the database's own words, which name no password."""
    said = (error.diag.message_primary or str(error)).strip().splitlines()
    reason = said[0][:300] if said else type(error).__name__
    if isinstance(error, pg.QueryCanceled):
        return _("The database took longer than %(seconds)d seconds.") % {"seconds": settings.PULL_STATEMENT_SECONDS}
    if isinstance(error, psycopg2.OperationalError):
        return _("The database cannot be reached, or refuses the login: %(reason)s") % {"reason": reason}
    if isinstance(error, pg.ReadOnlySqlTransaction):
        return _("The query would change something. Only reading is possible: %(reason)s") % {"reason": reason}
    return _("The database refuses the query: %(reason)s") % {"reason": reason}
