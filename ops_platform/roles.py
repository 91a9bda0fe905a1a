"""PostgreSQL roles: who owns the tables, who serves, and who may see the queues of all tenants.

- the migrator (`DATABASE_ADMIN_URL`) owns everything and has BYPASSRLS;
- the app role (`DATABASE_URL`) reads and writes rows under row-level security, and can do nothing else;
- the dispatcher role (`DISPATCHER_DATABASE_URL`) sees the rows of every tenant, in `DISPATCHER_TABLES` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg2 import sql

DISPATCHER_POLICY = "dispatcher"
ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")

Privileges = Mapping[str, Sequence[str]]


class OneRoleForBoth(ValueError):
    """The serving roles are one and the same: the dispatcher's policies would open every tenant's rows to all pages."""


def create_login(cursor: Any, name: str, password: str) -> None:
    """Make the role that may log in and nothing else, or give an existing one this password."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    cursor.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD %s").format(sql.SQL(verb), sql.Identifier(name)), [password])


def grant(
    cursor: Any,
    *,
    app: str,
    dispatcher: str,
    app_tables: Privileges,
    dispatcher_tables: Privileges,
    app_functions: Sequence[str],
) -> None:
    """Give both roles exactly their privileges in the current schema. May be run again at any time.

    `app_tables` names where the app role gets less than all rows' privileges, `dispatcher_tables` all that the
    dispatcher gets, `app_functions` the functions that the app role calls; nobody else calls any. Raises OneRoleForBoth.

    Run it as the migrator after each migration. Partitions get nothing: they have no policy of their own, and rows are
    reached through the table that has one.
    """
    if app == dispatcher:
        raise OneRoleForBoth(app)
    cursor.execute("SELECT current_schema()")
    schema = sql.Identifier(cursor.fetchone()[0])
    both = sql.SQL(", ").join([sql.Identifier(app), sql.Identifier(dispatcher)])
    for kind in ("TABLES", "SEQUENCES"):
        cursor.execute(sql.SQL(f"REVOKE ALL ON ALL {kind} IN SCHEMA {{}} FROM {{}}").format(schema, both))
    # A database older than PostgreSQL 15 lets everybody make objects here, which functions with owner's rights would find
    cursor.execute(sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC, {}").format(schema, both))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, both))
    cursor.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, sql.Identifier(app)))
    _grant_functions(cursor, app_functions, app, both)
    for table in _tables(cursor):
        _grant_table(cursor, table, app_tables.get(table, ROWS), app)
        if table in dispatcher_tables:
            _grant_table(cursor, table, dispatcher_tables[table], dispatcher)
            _open_to_dispatcher(cursor, table, dispatcher)


def exist(cursor: Any, *names: str) -> bool:
    """Whether the cluster has all these roles."""
    cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY (%s)", [list(names)])
    return cursor.fetchone()[0] == len(set(names))


def refusal(cursor: Any) -> str | None:
    """Why the connected role must not serve requests, as a sentence, or None when it may."""
    cursor.execute(
        """
        SELECT current_user, rolsuper, rolbypassrls,
               EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace
                       AND relkind IN ('r', 'p') AND pg_has_role(current_user, relowner, 'MEMBER')),
               EXISTS (SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid)
        FROM pg_roles WHERE rolname = current_user
        """
    )
    name, is_superuser, bypasses, owns_tables, is_member = cursor.fetchone()
    reasons = {
        "is a superuser": is_superuser,
        "has BYPASSRLS": bypasses,
        "owns the tables": owns_tables,
        "is a member of another role": is_member,
    }
    found = [reason for reason, holds in reasons.items() if holds]
    if not found:
        return None
    return (
        f"The database role {name} {' and '.join(found)}, so row-level security would not keep the tenants apart. "
        "Set DATABASE_URL to the role that prepare_database makes, and DATABASE_ADMIN_URL to this one."
    )


def migrator_refusal(cursor: Any) -> str | None:
    """Why the connected role must not run migrations, as a sentence, or None when it may."""
    cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    name, bypasses = cursor.fetchone()
    if bypasses:
        return None
    return (
        f"The database role {name} has no BYPASSRLS: under row-level security its migrations would change no rows and "
        f"say nothing. As a superuser run: ALTER ROLE {name} BYPASSRLS;"
    )


def _tables(cursor: Any) -> list[str]:
    cursor.execute(
        """
        SELECT relname FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND NOT relispartition
          AND (relkind IN ('r', 'p') OR (relkind = 'v' AND 'security_invoker=true' = ANY (reloptions)))
        ORDER BY relname
        """
    )
    return [name for (name,) in cursor.fetchall()]


def _grant_functions(cursor: Any, names: Sequence[str], app: str, both: sql.Composable) -> None:
    """PostgreSQL lets everybody call a new function, those with their owner's rights too; take that back."""
    cursor.execute(
        """
        SELECT oid::regprocedure::text, proname FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND pg_has_role(current_user, proowner, 'USAGE')
          AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
        """
    )
    for signature, name in cursor.fetchall():  # the signature comes quoted
        function = sql.SQL(signature)
        cursor.execute(sql.SQL("REVOKE ALL ON ROUTINE {} FROM PUBLIC, {}").format(function, both))
        if name in names:
            cursor.execute(sql.SQL("GRANT EXECUTE ON ROUTINE {} TO {}").format(function, sql.Identifier(app)))


def _grant_table(cursor: Any, table: str, privileges: Sequence[str], role: str) -> None:
    statement = sql.SQL("GRANT {} ON {} TO {}")
    cursor.execute(
        statement.format(sql.SQL(", ").join(map(sql.SQL, privileges)), sql.Identifier(table), sql.Identifier(role))
    )


def _open_to_dispatcher(cursor: Any, table: str, dispatcher: str) -> None:
    """A policy of its own for the dispatcher, on a table that has row-level security."""
    name, policy = sql.Identifier(table), sql.Identifier(DISPATCHER_POLICY)
    cursor.execute(sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(policy, name))
    statement = sql.SQL("CREATE POLICY {} ON {} TO {} USING (true) WITH CHECK (true)")
    cursor.execute(statement.format(policy, name, sql.Identifier(dispatcher)))
