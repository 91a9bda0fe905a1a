"""How long the files of imports stay: as long as the settings say, and no longer by accident."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from metrics.choices import BatchStatus
from metrics.models import Dataset, ImportBatch
from metrics.services.import_purge import forget_files
from metrics.services.import_report import Report
from organization.access import Actor
from organization.models import Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_actor
from tests.metrics.importing import checked, imported, send

pytestmark = pytest.mark.django_db(databases=["default", "dispatcher"], transaction=True)

BAD = "Date,Sales\n" + "".join(f"2024-05-{day:02},{day}\n" for day in range(1, 20)) + "never,11\n"
HEAD_OF_A_FORMULA = "Date,=1+1\n" + "".join(f"2024-05-{day:02},{day}\n" for day in range(1, 20)) + "2024-05-20,@x\n"


@pytest.fixture
def company(organization: Organization, settings: Any) -> Organization:
    settings.IMPORT_FILE_DAYS = 30
    return organization


def files_of(batch: ImportBatch) -> list[str]:
    return [batch.file.name, batch.refused_file.name]


def age(batch: ImportBatch, days: int) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(received_at=timezone.now() - timedelta(days=days))


def test_m5_files_go_after_their_days_and_the_observations_stay(company: Organization) -> None:
    with _inside(company) as owner:
        old, young = imported(owner, company, BAD), imported(owner, company, BAD.replace("2024", "2025"))
        age(old, 31)
        age(young, 29)

    forget_files(as_of=timezone.now())
    forget_files(as_of=timezone.now())

    assert [default_storage.exists(name) for name in [*files_of(old), *files_of(young)]] == [False, False, True, True]
    with _inside(company):
        old.refresh_from_db()
        young.refresh_from_db()
        assert (files_of(old), old.status, Dataset.objects.get().row_count) == (["", ""], BatchStatus.DONE, 38)
        assert all(files_of(young))


def test_m5_a_file_that_nobody_decided_about_is_not_loaded_later(company: Organization) -> None:
    with _inside(company) as owner:
        batch = checked(owner, company, BAD)
        age(batch, 31)

    forget_files(as_of=timezone.now())

    with _inside(company):
        batch.refresh_from_db()
        assert (batch.status, batch.file.name) == (BatchStatus.DISCARDED, "")


@pytest.mark.parametrize("status", [BatchStatus.CHECKING, BatchStatus.LOADING, BatchStatus.UNDOING])
def test_m5_a_running_import_keeps_its_file(company: Organization, status: BatchStatus) -> None:
    with _inside(company) as owner:
        batch = send(owner, company, BAD)
        age(batch, 31)
        ImportBatch.objects.update(status=status)

    forget_files(as_of=timezone.now())

    assert default_storage.exists(batch.file.name)


def test_m5_only_what_killed_processes_left_is_cleared_from_the_temporary_folder(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, young, other = (tmp_path / name for name in ("ops-import-a", "ops-import-b", "others"))
    for path in (old, young, other):
        path.touch()
    for path in (old, other):
        os.utime(path, times=(0, 0))

    forget_files(as_of=timezone.now())

    assert sorted(tmp_path.iterdir()) == [young, other]


def test_m5_the_refused_rows_have_no_name_before_they_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with Report(("Date",)):
        assert list(tmp_path.iterdir()) == []


def test_m5_no_cell_of_the_refused_rows_is_a_formula(company: Organization) -> None:
    with _inside(company) as owner:
        batch = checked(owner, company, HEAD_OF_A_FORMULA)
        with batch.refused_file.open("rb") as file:
            rows = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))

    assert batch.rows_refused == 1
    assert rows[0][:2] == ["Date", "'=1+1"]
    assert rows[1][:3] == ["2024-05-20", "'@x", "21"]
    assert rows[1][3].startswith("'=1+1: ")


@contextmanager
def _inside(company: Organization) -> Iterator[Actor]:
    """The company's scope in a transaction, as its owner."""
    with tenant_transaction(company.pk):
        yield make_actor("owner")
