"""The trail only grows, and a change to it shows."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from ops_platform.testing.database import as_migrator
from organization.access import Actor, system_actor
from organization.models import AuditEntry, Department, Organization
from organization.queries.audit import audit_entries, chain_check, details, of_what, what, who, with_names
from organization.services import audit, departments
from organization.tenancy import tenant_context, tenant_transaction
from tests.factories import make_actor, make_member, make_organization


@pytest.fixture
def trail(scope: Organization, owner: Actor) -> list[int]:
    """Five entries beside the founding one."""
    for number in range(5):
        audit.record(owner, "tests.thing.changed", scope, changed={"name": [number, number + 1]})
    return list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))


def test_o5_the_chain_of_honest_entries_is_whole(trail: list[int]) -> None:
    check = chain_check()

    assert (check.is_whole, check.count, check.broken_at) == (True, 6, None)
    assert check.last_hash == AuditEntry.objects.get(pk=trail[-1]).hash


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE organization_auditentry SET facts = '{{}}' WHERE id = {id}",
        "UPDATE organization_auditentry SET actor_id = 999 WHERE id = {id}",
        "UPDATE organization_auditentry SET at = at + interval '1 microsecond' WHERE id = {id}",
        "UPDATE organization_auditentry SET hash = repeat('a', 64) WHERE id = {id}",
    ],
)
def test_o5_a_changed_row_is_detected_where_it_stands(trail: list[int], tampering: str) -> None:
    _as_migrator(tampering.format(id=trail[3]))

    assert chain_check().broken_at == trail[3]


def test_o5_a_removed_row_is_detected_at_the_next(trail: list[int]) -> None:
    _as_migrator(f"DELETE FROM organization_auditentry WHERE id = {trail[2]}")

    assert chain_check().broken_at == trail[3]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE organization_auditentry SET verb = 'x'", "DELETE FROM organization_auditentry"],
)
def test_o5_the_app_role_cannot_change_or_remove_entries(trail: list[int], statement: str) -> None:
    with pytest.raises((IntegrityError, ProgrammingError), match=r"only grows|permission denied"):
        _run(statement)

    assert chain_check().count == 6


def test_o5_the_app_role_cannot_empty_the_table(trail: list[int]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        _run("TRUNCATE organization_auditentry")

    assert chain_check().count == 6


def test_o5_the_triggers_stop_the_owner_of_the_table_too(trail: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger"
            " WHERE tgrelid = 'organization_auditentry'::regclass AND NOT tgisinternal ORDER BY 1"
        )
        found = cursor.fetchall()

    assert found == [("organization_auditentry_rows", "O"), ("organization_auditentry_table", "O")]


def test_o5_two_organizations_have_a_chain_each(db: None) -> None:
    companies = [make_organization(), make_organization()]
    counts = []

    for company, entries in zip(companies, (1, 2), strict=True):
        with tenant_context(company.pk):
            for _ in range(entries):
                audit.record(system_actor(company.pk, "test"), "tests.thing.changed", company)
            counts.append((chain_check().is_whole, chain_check().count))

    assert counts == [(True, 2), (True, 3)]


@pytest.mark.django_db(transaction=True)
def test_o5_writers_at_the_same_time_do_not_fork_the_chain() -> None:
    company = make_organization()
    start = threading.Barrier(4)

    def write() -> None:
        try:
            start.wait(10)
            for _ in range(5):
                with tenant_transaction(company.pk):
                    audit.record(system_actor(company.pk, "test"), "tests.thing.changed", company)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    with tenant_transaction(company.pk):
        check = chain_check()
    assert (check.is_whole, check.count) == (True, 21)


def test_o5_entries_are_filtered_by_whole_days_of_the_organization(scope: Organization, owner: Actor) -> None:
    # 16:30 UTC is the next morning in Shanghai
    for hour, minute in ((15, 59), (16, 0), (16, 30)):
        AuditEntry.objects.create(
            at=datetime(2026, 3, 1, hour, minute, tzinfo=UTC),
            actor_kind="system",
            verb="tests.thing.changed",
            object_type="organization.organization",
        )

    second = audit_entries(owner, since=date(2026, 3, 2), until=date(2026, 3, 2), timezone="Asia/Shanghai")
    first = audit_entries(owner, since=date(2026, 3, 1), until=date(2026, 3, 1), timezone="Asia/Shanghai")

    assert [(entry.at.hour, entry.at.minute) for entry in second] == [(16, 30), (16, 0)]
    assert [(entry.at.hour, entry.at.minute) for entry in first] == [(15, 59)]


def test_o5_an_entry_reads_as_a_sentence(scope: Organization, owner: Actor) -> None:
    department = departments.create_department(owner, scope, name="Sales", code="S")
    departments.change_department(owner, department, version=department.version, code="SA")

    entry = audit_entries(owner, verb="changed", object_type="organization.department", object_id=department.pk).get()

    assert who(entry) == owner.name
    assert what(entry) == "changed"
    assert of_what(entry) == f"Department {department.pk}"
    assert details(entry) == "Code: S → SA"


def test_o5_what_an_entry_mentions_bears_its_name_where_the_reader_may_see_it(
    scope: Organization, owner: Actor
) -> None:
    sales = departments.create_department(owner, scope, name="Sales", code="S")
    north = departments.create_department(owner, scope, name="North", code="N")
    departments.change_department(owner, north, version=north.version, parent=sales, head=make_member(name="Ann Lee"))
    deleted = audit.record(owner, "organization.department.deleted", Department(pk=10**6), parent=sales.pk, depth=2)
    found = audit_entries(owner, verb="changed", object_type="organization.department", object_id=north.pk)

    (seen,) = with_names(owner, found)
    (unseen,) = with_names(make_actor(None), found.all())
    (gone,) = with_names(owner, [deleted])

    assert of_what(seen) == f"Department {north.pk}: North"
    assert details(seen) == "Head: – → Ann Lee · Part of: – → Sales"
    assert of_what(unseen) == f"Department {north.pk}"
    assert details(unseen).endswith(f"Part of: – → {sales.pk}")
    assert (of_what(gone), details(gone)) == (f"Department {10**6}", "Part of: Sales · depth: 2")


def test_o5_names_of_a_page_cost_a_statement_for_each_kind(
    scope: Organization, owner: Actor, django_assert_num_queries: Any
) -> None:
    made = [departments.create_department(owner, scope, name=f"D{i}", code=f"D{i}") for i in range(10)]
    entries = list(audit_entries(owner, object_type="organization.department"))

    with django_assert_num_queries(2):  # the kind, and whether the trail came from elsewhere
        named = list(with_names(owner, entries))

    assert {of_what(entry) for entry in named} == {f"Department {row.pk}: {row.name}" for row in made}


def test_o5_staff_read_no_trail(scope: Organization, owner: Actor) -> None:
    assert not audit_entries(make_actor("staff")).exists()
    assert audit_entries(make_actor("auditor")).exists()


def _run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def _as_migrator(statement: str) -> None:
    """Tampering by somebody who owns the tables and has put the triggers to sleep."""
    with as_migrator(), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 1
