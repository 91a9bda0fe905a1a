"""Actions on more rows than a request may take: a worker does them, killed or not, and tells what became of each row."""

from __future__ import annotations

import csv
import io
import os
import signal
from collections.abc import Callable

import pytest
from celery import current_app
from django.db import transaction
from django.test import Client

from organization.choices import JobStatus
from organization.models import (
    AuditEntry,
    BulkRun,
    DomainEvent,
    EventDelivery,
    Member,
    Notice,
    Organization,
    RoleAssignment,
)
from organization.services import bulk_runs
from organization.tenancy import tenant_context, tenant_transaction
from organization.views import bulk_runs as doors
from organization.views import lists
from tests.factories import make_member
from tests.workers import celery_worker, wait_for

LIST = "/organization/members/"
SWITCH_OFF = {"act": "is_active-0", "everything": "1"}


@pytest.fixture
def people(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> list[Member]:
    """Five workers, in an organization where two rows are many; a worker takes two at a time."""
    monkeypatch.setattr(lists, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(bulk_runs, "AT_A_TIME", 2)
    with tenant_context(organization.pk):
        return [make_member(None, name=f"Worker {letter}") for letter in "ABCDE"]


def asked(client: Client, **facts: object) -> int:
    """The number of the run that the person was sent to."""
    answer = client.post(f"{LIST}?q=worker", SWITCH_OFF | {"sure": "1"} | facts)
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].strip("/").rpartition("/")[2])


def work_off(organization: Organization, number: int) -> bool:
    return bulk_runs.work_off(organization.pk, number, doors.prepared)


def active(organization: Organization, people: list[Member]) -> int:
    with tenant_context(organization.pk):
        return Member.objects.filter(pk__in=[one.pk for one in people], is_active=True).count()


def test_o7_all_that_match_is_a_second_step_that_says_the_number_and_changes_nothing(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    html = sign_in("admin").post(f"{LIST}?q=worker", SWITCH_OFF).content.decode()

    assert "All 5 rows that match" in html
    assert "in the background" in html
    assert active(organization, people) == 5
    with tenant_context(organization.pk):
        assert not BulkRun.objects.exists()


def test_o7_beyond_what_a_request_bears_a_worker_does_it_and_tells(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    client = sign_in("admin")
    number = asked(client)
    waiting = client.get(f"/changes/{number}/").content.decode()

    assert active(organization, people) == 5
    assert work_off(organization, number) is False

    html = client.get(f"/changes/{number}/").content.decode()
    assert f'hx-get="/changes/{number}/progress/"' in waiting
    assert "hx-get" not in html.partition("<main")[2].partition("</main")[0]
    assert active(organization, people) == 0
    with tenant_context(organization.pk):
        run = BulkRun.objects.get(pk=number)
        assert (run.status, run.changed, run.refusals) == (JobStatus.DONE, 5, [])
        [notice] = Notice.objects.filter(kind="organization.bulk_ended")
        assert notice.url == f"/changes/{number}/"
    assert client.get(f"/changes/{number}/progress/", headers={"HX-Request": "true"})["HX-Redirect"] == (
        f"/changes/{number}/"
    )


def test_o7_the_list_tells_of_the_change_until_it_is_over(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    client, colleague = sign_in("admin"), sign_in("admin")
    number = asked(client)
    link = f'href="/changes/{number}/">See how far it is</a>'

    assert link in client.get(f"{LIST}?view=all").content.decode()
    assert link not in client.get("/organization/departments/?view=all").content.decode()
    assert link not in colleague.get(f"{LIST}?view=all").content.decode()
    work_off(organization, number)

    assert link not in client.get(f"{LIST}?view=all").content.decode()
    assert client.session["changes-asked"] == {}


def test_o7_the_person_menu_and_the_palette_lead_to_large_changes(sign_in: Callable[..., Client]) -> None:
    client = sign_in("staff")

    assert 'class="menu__item" href="/changes/"' in client.get("/changes/").content.decode()
    assert 'href="/changes/"' in client.get("/palette/?q=large").content.decode()


def test_o7_a_worker_killed_in_the_middle_changes_nothing_twice(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    number = asked(sign_in("admin"))

    class Killed(BaseException):
        pass

    def step(dies: bool) -> None:
        with tenant_transaction(organization.pk):
            bulk_runs.do_some(number, doors.prepared, as_of=people[0].created_at)
            if dies:
                raise Killed

    step(dies=False)
    with pytest.raises(Killed):
        step(dies=True)
    with tenant_context(organization.pk):
        assert BulkRun.objects.get(pk=number).position == 2
    assert active(organization, people) == 3
    assert work_off(organization, number) is False
    assert work_off(organization, number) is False

    with tenant_context(organization.pk):
        changes = AuditEntry.objects.filter(verb="organization.member.changed")
        assert sorted(changes.values_list("object_id", flat=True)) == sorted(one.pk for one in people)
        assert BulkRun.objects.get(pk=number).changed == 5


@pytest.mark.processes
@pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
def test_o7_a_killed_process_leaves_each_row_changed_once_or_not_at_all_and_the_next_one_goes_on(
    organization: Organization, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 300
    monkeypatch.setattr(lists, "MOST_AT_ONCE", 2)
    with tenant_transaction(organization.pk):
        people = [make_member(None, name=f"Worker {number}") for number in range(count)]
        admin = make_member("admin", name="Anna")
    number = asked(sign_in(member=admin))
    task = {"organization_id": organization.pk, "run_id": number}

    def position() -> int:
        with tenant_transaction(organization.pk):
            return BulkRun.objects.get(pk=number).position

    with celery_worker("events", OPS_TESTING="") as worker:
        current_app.send_task("ops_platform.run_bulk", kwargs=task, retry=False)
        wait_for(lambda: position() > 0, "some rows are done")
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    half = position()
    with tenant_transaction(organization.pk):
        off = Member.objects.filter(pk__in=[one.pk for one in people], is_active=False).count()
    with celery_worker("events", OPS_TESTING=""):
        current_app.send_task("ops_platform.run_bulk", kwargs=task, retry=False)
        wait_for(lambda: position() == count, "all rows are done")

    assert 0 < half == off < count
    with tenant_transaction(organization.pk):
        changes = AuditEntry.objects.filter(verb="organization.member.changed").values_list("object_id", flat=True)
        assert sorted(changes) == sorted(one.pk for one in people)
        run = BulkRun.objects.get(pk=number)
        assert (run.status, run.changed, run.refusals) == (JobStatus.DONE, count, [])


def test_o7_each_row_asks_the_right_of_that_moment_and_refusals_come_as_a_file(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    with tenant_context(organization.pk):
        boss = make_member("owner", name="Worker Owner")
        sole = make_member("admin", name="Anna")
    client = sign_in(member=sole)
    number = asked(client)
    with tenant_transaction(organization.pk):
        Member.objects.filter(pk=people[0].pk).delete()

    work_off(organization, number)

    with tenant_context(organization.pk):
        run = BulkRun.objects.get(pk=number)
        refused = {number: name for number, name, _reason in run.refusals}
    assert people[0].pk in refused
    assert run.changed + len(refused) == 6
    answer = client.get(f"/changes/{number}/refused/")
    lines = [row for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) if row]
    assert {row[0] for row in lines[-len(refused) :]} == {str(pk) for pk in refused}
    assert boss.pk not in refused or refused[boss.pk] == "Worker Owner"


def test_o7_who_lost_the_right_meanwhile_changes_nothing_more(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    with tenant_context(organization.pk):
        member = make_member("admin", name="Anna")
    number = asked(sign_in(member=member))
    with tenant_transaction(organization.pk):
        RoleAssignment.objects.filter(member=member).delete()

    work_off(organization, number)

    with tenant_context(organization.pk):
        run = BulkRun.objects.get(pk=number)
    assert (run.status, run.position) == (JobStatus.FAILED, 0)
    assert active(organization, people) == 5


def test_o7_a_large_change_is_seen_by_who_asked_for_it_alone(
    organization: Organization, sign_in: Callable[..., Client], people: list[Member]
) -> None:
    number = asked(sign_in("admin"))
    other = sign_in("owner")

    assert [other.get(f"/changes/{number}/{part}").status_code for part in ("", "progress/", "refused/")] == [404] * 3
    assert "Members: Switch off" not in other.get("/changes/").content.decode()


def test_o5_parked_events_are_delivered_again_all_at_once(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk), transaction.atomic():
        event = DomainEvent.objects.create(name="n.happened", subject_type="t", subject_id=1, actor_kind="system")
        for name in ("first", "second", "third"):
            EventDelivery.objects.create(event=event, handler=name, attempts=12, parked_at=event.created_at)
    client = sign_in("admin")
    listed = client.get("/organization/events/").content.decode()

    answer = client.post("/organization/events/", {"act": "retry", "everything": "1", "sure": "1"})

    assert 'name="act" value="retry"' in listed
    assert answer.status_code == 302
    with tenant_context(organization.pk):
        assert set(EventDelivery.objects.values_list("parked_at", "attempts")) == {(None, 0)}
        assert AuditEntry.objects.filter(verb="organization.event.retried").count() == 3
