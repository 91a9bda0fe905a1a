"""Reading and changing the address of a PostgreSQL database."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit, urlunsplit


def database_name(url: str) -> str:
    """The name of the database that `url` points to."""
    return unquote(urlsplit(url).path.lstrip("/"))


def login(url: str) -> tuple[str, str]:
    """User and password in `url`, empty where it has none."""
    parts = urlsplit(url)
    return unquote(parts.username or ""), unquote(parts.password or "")


def with_login(url: str, user: str, password: str) -> str:
    """The same database for another user."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"))


def without_login(url: str) -> str:
    """The address for a log: no user, no password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
