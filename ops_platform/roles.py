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


def create_login(cursor: Any, name: str, password: str) -> None:
    """Make the role that may log in and nothing else, or give an existing one this password."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    cursor.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD %s").format(sql.SQL(verb), sql.Identifier(name)), [password])


def grant(cursor: Any, *, app: str, dispatcher: str, app_tables: Privileges, dispatcher_tables: Privileges) -> None:
    """Give both roles exactly their privileges on the tables of the current schema. May be run again at any time.

    `app_tables` names where the app role gets less than all rows' privileges, `dispatcher_tables` all that the
    dispatcher gets.

    Run it as the migrator after each migration. Partitions get nothing: they have no policy of their own, and rows are
    reached through the table that has one.
    """
    cursor.execute("SELECT current_schema()")
    schema = sql.Identifier(cursor.fetchone()[0])
    both = sql.SQL(", ").join([sql.Identifier(app), sql.Identifier(dispatcher)])
    cursor.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(schema, both))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, both))
    cursor.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, both))
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
