"""The roles of production in every test.

Tests connect as the migrator, which builds the database, and then become the app role (`SET ROLE`), so that row-level
security holds in tests as it does for a user. Emptying the tables after a transactional test is the migrator's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase


def copy_the_migrated_database() -> None:
    """Make the test databases as copies of the migrated one; the dispatcher's alias sees the same database."""
    default = connections["default"].settings_dict
    default["TEST"]["TEMPLATE"] = default["NAME"]
    connections["dispatcher"].settings_dict["TEST"]["MIRROR"] = "default"


@contextmanager
def roles_of_production() -> Iterator[None]:
    """For the block, each connection has the role that production would give it; tables are emptied by the migrator."""
    test_case: Any = TransactionTestCase
    empty_tables = test_case._fixture_teardown

    def empty_tables_as_migrator(case: TransactionTestCase) -> None:
        with as_migrator():
            empty_tables(case)

    _close_all()
    connection_created.connect(_take_role, dispatch_uid="tests")
    test_case._fixture_teardown = empty_tables_as_migrator
    try:
        yield
    finally:
        test_case._fixture_teardown = empty_tables
        connection_created.disconnect(_take_role, dispatch_uid="tests")
        _close_all()


@contextmanager
def as_migrator() -> Iterator[None]:
    """Own the tables for the block, with triggers asleep: for emptying them, and for what only a migration may do."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        if connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("RESET session_replication_role")
            _take_role(connection=connection)


def _take_role(*, connection: Any, **_: Any) -> None:
    role = settings.DATABASE_DISPATCHER_ROLE if connection.alias == "dispatcher" else settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{role}"')


def _close_all() -> None:
    for opened in connections.all(initialized_only=True):
        opened.close()
