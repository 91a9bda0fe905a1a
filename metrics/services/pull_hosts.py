"""Which databases may be asked: those of the public internet, and the private ones that the operator has named."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from metrics.errors import PullFailed
from organization import outbound


def addresses_of(host: str, port: int, *, allowed: Sequence[str]) -> list[str]:
    """The addresses to connect to; none for the folder of a socket. Raises PullFailed for what may not be asked.

    allowed: names, addresses, networks and folders that are not public and may be asked all the same.
    """
    try:
        return outbound.addresses_of(host, port, allowed=allowed)
    except outbound.AddressRefused as error:
        raise PullFailed(_sentence(error)) from error


def _sentence(error: outbound.AddressRefused) -> str:
    if error.why == "socket":
        return _("Sockets of this machine may not be asked.")
    if error.why == "name":
        return _("“%(host)s” is no host name.") % {"host": error.host[:100]}
    if error.why == "unknown":
        return _("There is no host “%(host)s”.") % {"host": error.host}
    return _("“%(host)s” lies in a private network. The operator can allow it by OPS_PULL_PRIVATE_HOSTS.") % {
        "host": error.host
    }
