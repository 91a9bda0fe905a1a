"""Where a running request came from. The trail's entries bear only the request's id: an address is about a person."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_origin: ContextVar[Callable[[], str] | None] = ContextVar("origin", default=None)


@contextmanager
def came_from(address: Callable[[], str]) -> Iterator[None]:
    """Let what is written in the block know the client's address; most blocks write nothing and never ask."""
    token = _origin.set(address)
    try:
        yield
    finally:
        _origin.reset(token)


def present_address() -> str:
    """The address that the running request came from; empty outside of requests, and where it is not known."""
    ask = _origin.get()
    return plain_address(ask()) if ask else ""


def plain_address(text: str) -> str:
    """The address as PostgreSQL takes it, IPv4 also where it came dressed as IPv6; empty for anything else."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
