"""Refuses to serve as a database role that row-level security does not bind."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.signals import connection_created
from django.db.utils import OperationalError

from ops_platform import roles
from ops_platform.backup import mark


class PrivilegedRole(ImproperlyConfigured):
    """The connected role is a superuser, bypasses row-level security, owns the tables, or can become one who does."""


def refuse_privileged_roles() -> None:
    """From now on each new connection of this process is checked; one that bypasses the walls raises PrivilegedRole.

    The first one is tried at once, so that a wrong configuration ends the start. A database that is away is no reason
    to: `/readyz` reports it, and the check is made when it is back.
    """
    connection_created.connect(_check, dispatch_uid="refuse_privileged_roles")
    try:
        connection.ensure_connection()
    except OperationalError:
        return
    connection.close()


def _check(*, connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        reason = mark.SENTENCE if mark.is_marked(cursor) else roles.refusal(cursor)
    if reason:
        connection.close()
        raise PrivilegedRole(reason)
