"""A closed organization can come back for some days; then nothing of it is left, and nothing of others is touched."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ops_platform.portability.arrival import import_archive
from ops_platform.portability.removal import remove_closed
from ops_platform.testing.database import as_migrator
from organization.access import system_actor
from organization.models import AuditEntry, Member, Organization, User
from organization.queries.audit import chain_check
from organization.services.closing import NotClosed, WrongName, close_organization, reopen_organization
from organization.tenancy import tenant_context, tenant_transaction
from tests.factories import make_member, make_organization
from tests.ops_platform.portability.common import AS_OF, archive_of, counts, full_organization, row_hashes, values

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])


def close(organization: Organization) -> None:
    with tenant_context(organization.pk):
        close_organization(
            system_actor(organization.pk, "test"), organization, typed=organization.slug, as_of=timezone.now()
        )


def let_time_pass(organization: Organization) -> None:
    """As if the days to come back had gone by."""
    with as_migrator(), tenant_transaction(organization.pk):
        Organization.objects.filter(pk=organization.pk).update(delete_after=timezone.now() - timedelta(minutes=1))


def test_o10_a_deleted_organization_leaves_no_row_and_no_file_and_touches_no_other(
    tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    empty = counts()
    other = full_organization()
    archive_of(other, tmp_path / "all.zip")
    before, figures, rows = counts(), values(other), row_hashes(other.pk)
    gone = import_archive(tmp_path / "all.zip", slug="gone", now=AS_OF)
    with tenant_transaction(gone.pk):
        shared = Member.objects.order_by("pk")[0].user_id
        only_here = make_member().user_id
        session = SessionStore()
        session["_auth_user_id"] = str(only_here)
        session.save()
    close(gone)
    let_time_pass(gone)

    remove_closed(batch=1000)
    remove_closed(batch=1000)

    assert counts() == before
    assert set(counts(gone.pk).values()) == {0}
    assert [path for path in (tmp_path / "files" / str(gone.pk)).rglob("*") if path.is_file()] == []
    assert not User.objects.filter(pk=only_here).exists()
    assert User.objects.filter(pk=shared).exists()
    assert not Session.objects.exists()
    assert row_hashes(other.pk) == rows
    assert values(other) == figures
    assert set(empty) <= set(before)


def test_o10_closing_needs_the_short_name_and_can_be_undone() -> None:
    organization = make_organization(slug="mine")
    actor = system_actor(organization.pk, "test")
    now = timezone.now()
    with tenant_context(organization.pk):
        with pytest.raises(WrongName):
            close_organization(actor, organization, typed="yours", as_of=now)
        with pytest.raises(NotClosed):
            reopen_organization(actor, organization, as_of=now)

        closed = close_organization(actor, organization, typed="mine", as_of=now)
        assert closed.delete_after == now + timedelta(days=14)
        reopen_organization(actor, organization, as_of=now)

    remove_closed()
    with tenant_transaction(organization.pk):
        assert Organization.objects.get(pk=organization.pk).delete_after is None
        verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs[-2:] == ["organization.organization.closed", "organization.organization.reopened"]
        assert chain_check().is_whole


def test_o10_nothing_goes_before_its_time() -> None:
    organization = make_organization()
    close(organization)
    before = counts()

    remove_closed()

    assert counts() == before


def test_o10_an_organization_cannot_come_back_while_its_rows_go() -> None:
    organization = make_organization()
    close(organization)
    let_time_pass(organization)

    with tenant_context(organization.pk), pytest.raises(NotClosed):
        reopen_organization(system_actor(organization.pk, "test"), organization, as_of=timezone.now())


@pytest.mark.parametrize("call", ["SELECT organization_clear_closed(10)", "SELECT organization_remove_closed()"])
def test_o10_the_app_role_cannot_remove_an_open_organization(call: str) -> None:
    organization = make_organization()
    before = counts()

    with pytest.raises(DatabaseError, match="Only an organization that was closed"):
        _run(organization, call)
    with pytest.raises(DatabaseError, match="can come back for a day at least"):
        _run(organization, "UPDATE organization_organization SET delete_after = now() - interval '1 hour'")
    with pytest.raises(DatabaseError, match=r"permission denied|Only"):
        _run(organization, f"SELECT organization_remove_rows({organization.pk})")

    assert counts() == before


def _run(organization: Organization, sql: str) -> None:
    with tenant_context(organization.pk), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_o10_the_command_closes_by_the_name_typed_twice_and_opens_again(capsys: pytest.CaptureFixture[str]) -> None:
    make_organization(slug="mine")

    with pytest.raises(CommandError, match="not the short name"):
        call_command("delete_organization", organization="mine")
    call_command("delete_organization", organization="mine", confirm="mine")
    call_command("delete_organization", organization="mine", undo=True)

    assert [line.split(".")[0] for line in capsys.readouterr().out.splitlines()] == [
        "mine is closed",
        "mine is open again",
    ]
    assert Organization.objects.using("dispatcher").get(slug="mine").delete_after is None
