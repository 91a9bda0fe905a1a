"""Where a running request came from. The trail's entries bear only the request's id: an address is about a person."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

origin_var: ContextVar[str] = ContextVar("origin", default="")


@contextmanager
def came_from(address: str) -> Iterator[None]:
    """Let what is written in the block know the client's address."""
    token = origin_var.set(plain_address(address))
    try:
        yield
    finally:
        origin_var.reset(token)


def plain_address(text: str) -> str:
    """The address as PostgreSQL takes it, IPv4 also where it came dressed as IPv6; empty for anything else."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
