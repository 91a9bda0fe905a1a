"""Which PostgreSQL and which roles a run uses: the one that was configured, or the embedded one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg2

from ops_platform import roles
from ops_platform.database_url import database_name, login, with_login, without_login
from ops_platform.supervisor.data_dir import CannotStart, Secrets


@dataclass(frozen=True)
class Databases:
    """The three addresses of one database; `admin` is empty where only the serving roles are known."""

    admin: str
    app: str
    dispatcher: str


def configured_databases(environment: Mapping[str, str], secrets: Secrets) -> Databases:
    """The addresses of the environment. A privileged DATABASE_URL becomes the admin's: the web never uses it.

    Raises CannotStart when nobody answers there, or when one role would serve and see all tenants' queues.
    """
    app, dispatcher = environment.get("DATABASE_URL", ""), environment.get("DISPATCHER_DATABASE_URL", "")
    admin = environment.get("DATABASE_ADMIN_URL", "")
    if app and _is_privileged(app):
        admin, app = admin or app, ""
    if app:
        if login(dispatcher or app)[0] == login(app)[0]:
            raise CannotStart(
                "Set DISPATCHER_DATABASE_URL too, to another role than DATABASE_URL: it sees the queues of all "
                "organizations, the role that serves must not."
            )
        return Databases(admin, app, dispatcher)
    return derived_databases(admin, secrets)


def derived_databases(admin: str, secrets: Secrets) -> Databases:
    """The serving roles beside an admin: named after the database, since roles belong to the whole cluster."""
    name = database_name(admin)
    address = without_login(admin)
    app, dispatcher = f"{name}_app", f"{name}_dispatcher"
    return Databases(
        admin=admin,
        app=with_login(admin, app, secrets.get(f"{app} at {address}")),
        dispatcher=with_login(admin, dispatcher, secrets.get(f"{dispatcher} at {address}")),
    )


def _is_privileged(url: str) -> bool:
    try:
        connection = psycopg2.connect(url, connect_timeout=5)
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise CannotStart(f"PostgreSQL at {without_login(url)} cannot be reached. {reason}") from error
    try:
        with connection.cursor() as cursor:
            return roles.refusal(cursor) is not None
    finally:
        connection.close()
