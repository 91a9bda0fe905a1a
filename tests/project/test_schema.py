"""The second wall as the database has it: policies, compound keys, privileges."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import models

from ops_platform.database.walls import TenantForeignKey, constraint_name, is_tenant_model, tenant_keys
from organization.tenancy import TenantManager, TenantModel
from tests.project.tenancy import TENANT, TENANT_MODELS, columns_of, label, rows

pytestmark = pytest.mark.django_db

OPEN_ID = "NULLIF(current_setting('app.organization_id'::text, true), ''::text)"
# Functions that run with their owner's rights: each was read for what a caller can make it do.
SECURITY_DEFINERS = {
    "metrics_ensure_partition": "creates the partition of an instant, and takes nothing else",
    "organization_clear_closed": "deletes rows of the open organization, if that was closed and cannot come back",
    "organization_remove_closed": "takes no argument: removes the open organization, if that was closed and cannot come back",
    "organization_remove_sample": "takes no argument: removes the open organization, if it was founded as a sample",
}
# Unique constraints that must hold over all tenants.
GLOBAL_UNIQUE: dict[str, str] = {}
SYSTEM = ("pg_catalog", "information_schema")


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_every_tenant_table_has_forced_row_security_with_both_halves_of_the_policy(model: Any) -> None:
    table = model._meta.db_table

    flags = rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    policies = rows(
        "SELECT cmd, permissive, roles::text, qual, with_check FROM pg_policies WHERE tablename = %s AND policyname = 'tenant'",
        table,
    )

    assert flags == [(True, True)]
    [(command, permissive, roles, using, check)] = policies
    assert (command, permissive, roles) == ("ALL", "PERMISSIVE", "{public}")
    for half in (using, check):
        assert "organization_id" in half
        assert OPEN_ID in half
        assert "SELECT" in half


def test_o4_only_known_policies_widen_what_the_app_role_sees() -> None:
    found = rows(
        "SELECT tablename, policyname, roles::text FROM pg_policies WHERE policyname <> 'tenant' ORDER BY 1, 2"
    )
    persons = [(table, name) for table, name, roles in found if settings.DATABASE_DISPATCHER_ROLE not in roles]
    dispatchers = {table for table, name, roles in found if settings.DATABASE_DISPATCHER_ROLE in roles}

    assert persons == [("organization_member", "person"), ("organization_organization", "person")]
    assert dispatchers <= set(settings.DISPATCHER_TABLES)


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_every_key_between_tenant_tables_is_compound_and_never_cascades(model: Any) -> None:
    table = model._meta.db_table
    plain = [
        field.name
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and not isinstance(field, TenantForeignKey)
        and is_tenant_model(field.remote_field.model)
    ]
    definitions = dict(
        rows(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            table,
        )
    )

    assert plain == []
    for field in tenant_keys(model):
        definition = definitions[constraint_name(model, field)]
        assert columns_of(definition) == ["organization_id", field.column]
        assert re.search(r"REFERENCES \S+\(organization_id, id\)", definition)
    assert [name for name, definition in definitions.items() if "CASCADE" in definition or "SET " in definition] == []


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_every_unique_constraint_begins_with_the_organization(model: Any) -> None:
    found = rows(
        """
        SELECT index.relname, attribute.attname FROM pg_index
          JOIN pg_class index ON index.oid = indexrelid
          LEFT JOIN pg_attribute attribute ON attribute.attrelid = indrelid AND attribute.attnum = indkey[0]
         WHERE indrelid = %s::regclass AND indisunique AND NOT (indisprimary AND indnatts = 1)
        """,
        model._meta.db_table,
    )

    assert [name for name, column in found if column != "organization_id" and name not in GLOBAL_UNIQUE] == []


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_every_tenant_model_reads_through_the_scoped_manager(model: Any) -> None:
    assert issubclass(model, TenantModel)
    assert isinstance(model._default_manager, TenantManager)
    assert isinstance(model._base_manager, TenantManager)
    assert model.objects is model._default_manager or isinstance(model.objects, TenantManager)


def test_o4_the_table_of_tenants_shows_the_open_one_only() -> None:
    [(using, check)] = rows(
        "SELECT qual, with_check FROM pg_policies WHERE tablename = %s AND policyname = 'tenant'", TENANT
    )

    assert OPEN_ID in using
    assert OPEN_ID in check
    assert rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", TENANT) == [
        (True, True)
    ]


def test_o4_the_app_role_owns_nothing_and_cannot_step_around_the_wall() -> None:
    [(is_super, bypasses, creates_roles, creates_databases)] = rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )
    owned = rows("SELECT relname FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = current_user")
    memberships = rows(
        "SELECT 1 FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = member WHERE rolname = current_user"
    )

    assert rows("SELECT current_user") == [(settings.DATABASE_APP_ROLE,)]
    assert not any((is_super, bypasses, creates_roles, creates_databases))
    assert owned == []
    assert memberships == []


@pytest.mark.parametrize("privilege", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_o4_neither_serving_role_has_more_than_rows(privilege: str) -> None:
    for role in (settings.DATABASE_APP_ROLE, settings.DATABASE_DISPATCHER_ROLE):
        found = rows(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v') "
            "AND has_table_privilege(%s, oid, %s)",
            role,
            privilege,
        )

        assert found == []


def test_o4_the_dispatcher_touches_only_its_tables() -> None:
    found = rows(
        """
        SELECT relname, privilege FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')
           AND has_table_privilege(%s, pg_class.oid, privilege)
        """,
        settings.DATABASE_DISPATCHER_ROLE,
    )

    expected = {
        (table, privilege) for table, privileges in settings.DISPATCHER_TABLES.items() for privilege in privileges
    }
    assert set(found) == expected


def test_o4_no_serving_role_reaches_a_partition_by_its_own_name() -> None:
    found = rows(
        """
        SELECT relname FROM pg_class, unnest(%s) AS role
         WHERE relispartition AND relkind IN ('r', 'p') AND has_table_privilege(role, pg_class.oid, 'SELECT')
        """,
        [settings.DATABASE_APP_ROLE, settings.DATABASE_DISPATCHER_ROLE],
    )

    assert found == []


def test_o4_every_view_asks_with_the_rights_of_its_reader() -> None:
    found = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('v', 'm') "
        "AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)"
    )

    assert found == []


def test_o4_functions_with_their_owners_rights_are_the_reviewed_ones() -> None:
    found = rows(
        "SELECT proname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace "
        "WHERE prosecdef AND nspname NOT IN %s",
        SYSTEM,
    )

    assert {name for (name,) in found} == set(SECURITY_DEFINERS)


def test_o4_a_serving_role_calls_only_the_functions_given_to_it() -> None:
    found = rows(
        """
        SELECT proname, role FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace, unnest(%s) AS role
         WHERE nspname NOT IN %s AND has_function_privilege(role, pg_proc.oid, 'EXECUTE')
        """,
        [settings.DATABASE_APP_ROLE, settings.DATABASE_DISPATCHER_ROLE],
        SYSTEM,
    )
    public = rows(
        """
        SELECT proname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace,
               aclexplode(coalesce(proacl, acldefault('f', proowner))) AS held
         WHERE nspname NOT IN %s AND held.grantee = 0
        """,
        SYSTEM,
    )

    assert set(found) == {(name, settings.DATABASE_APP_ROLE) for name in settings.APP_FUNCTIONS}
    assert public == []


def test_o4_the_serving_roles_read_no_counter_of_rows() -> None:
    found = rows(
        """
        SELECT relname, role, privilege
          FROM pg_class, unnest(%s) AS role, unnest(ARRAY['SELECT', 'UPDATE', 'USAGE']) AS privilege
         WHERE relkind = 'S' AND has_sequence_privilege(role, pg_class.oid, privilege)
        """,
        [settings.DATABASE_APP_ROLE, settings.DATABASE_DISPATCHER_ROLE],
    )

    assert {(role, privilege) for _name, role, privilege in found} == {(settings.DATABASE_APP_ROLE, "USAGE")}


def test_o5_the_app_role_may_only_add_to_the_audit_trail() -> None:
    found = rows(
        "SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege "
        "WHERE has_table_privilege(current_user, 'organization_auditentry', privilege)"
    )

    assert found == [("SELECT",), ("INSERT",)]
