"""Files through the import: good rows in, bad rows returned, nothing twice, nothing half."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db.models import F
from django.utils import timezone

from metrics.choices import BatchStatus
from metrics.errors import BadFile, BadMapping, BatchBuiltUpon, BatchState
from metrics.models import Dataset, DatasetColumn, ImportBatch, ImportMapping, ReplacedObservation, RollupMark
from metrics.services import imports
from metrics.services.import_run import run_import
from metrics.services.import_undo import take_out
from organization.access import Actor
from organization.errors import NotAllowed, NotVisible
from organization.models import AuditEntry, DomainEvent, Member, Organization
from tests.factories import actor_of, make_actor, make_member
from tests.metrics.importing import all_rows, checked, column_of, imported, ran, send, undone

pytestmark = pytest.mark.django_db

ORDERS = """Order Date,Country,Quantity,Unit Price
2024-03-01,France,2,1.50
2024-03-01,France,2,1.50
2024-03-02,Spain,-1,10
"""
KEYED = """Row ID,Date,Product,Sales
1,2024-05-01,Tea,10.00
2,2024-05-01,Salt,5.25
3,2024-06-15,Tea,7.50
"""


def marks() -> list[datetime]:
    return sorted(set(RollupMark.objects.values_list("hour_start", flat=True)))


def test_m5_good_file_becomes_a_dataset_with_exact_rows(scope: Organization, owner: Actor) -> None:
    def derive(plan: dict) -> None:
        plan["derived"] = [{"key": "revenue", "expression": "quantity * unit_price", "unit": "money"}]

    batch = imported(owner, scope, ORDERS, derive)

    dataset = batch.dataset
    assert (batch.rows_read, batch.rows_created, batch.rows_refused) == (3, 3, 0)
    assert (dataset.key, dataset.row_key, dataset.row_count, dataset.is_daily) == ("orders", "content", 3, True)
    assert column_of(dataset, "quantity") == [2, 2, -1]
    assert column_of(dataset, "unit_price") == [Decimal("1.50"), Decimal("1.50"), 10]
    assert column_of(dataset, "country") == ["France", "France", "Spain"]
    assert dataset.columns.get(key="revenue").expression == "quantity * unit_price"
    assert marks() == [datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 2, tzinfo=UTC)]
    assert DomainEvent.objects.filter(name="metrics.batch_loaded", subject_id=batch.pk).count() == 1
    assert AuditEntry.objects.filter(verb="metrics.import.loaded", object_id=batch.pk).count() == 1


def test_m5_same_file_twice_changes_nothing_and_marks_nothing(scope: Organization, owner: Actor) -> None:
    first = imported(owner, scope, ORDERS)
    before = all_rows(first.dataset)
    RollupMark.objects.all().delete()

    again = imported(owner, scope, ORDERS)

    assert again.dataset == first.dataset
    assert (again.rows_created, again.rows_updated, again.rows_unchanged) == (0, 0, 3)
    assert all_rows(first.dataset) == before
    assert marks() == []
    assert Dataset.objects.get().row_count == 3


def test_m5_check_counts_truly_and_stores_nothing(scope: Organization, owner: Actor) -> None:
    imported(owner, scope, KEYED)
    before = all_rows(Dataset.objects.get())
    RollupMark.objects.all().delete()

    batch = checked(owner, scope, KEYED.replace("5.25", "6.25") + "4,2024-06-16,Oil,1\n")

    assert batch.status == BatchStatus.CHECKED
    assert (batch.rows_created, batch.rows_updated, batch.rows_unchanged) == (1, 1, 2)
    assert all_rows(Dataset.objects.get()) == before
    assert marks() == []
    assert ReplacedObservation.objects.count() == 0


def test_m5_three_bad_rows_of_a_thousand_are_returned_with_reasons(scope: Organization, owner: Actor) -> None:
    lines = [f"2024-01-{day % 28 + 1:02},shop {day % 7},{day}" for day in range(1000)]
    lines[10], lines[500], lines[999] = "2024-02-30,shop 1,5", "2024-01-05,shop 2,many", ",=cmd(),-7"

    batch = imported(owner, scope, "Date,Shop,Amount\n" + "\n".join(lines) + "\n")

    assert (batch.rows_read, batch.rows_created, batch.rows_refused) == (1000, 997, 3)
    refusals = [(r["row"], r["column"], r["value"], r["code"]) for r in batch.facts["refusals"]]
    assert refusals == [
        (12, "Date", "2024-02-30", "date_impossible"),
        (502, "Amount", "many", "not_a_number"),
        (1001, "Date", "", "required"),
    ]
    with batch.refused_file.open("rb") as file:
        rows = list(csv.reader(file.read().decode("utf-8-sig").splitlines()))
    assert rows == [
        ["Date", "Shop", "Amount", "Row", "Reason"],
        ["2024-02-30", "shop 1", "5", "12", "Date: There is no such day or time."],
        ["2024-01-05", "shop 2", "many", "502", "Amount: This is not a number."],
        ["", "'=cmd()", "-7", "1001", "Date: A value is needed here."],
    ]
    assert sum(column_of(batch.dataset, "amount")) == sum(set(range(999)) - {10, 500})


def test_m5_late_row_marks_only_its_own_hour(scope: Organization, owner: Actor) -> None:
    imported(owner, scope, KEYED)
    RollupMark.objects.all().delete()

    imported(owner, scope, KEYED + "9,2024-05-20 13:45,Late,1\n")

    assert marks() == [datetime(2024, 5, 20, 13, tzinfo=UTC)]


def test_m5_correction_by_key_keeps_the_old_row_and_marks_both_hours(scope: Organization, owner: Actor) -> None:
    first = imported(owner, scope, KEYED)
    before = all_rows(first.dataset)
    RollupMark.objects.all().delete()

    second = imported(owner, scope, KEYED.replace("2024-06-15,Tea,7.50", "2024-06-16,Tea,8"))

    assert (second.rows_created, second.rows_updated, second.rows_unchanged) == (0, 1, 2)
    assert column_of(first.dataset, "sales") == [Decimal("10.00"), Decimal("5.25"), 8]
    kept = ReplacedObservation.objects.get()
    assert (kept.row_key, kept.m1, kept.batch_id, kept.replaced_by_id) == ("3", Decimal("7.50"), first.pk, second.pk)
    assert marks() == [datetime(2024, 6, 15, tzinfo=UTC), datetime(2024, 6, 16, tzinfo=UTC)]
    assert before != all_rows(first.dataset)


def test_m5_undo_restores_every_row_exactly(scope: Organization, owner: Actor) -> None:
    first = imported(owner, scope, KEYED)
    before = all_rows(first.dataset)
    second = imported(owner, scope, KEYED.replace("7.50", "8") + "4,2024-07-01,Oil,2\n")
    RollupMark.objects.all().delete()

    second = undone(owner, second)

    assert second.status == BatchStatus.UNDONE
    assert all_rows(first.dataset) == before
    assert ReplacedObservation.objects.filter(restored_at=None).exclude(batch_id=F("replaced_by_id")).count() == 0
    assert Dataset.objects.get().row_count == 3
    assert marks() == [datetime(2024, 6, 15, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC)]
    assert DomainEvent.objects.filter(name="metrics.batch_undone").count() == 1
    assert not run_import(scope.pk, second.pk)


def test_m5_undo_of_the_only_batch_leaves_an_empty_dataset(scope: Organization, owner: Actor) -> None:
    batch = undone(owner, imported(owner, scope, ORDERS))

    dataset = Dataset.objects.get()
    assert all_rows(dataset) == []
    assert (dataset.row_count, dataset.first_at, batch.status) == (0, None, BatchStatus.UNDONE)


def test_m5_undo_is_refused_where_a_later_batch_built_upon_it(scope: Organization, owner: Actor) -> None:
    first = imported(owner, scope, KEYED)
    second = imported(owner, scope, KEYED.replace("7.50", "8"))
    before = all_rows(first.dataset)

    first = undone(owner, first)

    assert first.status == BatchStatus.DONE
    assert first.error == str(BatchBuiltUpon.message) % {"reference": second.reference}
    assert all_rows(first.dataset) == before
    assert undone(owner, second).status == BatchStatus.UNDONE
    assert undone(owner, first).status == BatchStatus.UNDONE
    assert all_rows(first.dataset) == []


def test_m5_rows_are_removed_by_key_and_come_back_by_undo(scope: Organization, owner: Actor) -> None:
    dataset = imported(owner, scope, KEYED).dataset
    before = all_rows(dataset)
    RollupMark.objects.all().delete()

    batch = take_out(dataset, actor=owner, row_keys=["1", "3", "no such row"])

    assert batch.rows_updated == 2
    assert [row[5] for row in all_rows(dataset)] == ["2"]
    assert sorted(ReplacedObservation.objects.values_list("row_key", flat=True)) == ["1", "3"]
    assert Dataset.objects.get().row_count == 1
    assert marks() == [datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 6, 15, tzinfo=UTC)]
    assert take_out(dataset, actor=owner, row_keys=["1"]).rows_updated == 0
    assert undone(owner, batch).status == BatchStatus.UNDONE
    assert all_rows(dataset) == before


def test_m5_key_that_comes_again_in_the_file_counts_once_and_is_told(scope: Organization, owner: Actor) -> None:
    def by_id(plan: dict) -> None:
        for column in plan["mapping"]["columns"]:
            if column["name"] == "Row ID":
                column["role"] = "key"

    batch = imported(owner, scope, KEYED + "1,2024-05-01,Tea,11\n", by_id)

    assert (batch.rows_created, batch.facts["superseded"]) == (3, 1)
    assert column_of(batch.dataset, "sales") == [11, Decimal("5.25"), Decimal("7.50")]


def test_m5_remembered_mapping_wins_over_the_guess(scope: Organization, owner: Actor) -> None:
    def rename(plan: dict) -> None:
        plan["dataset"] |= {"key": "shop", "name": "Shop"}
        plan["mapping"]["columns"][1] |= {"key": "land", "label": "Land"}
        plan["names_zh"] = {"land": "国家"}

    imported(owner, scope, ORDERS, rename)

    again = send(owner, scope, ORDERS + "2024-03-03,Italy,1,1\n", name="other.csv")

    assert ImportMapping.objects.get().signature == again.signature
    assert again.plan["dataset"]["key"] == "shop"
    assert again.plan["mapping"]["columns"][1]["key"] == "land"
    assert again.dataset.columns.get(key="land").name_zh == "国家"


def test_m5_file_for_an_existing_dataset_is_fitted_to_its_columns(scope: Organization, owner: Actor) -> None:
    dataset = imported(owner, scope, KEYED).dataset

    batch = imported(
        owner, scope, "ROW ID,day,Product,SALES,Shop\n7,2024-08-01,Tea,3,North\n8,2024-08-02,Oil,4,\n", dataset=dataset
    )

    assert batch.dataset == dataset
    assert batch.rows_created == 2
    assert column_of(dataset, "shop")[-2:] == ["North", None]
    assert Dataset.objects.count() == 1
    assert DatasetColumn.objects.filter(role="instant").count() == 1


def test_m5_time_that_a_clock_change_skips_is_moved_and_told(scope: Organization, owner: Actor) -> None:
    Organization.objects.filter(pk=scope.pk).update(timezone="Europe/Berlin")

    batch = imported(owner, scope, "Time,Value\n2024-03-31 01:30,1\n2024-03-31 02:30,2\n2024-03-31 03:30,3\n")

    assert batch.facts["shifted"] == 1
    assert [row[1] for row in all_rows(batch.dataset)] == [
        datetime(2024, 3, 31, 0, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
    ]
    assert batch.dataset.is_daily is False


def test_m5_plain_date_is_the_start_of_the_organizations_day(scope: Organization, owner: Actor) -> None:
    Organization.objects.filter(pk=scope.pk).update(timezone="Asia/Shanghai")

    batch = imported(owner, scope, ORDERS)

    assert all_rows(batch.dataset)[0][1] == datetime(2024, 2, 29, 16, tzinfo=UTC)
    assert batch.dataset.is_daily is True


def test_m5_wide_periods_become_rows(scope: Organization, owner: Actor) -> None:
    batch = imported(owner, scope, "Region,2024-01,2024-02,2024-03\nNorth,1,2,3\nSouth,4,,6\n")

    assert (batch.rows_read, batch.rows_created) == (2, 5)
    assert [row[1].month for row in all_rows(batch.dataset)] == [1, 1, 2, 3, 3]
    assert sum(column_of(batch.dataset, "value")) == 16


def test_m5_long_texts_are_refused_by_their_bytes(scope: Organization, owner: Actor) -> None:
    text = "Date,Note,N\n2024-01-01," + "长" * 667 + ",1\n2024-01-02," + "长" * 666 + ",2\n"

    batch = imported(owner, scope, text)

    assert [(r["row"], r["code"]) for r in batch.facts["refusals"]] == [(2, "text_too_many_bytes")]
    assert (batch.rows_created, batch.rows_refused) == (1, 1)
    assert column_of(batch.dataset, "n") == [2]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"<!DOCTYPE html><html><body>Date,A</body></html>", "a web page"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x1f\x8bnothing", "damaged"),
        (b"PK\x03\x04nothing", "damaged"),
    ],
)
def test_m5_what_is_no_table_is_refused_and_leaves_nothing(
    scope: Organization, owner: Actor, content: bytes, sentence: str
) -> None:
    with pytest.raises(BadFile, match=sentence):
        send(owner, scope, content, name="orders.csv")

    assert ImportBatch.objects.count() == Dataset.objects.count() == 0


def test_m5_bad_mapping_names_every_place(scope: Organization, owner: Actor) -> None:
    batch = send(owner, scope, ORDERS)
    plan = batch.plan
    plan["dataset"]["name"] = " "
    plan["mapping"]["columns"][0]["role"] = "dimension"
    plan["derived"] = [{"key": "revenue", "expression": "quantity * price"}]

    with pytest.raises(BadMapping) as caught:
        imports.set_mapping(owner, batch, plan=plan)

    assert [place for place, _ in caught.value.problems] == ["columns", "dataset.name", "derived[0].expression"]
    assert caught.value.problems[2][1].startswith("At character 12: There is nothing named price here.")
    batch.refresh_from_db()
    assert batch.status == BatchStatus.UPLOADED


def test_m5_roles_must_agree_with_the_dataset(scope: Organization, owner: Actor) -> None:
    dataset = imported(owner, scope, ORDERS).dataset
    batch = send(owner, scope, ORDERS, dataset=dataset)
    plan = batch.plan
    plan["mapping"]["columns"][2] |= {"role": "dimension", "type": "text"}
    plan["mapping"]["columns"][1] |= {"role": "key", "type": "text"}

    with pytest.raises(BadMapping) as caught:
        imports.set_mapping(owner, batch, plan=plan)

    assert {place for place, _ in caught.value.problems} == {"columns[1].role", "columns[2].role"}


def test_m5_choosing_none_stores_nothing(scope: Organization, owner: Actor) -> None:
    batch = imports.discard_import(owner, checked(owner, scope, ORDERS))

    assert batch.status == BatchStatus.DISCARDED
    assert Dataset.objects.count() == 0
    with pytest.raises(BatchState):
        imports.load_checked(owner, batch)


def test_m5_an_undo_that_fails_leaves_the_import_loaded(scope: Organization, owner: Actor) -> None:
    loader = make_actor("owner")
    batch = imported(loader, scope, ORDERS)
    Member.objects.filter(pk=loader.member_id).update(is_active=False)
    clerk = make_actor("owner")
    imports.undo_import(clerk, batch)
    Member.objects.filter(pk=clerk.member_id).update(is_active=False)

    batch = ran(batch)

    assert (batch.status, batch.error) == (BatchStatus.DONE, "Who started this import is no longer a member.")
    assert Dataset.objects.get().row_count == 3
    assert undone(owner, batch).status == BatchStatus.UNDONE
    assert Dataset.objects.get().row_count == 0


def test_m5_an_undo_that_kills_its_workers_leaves_the_import_loaded(scope: Organization, owner: Actor) -> None:
    batch = imported(owner, scope, ORDERS)
    imports.undo_import(owner, batch)
    ImportBatch.objects.update(facts={**batch.facts, "attempts": 5})

    batch = ran(batch)

    assert batch.status == BatchStatus.DONE
    assert batch.error.startswith("The import was interrupted several times.")


def test_m5_every_step_run_twice_is_done_once(scope: Organization, owner: Actor) -> None:
    batch = send(owner, scope, ORDERS)
    imports.set_mapping(owner, batch, plan=batch.plan)
    assert [run_import(scope.pk, batch.pk), run_import(scope.pk, batch.pk)] == [True, False]
    with pytest.raises(BatchState):
        imports.set_mapping(owner, imports.load_checked(owner, batch), plan=batch.plan)
    assert [run_import(scope.pk, batch.pk), run_import(scope.pk, batch.pk)] == [True, False]
    imports.undo_import(owner, batch)
    with pytest.raises(BatchState):
        imports.undo_import(owner, batch)
    assert [run_import(scope.pk, batch.pk), run_import(scope.pk, batch.pk)] == [True, False]


def test_m5_running_import_is_left_to_its_worker_until_the_lease_ends(scope: Organization, owner: Actor) -> None:
    batch = send(owner, scope, ORDERS)
    imports.set_mapping(owner, batch, plan=batch.plan, is_held=True)

    assert run_import(scope.pk, batch.pk) is False
    ImportBatch.objects.filter(pk=batch.pk).update(lease_until=timezone.now())
    assert ran(batch).status == BatchStatus.CHECKED


def test_m5_import_that_kills_its_workers_is_given_up(scope: Organization, owner: Actor) -> None:
    batch = send(owner, scope, ORDERS)
    batch = imports.set_mapping(owner, batch, plan=batch.plan)
    batch.facts["attempts"] = 5
    batch.save()

    assert ran(batch).status == BatchStatus.FAILED
    assert "interrupted" in batch.error


def test_m5_worker_asks_for_the_present_right_of_who_started(scope: Organization) -> None:
    member = make_member("manager")
    batch = checked(actor_of(member), scope, ORDERS)
    imports.load_checked(actor_of(member), batch)
    Member.objects.filter(pk=member.pk).update(is_active=False)

    batch = ran(batch)

    assert (batch.status, batch.error) == (BatchStatus.FAILED, "Who started this import is no longer a member.")
    assert all_rows(batch.dataset) == []


def test_m5_staff_and_auditor_may_not_import(scope: Organization, owner: Actor) -> None:
    batch = checked(owner, scope, ORDERS)

    for role, error in (("staff", NotVisible), ("auditor", NotAllowed)):
        with pytest.raises(NotAllowed):
            send(make_actor(role), scope, ORDERS)
        with pytest.raises(error):
            imports.load_checked(make_actor(role), batch)

    assert Dataset.objects.count() == 0
    assert ImportBatch.objects.count() == 1


def test_m5_plan_survives_json(scope: Organization, owner: Actor) -> None:
    batch = send(owner, scope, ORDERS)

    assert json.loads(json.dumps(batch.plan)) == batch.plan
