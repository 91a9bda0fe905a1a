from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from ops_platform import roles
from ops_platform.apps import grant_privileges
from ops_platform.testing.database import as_migrator


@pytest.mark.django_db
def test_tests_run_as_the_app_role_which_may_serve():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('is_superuser')")

        assert cursor.fetchone() == ("ops_app", "off")
        assert roles.refusal(cursor) is None


@pytest.mark.django_db(databases=["default", "dispatcher"])
def test_dispatcher_alias_reads_the_same_database_under_its_own_role():
    with connection.cursor() as ours, connections["dispatcher"].cursor() as theirs:
        ours.execute("SELECT current_database()")
        theirs.execute("SELECT current_database(), current_user")

        assert theirs.fetchone() == (ours.fetchone()[0], "ops_dispatcher")


@pytest.mark.django_db
def test_app_role_cannot_empty_or_alter_a_table():
    for statement in ("TRUNCATE django_content_type", "ALTER TABLE django_content_type ADD x int", "CREATE TABLE x ()"):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.django_db(databases=["default", "dispatcher"])
def test_dispatcher_reads_nothing_beyond_its_tables():
    with pytest.raises(ProgrammingError, match="permission denied"), connections["dispatcher"].cursor() as cursor:
        cursor.execute("SELECT * FROM django_content_type")


@pytest.mark.django_db(transaction=True)
def test_tables_are_emptied_by_the_migrator_after_a_transactional_test_and_the_role_comes_back():
    with as_migrator(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_session")
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("ops_migrator",)

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('session_replication_role')")
        assert cursor.fetchone() == ("ops_app", "origin")


@pytest.mark.django_db(transaction=True)
def test_migrator_may_migrate_and_must_not_serve():
    with as_migrator(), connection.cursor() as cursor:
        assert roles.migrator_refusal(cursor) is None
        assert roles.refusal(cursor) == (
            "The database role ops_migrator has BYPASSRLS and owns the tables and is a member of another role, so "
            "row-level security would not keep the tenants apart. Set DATABASE_URL to the role that prepare_database "
            "makes, and DATABASE_ADMIN_URL to this one."
        )


@pytest.mark.django_db
def test_app_role_must_not_migrate():
    with connection.cursor() as cursor:
        assert roles.migrator_refusal(cursor) == (
            "The database role ops_app has no BYPASSRLS: under row-level security its migrations would change no rows "
            "and say nothing. As a superuser run: ALTER ROLE ops_app BYPASSRLS;"
        )


@pytest.mark.django_db
def test_o4_what_an_older_postgresql_gave_to_everybody_is_taken_back():
    with as_migrator(), connection.cursor() as cursor:
        cursor.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        cursor.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC")
        cursor.execute("GRANT ALL ON organization_auditentry TO ops_app")
        grant_privileges("default")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_schema_privilege('public', 'CREATE'), has_table_privilege('organization_auditentry', 'DELETE'), "
            "has_function_privilege('ops_dispatcher', 'metrics_ensure_partition(timestamptz)', 'EXECUTE')"
        )
        assert cursor.fetchone() == (False, False, False)


@pytest.mark.django_db
def test_o4_one_role_for_pages_and_queues_gets_nothing():
    with connection.cursor() as cursor, pytest.raises(roles.OneRoleForBoth):
        roles.grant(cursor, app="ops_app", dispatcher="ops_app", app_tables={}, dispatcher_tables={}, app_functions=())
