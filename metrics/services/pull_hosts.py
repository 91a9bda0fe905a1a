"""Which databases may be asked: those of the public internet, and the private ones that the operator has named.

A name is resolved here, every address is judged, and the connection goes to just these addresses: a name that means
something else a moment later leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence

from django.utils.translation import gettext as _

from metrics.errors import PullFailed

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]{2,45}")
_EMBEDDING = [ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::ffff:0:0/96")]


def addresses_of(host: str, port: int, *, allowed: Sequence[str]) -> list[str]:
    """The addresses to connect to; none for the folder of a socket. Raises PullFailed for what may not be asked.

    allowed: names, addresses, networks and folders that are not public and may be asked all the same.
    """
    if host.startswith("/"):
        if host in allowed:
            return []
        raise PullFailed(_("Sockets of this machine may not be asked."))
    if not _HOST.fullmatch(host):
        raise PullFailed(_("“%(host)s” is no host name.") % {"host": host[:100]})
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PullFailed(_("There is no host “%(host)s”.") % {"host": host}) from error
    addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
    if host.lower() not in {name.lower() for name in allowed}:
        for address in addresses:
            if not _may_ask(address, allowed):
                raise PullFailed(
                    _("“%(host)s” lies in a private network. The operator can allow it by OPS_PULL_PRIVATE_HOSTS.")
                    % {"host": host}
                )
    return addresses


def _may_ask(text: str, allowed: Sequence[str]) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    for name in allowed:
        try:
            if address in ipaddress.ip_network(name, strict=False):
                return True
        except ValueError:
            continue  # a host name or a folder
    embeds = any(address in network for network in _EMBEDDING)
    return address.is_global and not address.is_multicast and not embeds
