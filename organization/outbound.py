"""Calls to other people's servers: only to the public internet, and to the private places that the operator has named.

A name is resolved here, every address is judged, and the connection goes to just these addresses: a name that means
something else a moment later leads nowhere else. Redirects are not followed, and answers are short.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import quote, urlsplit

from django.conf import settings

CONNECT_SECONDS, ALL_SECONDS, MOST_BYTES = 5.0, 15.0, 64 * 1024
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]{2,45}")
# Addresses that carry another one inside, and site-local ones, which Python takes for public
_EMBEDDING = [
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::ffff:0:0/96", "::/96", "fec0::/10")
]
_SAFE_IN_TARGET = "/?#[]@!$&'()*+,;=:%~-._"


class AddressRefused(ValueError):
    """A place that may not be called. The message is a code of why: socket, name, unknown, private, scheme."""

    def __init__(self, why: str, host: str) -> None:
        super().__init__(why)
        self.why = why
        self.host = host


class NotReached(OSError):
    """The server could not be reached, or did not answer in time; trying again may help."""


@dataclass(frozen=True)
class Reply:
    """What a server answered: at most MOST_BYTES of its body."""

    status: int
    body: bytes


def addresses_of(host: str, port: int, *, allowed: Sequence[str]) -> list[str]:
    """The addresses to connect to; none for the folder of a socket. Raises AddressRefused for what may not be called.

    allowed: names, addresses, networks and folders that are not public and may be called all the same.
    """
    if host.startswith("/"):
        if host in allowed:
            return []
        raise AddressRefused("socket", host)
    if not _HOST.fullmatch(host):
        raise AddressRefused("name", host)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("unknown", host) from error
    addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
    if host.lower() not in {name.lower() for name in allowed}:
        for address in addresses:
            if not _may_call(address, allowed):
                raise AddressRefused("private", host)
    return addresses


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send `body` to an https address and return what it answers; a redirect is an answer like any other.

    Raises AddressRefused for an address that may not be called, NotReached when nobody answers in time. Never call it
    inside a transaction.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:  # a port beyond 65535, or half an IPv6 address
        raise AddressRefused("name", url[:100]) from error
    is_test = parts.netloc in settings.OUTBOUND_TEST_ADDRESSES
    if not parts.hostname or parts.username or (parts.scheme != "https" and not (is_test and parts.scheme == "http")):
        raise AddressRefused("scheme", parts.hostname or "")
    allowed = [*settings.OUTBOUND_PRIVATE_HOSTS, *([parts.hostname] if is_test else [])]
    addresses = addresses_of(parts.hostname, port, allowed=allowed)
    ends = time.monotonic() + ALL_SECONDS
    connection = _connection(parts.scheme, parts.hostname, port, addresses)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", quote(target, safe=_SAFE_IN_TARGET), body=body, headers=dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, _read(answer, ends))
    except (OSError, HTTPException) as error:
        raise NotReached(type(error).__name__) from error
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int, addresses: Sequence[str]) -> HTTPConnection:
    """A connection to the first of the judged addresses that answers; the certificate is asked for the name."""
    raw: socket.socket | None = None
    for address in addresses:
        try:
            raw = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
            break
        except OSError:
            continue
    if raw is None:
        raise NotReached("no address answers")
    raw.settimeout(CONNECT_SECONDS)
    if scheme == "http":
        plain = HTTPConnection(host, port)
        plain.sock = raw
        return plain
    try:
        secured = HTTPSConnection(host, port)
        secured.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    except OSError as error:
        raw.close()
        raise NotReached(type(error).__name__) from error
    return secured


def _read(answer: HTTPResponse, ends: float) -> bytes:
    """The body, short and in time: a server that drips does not hold a worker."""
    read: list[bytes] = []
    size = 0
    while size < MOST_BYTES:
        if time.monotonic() > ends:
            raise NotReached("slow")
        part = answer.read1(min(8192, MOST_BYTES - size))
        if not part:
            break
        read.append(part)
        size += len(part)
    return b"".join(read)


def _may_call(text: str, allowed: Sequence[str]) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    for name in allowed:
        try:
            if address in ipaddress.ip_network(name, strict=False):
                return True
        except ValueError:
            continue  # a host name or a folder
    embeds = any(address in network for network in _EMBEDDING)
    return address.is_global and not address.is_multicast and not embeds
