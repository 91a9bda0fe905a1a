"""Each wall alone: the ORM without row security, and row security without the ORM."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from ops_platform.database.scope import OutsideOrganization, OutsideTransaction
from organization.models import Department, Member, Organization, Role
from organization.tenancy import OrganizationSwitch, tenant_context
from tests.factories import make_member, make_organization
from tests.project.tenancy import TENANT_MODELS, label, rows

POLICY = "new row violates row-level security policy"


@pytest.fixture
def two(db: None) -> tuple[Organization, Organization]:
    """Two organizations with a department and a member each: something to leak."""
    made = (make_organization(), make_organization())
    for organization in made:
        with tenant_context(organization.pk):
            department = Department.objects.create(name="Secret", code="S")
            Department.objects.update(path=f"/{department.pk}/")
            make_member("staff", department=department)
    return made


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_first_wall_raises_without_a_scope(model: Any, db: None) -> None:
    for ask in (model.objects.exists, model.objects.count, lambda: list(model.objects.all()[:1])):
        with pytest.raises(OutsideOrganization):
            ask()


def test_o4_first_wall_gives_an_empty_answer_without_a_scope(db: None) -> None:
    assert list(Department.objects.none()) == []


@pytest.mark.django_db(transaction=True)
def test_o4_first_wall_raises_in_autocommit_where_the_second_would_be_silent() -> None:
    organization = make_organization()

    with tenant_context(organization.pk), pytest.raises(OutsideTransaction):
        Role.objects.count()


def test_o4_first_wall_holds_where_the_second_is_open(two: tuple[Organization, Organization]) -> None:
    from ops_platform.testing.database import as_migrator

    mine, theirs = two
    with tenant_context(mine.pk), as_migrator():
        everything = rows("SELECT count(*) FROM organization_department")
        seen = set(Department.objects.values_list("organization_id", flat=True))
        joined = set(Member.objects.filter(department__code="S").values_list("organization_id", flat=True))
        changed = Department.objects.update(name="Seen")

    assert everything == [(2,)]
    assert seen == {mine.pk}
    assert joined == {mine.pk}
    assert changed == 1
    with tenant_context(theirs.pk):
        assert Department.objects.get().name == "Secret"


def test_o4_first_wall_refuses_to_save_another_organizations_row(two: tuple[Organization, Organization]) -> None:
    mine, theirs = two
    with tenant_context(theirs.pk):
        row = Department.objects.get()

    row.name = "Taken"
    with tenant_context(mine.pk):
        for write in (row.save, row.delete, lambda: Department.objects.bulk_create([row])):
            with pytest.raises(OutsideOrganization):
                write()

    with tenant_context(theirs.pk):
        assert Department.objects.get().name == "Secret"


def test_o4_the_organization_does_not_change_inside_a_transaction(two: tuple[Organization, Organization]) -> None:
    mine, theirs = two

    with tenant_context(mine.pk), transaction.atomic(), pytest.raises(OrganizationSwitch), tenant_context(theirs.pk):
        pass


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_second_wall_shows_nothing_without_a_scope(model: Any, two: tuple[Organization, Organization]) -> None:
    assert rows(f'SELECT count(*) FROM "{model._meta.db_table}"') == [(0,)]


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_second_wall_shows_raw_sql_the_open_organization_only(
    model: Any, two: tuple[Organization, Organization]
) -> None:
    mine, _theirs = two

    with tenant_context(mine.pk):
        found = rows(f'SELECT DISTINCT organization_id FROM "{model._meta.db_table}"')

    assert found in ([], [(mine.pk,)])


def test_o4_second_wall_refuses_raw_writes_into_another_organization(two: tuple[Organization, Organization]) -> None:
    mine, theirs = two

    with tenant_context(mine.pk):
        with pytest.raises(ProgrammingError, match=POLICY), transaction.atomic():
            _execute(
                "INSERT INTO organization_referencecounter (organization_id, prefix, last) VALUES (%s, 'X', 1)",
                theirs.pk,
            )
        with pytest.raises(ProgrammingError, match=POLICY), transaction.atomic():
            _execute("UPDATE organization_department SET organization_id = %s", theirs.pk)
        assert _execute("UPDATE organization_department SET name = 'Taken' WHERE organization_id = %s", theirs.pk) == 0
        assert _execute("DELETE FROM organization_duty WHERE organization_id = %s", theirs.pk) == 0

    with tenant_context(theirs.pk):
        assert Department.objects.get().name == "Secret"


def test_o4_second_wall_refuses_a_key_into_another_organization(two: tuple[Organization, Organization]) -> None:
    mine, theirs = two
    with tenant_context(theirs.pk):
        foreign = Department.objects.get().pk

    with tenant_context(mine.pk), pytest.raises(IntegrityError, match="tenant_fk"):
        _move_members(foreign)

    with tenant_context(mine.pk):
        assert Member.objects.get(department__isnull=False).department.organization_id == mine.pk


@pytest.mark.django_db(transaction=True)
def test_o4_a_scope_leaves_nothing_behind_on_its_connection() -> None:
    organization = make_organization()
    with tenant_context(organization.pk), transaction.atomic():
        assert Role.objects.count() == 5

    with transaction.atomic():
        left = rows("SELECT current_setting('app.organization_id', true)")
        seen = rows("SELECT count(*) FROM organization_role")

    assert left in ([("",)], [(None,)])
    assert seen == [(0,)]


def test_o4_a_closed_scope_restores_the_one_around_it(two: tuple[Organization, Organization]) -> None:
    mine, _theirs = two

    with tenant_context(mine.pk):
        with tenant_context(mine.pk):
            pass
        inside = rows("SELECT current_setting('app.organization_id', true)")
    outside = rows("SELECT current_setting('app.organization_id', true)")

    assert inside == [(str(mine.pk),)]
    assert outside == [("",)]


def test_o4_a_failed_block_leaves_a_usable_scope(two: tuple[Organization, Organization]) -> None:
    mine, _theirs = two

    with pytest.raises(IntegrityError), transaction.atomic(), tenant_context(mine.pk):
        Department.objects.create(name="Again", code="S")

    assert rows("SELECT current_setting('app.organization_id', true)") in ([("",)], [(None,)])


def _move_members(department_id: int) -> None:
    with transaction.atomic():
        Member.objects.filter(department__code="S").update(department=department_id)
        _execute("SET CONSTRAINTS ALL IMMEDIATE")


def _execute(sql: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount
