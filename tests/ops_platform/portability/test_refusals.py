"""What is not imported, and that nothing is left of it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ops_platform.portability import arrival
from ops_platform.portability.archive import MANIFEST, ArchiveRefused
from ops_platform.portability.arrival import import_archive
from organization.models import Attachment, Organization
from organization.services.departments import create_department
from organization.tenancy import tenant_context, tenant_transaction
from tests.factories import make_actor, make_organization
from tests.ops_platform.portability.common import AS_OF, archive_of, counts

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
Change = Callable[[str, bytes], bytes]


@pytest.fixture
def there(tmp_path: Path, settings: Any) -> Organization:
    """A small organization, with a file."""
    settings.MEDIA_ROOT = tmp_path / "files"
    organization = make_organization(slug="there")
    (tmp_path / "files" / str(organization.pk)).mkdir(parents=True)
    (tmp_path / "files" / str(organization.pk) / "a.txt").write_bytes(b"text")
    with tenant_transaction(organization.pk):
        create_department(make_actor("owner"), organization, name="Sales", code="S")
        Attachment.objects.create(
            object_type="organization.department", object_id=1, file=f"{organization.pk}/a.txt", name="a.txt",
            content_type="text/plain", size_bytes=4, sha256="",
        )  # fmt: skip
    return organization


def changed(source: Path, target: Path, change: Change) -> Path:
    """A copy of an archive in which `change(member, bytes)` has been at work."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    return target


def in_manifest(**values: Any) -> Change:
    def change(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | values).encode() if name == MANIFEST else data

    return change


def other_department(name: str, data: bytes) -> bytes:
    return data.replace(b"Sales", b"Salts") if name.endswith("organization_department.csv") else data


def foreign_file(name: str, data: bytes) -> bytes:
    if name == MANIFEST:
        manifest = json.loads(data)
        manifest["files"][0]["name"] = "1/../9/a.txt"
        return json.dumps(manifest).encode()
    return data


def smaller_block(name: str, data: bytes) -> bytes:
    """Rows of departments get numbers that nobody reserved."""
    if name != MANIFEST:
        return data
    manifest = json.loads(data)
    part = next(part for part in manifest["tables"] if part["name"] == "organization_department")
    part["first"] = part["last"] = part["last"] + 1
    return json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (smaller_block, "organization_department is not what was written"),
        (in_manifest(trail={"count": 0, "last_hash": ""}), "The audit trail in the archive is broken"),
        (in_manifest(version=2), "The archive has format 2; this installation reads format 1."),
        (in_manifest(format="other"), "This file is no archive of an organization."),
        (in_manifest(schema="0" * 64), "The archive was made by another version of Ops Platform."),
        (in_manifest(trail={"count": 5, "last_hash": "0" * 64}), "The audit trail in the archive is broken"),
        (other_department, "organization_department is not what was written"),
        (foreign_file, "names a file outside the organization's own folder"),
    ],
)
def test_o10_an_archive_that_does_not_fit_is_refused_and_leaves_nothing(
    change: Change, sentence: str, there: Organization, tmp_path: Path
) -> None:
    archive_of(there, tmp_path / "all.zip")
    before = counts()
    wrong = changed(tmp_path / "all.zip", tmp_path / "wrong.zip", change)

    with pytest.raises(ArchiveRefused) as refused:
        import_archive(wrong, slug="here", now=AS_OF)

    assert sentence in str(refused.value)
    assert counts() == before
    assert [path.name for path in (tmp_path / "files").rglob("*.txt")] == ["a.txt"]


def test_o10_half_a_file_is_refused(there: Organization, tmp_path: Path) -> None:
    archive_of(there, tmp_path / "all.zip")
    whole = (tmp_path / "all.zip").read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ArchiveRefused, match="or it is not complete"):
        import_archive(tmp_path / "half.zip", slug="here", now=AS_OF)


def test_o10_an_organization_that_is_there_already_is_not_imported_over(there: Organization, tmp_path: Path) -> None:
    call_command("export_organization", tmp_path / "all.zip", organization="there")
    before = counts()

    with pytest.raises(CommandError, match="There is an organization called “there” here already"):
        call_command("import_organization", tmp_path / "all.zip")

    assert counts() == before


def test_o10_an_import_that_breaks_at_the_end_leaves_no_row_and_no_file(
    there: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends after the last file was stored."""

    def kill(self: Any) -> None:
        raise Killed

    archive_of(there, tmp_path / "all.zip")
    before = counts()
    monkeypatch.setattr(arrival._Arrival, "finish", kill)

    with pytest.raises(Killed):
        import_archive(tmp_path / "all.zip", slug="here", now=AS_OF)

    assert counts() == before
    assert len(list((tmp_path / "files").rglob("*.txt"))) == 1


def test_o10_commands_carry_an_organization_and_its_people_by_address(
    there: Organization, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export_organization", tmp_path / "all.zip", organization="there")

    call_command("import_organization", tmp_path / "all.zip", slug="here")

    here = Organization.objects.using("dispatcher").get(slug="here")
    assert "is here as here" in capsys.readouterr().out
    assert counts(here.pk)["organization_member"] == counts(there.pk)["organization_member"] == 2
    with tenant_context(here.pk), tenant_transaction(here.pk):
        assert Attachment.objects.get().file.name == f"{here.pk}/a.txt"
