"""An organization leaves in a file and arrives elsewhere, with other numbers and equal figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from metrics.models import Dashboard, Dataset, DataSource, ImportBatch, Kpi
from metrics.services.rollups import check_dataset
from ops_platform.portability.arrival import import_archive
from ops_platform.testing.database import as_migrator
from organization.access import system_actor
from organization.models import (
    ApiToken,
    Attachment,
    AuditEntry,
    Department,
    ImportedTrail,
    Link,
    Member,
    Organization,
    ReferenceCounter,
    RoleGrant,
)
from organization.queries import audit
from organization.tenancy import tenant_transaction
from processes.models import Answer
from tests.ops_platform.portability.common import AS_OF, archive_of, counts, full_organization, total, values
from tests.project.tenancy import TENANT_MODELS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
# Rows that an import makes itself, and such as do not travel
OWN_ROWS = {"organization_importedtrail": 1, "organization_auditentry": 1}
AT_HOME = {model._meta.db_table for model in TENANT_MODELS if model.travel.stays}


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


def test_o10_an_organization_exported_and_imported_has_equal_figures(media: Path) -> None:
    there = full_organization()
    before, figures = counts(there.pk), values(there)

    manifest = archive_of(there, media / "all.zip")
    here = import_archive(media / "all.zip", slug="elsewhere", now=AS_OF)

    assert here.pk != there.pk
    assert {part.name: part.size for part in manifest.tables if part.name in before} == {
        table: before[table] for table in before if table in {part.name for part in manifest.tables}
    }
    arrived = counts(here.pk)
    partitions = {table for table in before if table.startswith("metrics_observation_")}
    assert {table: arrived[table] - before[table] for table in before if table not in AT_HOME} == {
        table: OWN_ROWS.get(table, 0) for table in before if table not in AT_HOME
    }
    assert partitions
    assert values(here) == figures
    assert len(figures) > 60
    assert total(figures) > 1000
    assert counts(there.pk) == before


def test_o10_rollups_carried_are_the_ones_that_rows_give(media: Path) -> None:
    archive_of(full_organization(), media / "all.zip")

    here = import_archive(media / "all.zip", slug="elsewhere", now=AS_OF)

    with tenant_transaction(here.pk):
        datasets = list(Dataset.objects.values_list("pk", flat=True))
    assert len(datasets) >= 5
    assert [check_dataset(here.pk, dataset) for dataset in datasets] == [[]] * len(datasets)


def test_o10_names_references_and_keys_between_rows_are_those_of_before(media: Path) -> None:
    there = full_organization()
    archive_of(there, media / "all.zip")

    here = import_archive(media / "all.zip", slug="elsewhere", now=AS_OF)

    assert _picture(here) == _picture(there)
    with tenant_transaction(here.pk):
        for department in Department.objects.all():
            steps = [int(step) for step in department.path.strip("/").split("/")]
            assert steps[-1] == department.pk
            assert department.parent_id is None or steps[-2] == department.parent_id
        assert all(one.file.name.startswith(f"{here.pk}/") for one in Attachment.objects.all())
        attachment = Attachment.objects.get(content_type="text/plain")
        with default_storage.open(attachment.file.name) as stored:
            assert stored.read() == b"What it means"


def test_o10_answers_point_at_the_photos_and_people_of_the_company_that_they_arrived_in(media: Path) -> None:
    there = full_organization()
    archive_of(there, media / "all.zip")

    here = import_archive(media / "all.zip", slug="elsewhere", now=AS_OF)

    pointed = {}
    for organization in (there, here):
        with tenant_transaction(organization.pk):
            photos, people = [], []
            for answer in Answer.objects.exclude(refers_to="").select_related("step").order_by("pk"):
                if answer.refers_to == "organization.member":
                    people.append((answer.field_key, Member.objects.get(pk=int(answer.value)).name))
                    continue
                for number in answer.value:
                    kept = Attachment.objects.get(pk=int(number))
                    assert (kept.object_type, kept.object_id) == ("processes.runstep", answer.step_id)
                    photos.append((answer.field_key, kept.sha256))
            pointed[organization.pk] = (photos, people)
    assert pointed[here.pk] == pointed[there.pk]
    assert all(len(found) >= 5 for found in pointed[here.pk])


def test_o10_the_imported_trail_holds_and_finds_its_objects(media: Path) -> None:
    there = full_organization()
    archive_of(there, media / "all.zip")

    here = import_archive(media / "all.zip", slug="elsewhere", now=AS_OF)

    assert _trail(here)[:-1] == _trail(there)
    with tenant_transaction(here.pk):
        check = audit.chain_check()
        assert check.is_whole
        assert check.count == AuditEntry.objects.count() > 100
        assert AuditEntry.objects.order_by("-pk")[0].verb == "organization.organization.imported"


def test_o10_an_organization_that_moves_twice_still_has_a_whole_trail(media: Path) -> None:
    there = full_organization()
    archive_of(there, media / "first.zip")
    between = import_archive(media / "first.zip", slug="between", now=AS_OF)
    archive_of(between, media / "second.zip")

    here = import_archive(media / "second.zip", slug="elsewhere", now=AS_OF)

    assert _trail(here)[:-2] == _trail(there)
    with tenant_transaction(here.pk):
        assert audit.chain_check().is_whole
        assert ImportedTrail.objects.count() == 2
    assert values(here) == values(there)


def test_o10_a_changed_entry_is_found_in_an_imported_trail_too(media: Path) -> None:
    archive_of(full_organization(), media / "all.zip")
    here = import_archive(media / "all.zip", slug="elsewhere", now=AS_OF)
    with tenant_transaction(here.pk):
        entry = AuditEntry.objects.filter(object_type="metrics.kpi").order_by("pk")[0]

    with as_migrator(), tenant_transaction(here.pk):
        AuditEntry.objects.filter(pk=entry.pk).update(object_id=entry.object_id + 1)

    with tenant_transaction(here.pk):
        assert audit.chain_check().broken_at == entry.pk


def _picture(organization: Organization) -> dict[str, Any]:
    with tenant_transaction(organization.pk):
        return {
            "members": sorted(Member.objects.values_list("user__email", "name", "department__code", "user_id")),
            "heads": sorted(Department.objects.values_list("code", "head__name", "parent__code", "depth")),
            "kpis": sorted(Kpi.objects.values_list("reference", "key", "owner__name", "department__code")),
            "boards": sorted(Dashboard.objects.values_list("reference", "name", "panels__kpi__reference")),
            "grants": sorted(RoleGrant.objects.values_list("role__name", "codename", "scope")),
            "batches": sorted(ImportBatch.objects.values_list("reference", "dataset__key", "rows_read")),
            "counters": sorted(ReferenceCounter.objects.values_list("prefix", "last")),
            "links": [_ends(link) for link in Link.objects.all()],
            "sources": sorted(DataSource.objects.values_list("reference", "kind", "dataset__key")),
            "tokens": sorted(ApiToken.objects.values_list("name", "member__name")),
        }


def _ends(link: Link) -> tuple[str, str, str]:
    department = Department.objects.get(pk=link.target_id)
    return (Kpi.objects.get(pk=link.source_id).reference, link.verb, department.code)


def _trail(organization: Organization) -> list[tuple[str, str, str, str]]:
    """The trail in words, oldest first: who, what, of what, details."""
    with tenant_transaction(organization.pk):
        entries = audit.audit_entries(system_actor(organization.pk, "test")).order_by("pk")
        named = audit.with_names(system_actor(organization.pk, "test"), entries)
        return [(audit.who(e), audit.what(e), _name(audit.of_what(e)), audit.details(e)) for e in named]


def _name(text: str) -> str:
    """Without the number: KPI 12: Orders."""
    return "".join(letter for letter in text if not letter.isdigit())
