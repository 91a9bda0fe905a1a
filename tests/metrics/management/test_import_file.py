"""The command: JSON on standard output, reasons on standard error, exit 2 on bad input."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from metrics.models import Dataset, ImportBatch
from organization.models import Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_member
from tests.metrics.importing import all_rows, column_of

pytestmark = pytest.mark.django_db(databases=["default", "dispatcher"], transaction=True)

GOOD = "".join(f"2024-03-{day:02};Côte;{day},50\n" for day in range(1, 13))
ORDERS = f"Order Date;Land;Amount\n{GOOD}2024-03-32;Côte;7,25\n"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(ORDERS.encode("cp1252"))
    return path


def run(file: object, organization: Organization, **options: Any) -> tuple[dict[str, Any], str]:
    out, err = io.StringIO(), io.StringIO()
    values = {"organization": organization.slug, "kind": "orders"} | options
    call_command("import_file", str(file), stdout=out, stderr=err, **values)
    return json.loads(out.getvalue()), err.getvalue()


def refused(file: object, organization: Organization, **options: Any) -> tuple[str, str]:
    err = io.StringIO()
    values = {"organization": organization.slug, "kind": "orders"} | options
    with pytest.raises(CommandError) as caught:
        call_command("import_file", str(file), stdout=io.StringIO(), stderr=err, **values)
    assert caught.value.returncode == 2
    return str(caught.value), err.getvalue()


def stored(organization: Organization) -> dict[str, int]:
    """The datasets there are, with their rows."""
    with tenant_transaction(organization.pk):
        return {dataset.key: len(all_rows(dataset)) for dataset in Dataset.objects.all()}


def test_m5_command_imports_and_says_what_it_found(organization: Organization, orders: Path) -> None:
    report, said = run(orders, organization)

    found = {name: report[name] for name in ("encoding", "delimiter", "decimal", "header_rows", "dataset", "dry_run")}
    assert found == {
        "encoding": "cp1252",
        "delimiter": ";",
        "decimal": ",",
        "header_rows": [0],
        "dataset": "orders",
        "dry_run": False,
    }
    assert (report["rows_read"], report["accepted"], report["created"]) == (13, 12, 12)
    assert report["refused"] == [
        {
            "row": 14,
            "column": "Order Date",
            "value": "2024-03-32",
            "code": "date_impossible",
            "reason": "There is no such day or time.",
        }
    ]
    assert "Row 14, column Order Date: There is no such day or time." in said
    again, _ = run(orders, organization)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 12)
    assert stored(organization) == {"orders": 12}


def test_m5_command_dry_run_stores_nothing(organization: Organization, orders: Path) -> None:
    report, _ = run(orders, organization, dry_run=True)

    assert (report["dry_run"], report["created"], report["status"]) == (True, 12, "discarded")
    assert stored(organization) == {}


def test_m5_command_reads_standard_input(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(ORDERS.encode())))

    report, _ = run("-", organization)

    assert (report["file"], report["encoding"], report["created"]) == ("input.csv", "utf-8", 12)


def test_m5_command_takes_a_mapping_and_a_member(organization: Organization, orders: Path, tmp_path: Path) -> None:
    with tenant_transaction(organization.pk):
        member = make_member("manager")
    run(orders, organization, dry_run=True)
    with tenant_transaction(organization.pk):
        plan = ImportBatch.objects.get().plan
    plan["derived"] = [{"key": "double", "expression": "amount * 2"}]
    plan["dataset"] = {"name": "Sales"}
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    bare = tmp_path / "mapping.json"
    bare.write_text(json.dumps(plan["mapping"]))

    run(orders, organization, kind="sales", mapping=str(file), member=member.user.email)
    run(orders, organization, kind="bare", mapping=str(bare))

    assert stored(organization) == {"sales": 12, "bare": 12}
    with tenant_transaction(organization.pk):
        dataset = Dataset.objects.get(key="sales")
        assert (dataset.name, dataset.owner_id) == ("Sales", member.pk)
        assert dataset.columns.get(key="double").expression == "amount * 2"
        assert sum(column_of(dataset, "amount")) == 84
        assert ImportBatch.objects.get(dataset=dataset).started_by_id == member.pk


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"<html></html>", "This is a web page, not a table. Save the table as CSV or XLSX and send that."),
        (b"A,B\nx,y\n", "Some choices do not fit together."),
        (b"Date,N\n2024-13-01,1\n2024-02-30,2\n2024-02-31,2\n", "Every row was refused; nothing was stored."),
    ],
)
def test_m5_command_ends_with_2_on_bad_input(
    organization: Organization, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)

    said, _ = refused(file, organization)

    assert said == sentence
    assert stored(organization) == {}


def test_m5_command_names_the_bad_place_of_a_mapping(organization: Organization, orders: Path, tmp_path: Path) -> None:
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps({"kind": "csv", "columns": [{"source": 0, "name": "A", "key": "a", "role": "king"}]}))

    _, said = refused(orders, organization, mapping=str(file))

    assert said.splitlines()[-1] == "columns[0].type: A value is missing here."


def test_m5_command_refuses_unknown_organization_member_and_file(organization: Organization, orders: Path) -> None:
    assert refused(orders, SimpleNamespace(slug="nobody"))[0] == "There is no organization with this short name."
    assert "Nobody with this address" in refused(orders, organization, member="x@example.com")[0]
    assert "cannot be opened" in refused("/nowhere/at-all.csv", organization)[0]
    assert stored(organization) == {}


def test_m5_command_asks_for_the_right_of_the_member(organization: Organization, orders: Path) -> None:
    with tenant_transaction(organization.pk):
        member = make_member("staff")

    refused(orders, organization, member=member.user.email)

    assert stored(organization) == {}
