"""Reports that go out by mail: when, to whom, with what, and what happens when they cannot."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pypdf import PdfReader

from automation.choices import MailStatus
from automation.errors import NoReaders, SendingAlready
from automation.models import ReportMail, ReportRun, ReportSchedule
from automation.services import reports
from automation.services.report_run import MOST_ATTEMPTS, begin_run, send_run
from metrics.models import Dashboard
from organization.access import Actor
from organization.errors import NotVisible, StateConflict
from organization.models import AuditEntry, Department, Member, Organization, Role
from organization.services.departments import create_department
from tests.factories import make_actor, make_member
from tests.organization.receiving import Post

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def scheduled(
    owner: Actor, scope: Organization, dashboard: Dashboard, *members: Member, **values: Any
) -> ReportSchedule:
    facts = {"name": "Weekly numbers", "rhythm": "weekly", "weekday": 0, "at": time(8)} | values
    return reports.create_report(owner, scope, dashboard=dashboard, members=members, **facts)


def due(schedule: ReportSchedule, when: datetime = NOW) -> ReportSchedule:
    ReportSchedule.objects.filter(pk=schedule.pk).update(next_run_at=when)
    schedule.refresh_from_db()
    return schedule


def ran(schedule: ReportSchedule) -> ReportRun:
    """Begin and send what is due, as the worker does."""
    assert begin_run(schedule.organization_id, schedule.pk)
    run = ReportRun.objects.get(schedule=schedule)
    send_run(schedule.organization_id, run.pk)
    run.refresh_from_db()
    return run


def pdf_text(mail: Any) -> str:
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(attached.get_content())).pages)


def test_a_report_goes_out_to_each_reader_in_their_language(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post
) -> None:
    english, chinese = make_member("manager"), make_member("manager")
    chinese.user.language = "zh-hans"
    chinese.user.save()
    schedule = due(scheduled(owner, scope, dashboard, english, chinese, period="last-7-days"))

    run = ran(schedule)

    (first,), (second,) = mailbox.to(english.user.email), mailbox.to(chinese.user.email)
    assert {mail.status for mail in run.mails.all()} == {MailStatus.SENT}
    assert run.due_at is None
    assert "Weekly numbers" in first["Subject"]
    assert "Revenue: 250" in first.get_body(["plain"]).get_content()
    assert f"https://ops.example.org/metrics/dashboards/{dashboard.pk}/" in first.get_body(["plain"]).get_content()
    html = first.get_body(["html"]).get_content()
    assert "<h1>Weekly numbers" in html
    assert '<tr><th scope="row">Revenue</th><td>250' in html
    assert "Overview" in pdf_text(first)
    assert "Revenue" in pdf_text(first)
    assert "经营总览" in pdf_text(second)
    assert "销售收入" in pdf_text(second)
    assert first["Message-ID"] != second["Message-ID"]


def test_the_next_time_is_set_when_it_begins_and_the_same_slot_runs_once(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post
) -> None:
    schedule = due(scheduled(owner, scope, dashboard, make_member("manager")))

    assert begin_run(scope.pk, schedule.pk)
    assert not begin_run(scope.pk, schedule.pk)
    run = ReportRun.objects.get()
    assert send_run(scope.pk, run.pk) == 1
    assert send_run(scope.pk, run.pk) == 0

    schedule.refresh_from_db()
    assert schedule.next_run_at == datetime(2026, 3, 16, 8, tzinfo=UTC)
    assert len(mailbox.mails) == 1


def test_a_reader_gets_only_what_they_may_see_at_that_time(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post
) -> None:
    outsider, staff, gone = make_member(None), make_member("staff"), make_member("manager")
    schedule = due(scheduled(owner, scope, dashboard, outsider, staff, gone))
    Member.objects.filter(pk=gone.pk).update(is_active=False)

    run = ran(schedule)

    states = {mail.member_id: mail.status for mail in run.mails.all()}
    assert states == {outsider.pk: MailStatus.REFUSED, staff.pk: MailStatus.SENT}
    assert mailbox.to(outsider.user.email) == mailbox.to(gone.user.email) == []
    # Staff see KPIs of their department alone: the dashboard comes, its number does not
    (mail,) = mailbox.to(staff.user.email)
    assert "250" not in mail.get_body().get_content()
    assert "Revenue" not in pdf_text(mail)


def test_a_role_is_whoever_bears_it_on_the_day(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post
) -> None:
    schedule = due(scheduled(owner, scope, dashboard, roles=[Role.objects.get(key="manager")]))
    bearer = make_member("manager")

    ran(schedule)

    assert [mail["To"] for mail in mailbox.mails] == [bearer.user.email]


def test_what_the_mail_server_refuses_is_tried_again_and_given_up_after_six_times(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post, _clock: Any
) -> None:
    reader, other = make_member("manager"), make_member("manager")
    mailbox.refuses.add(reader.user.email)
    run = ran(due(scheduled(owner, scope, dashboard, reader, other)))

    for _ in range(MOST_ATTEMPTS - 1):
        assert run.due_at is not None
        assert run.due_at > timezone.now()
        assert send_run(scope.pk, run.pk) == 0
        _clock.move_to(run.due_at)
        send_run(scope.pk, run.pk)
        run.refresh_from_db()

    copy = ReportMail.objects.get(member=reader)
    assert (copy.status, copy.attempts, run.due_at) == (MailStatus.FAILED, MOST_ATTEMPTS, None)
    assert "no such mailbox" in copy.problem
    assert len(mailbox.to(other.user.email)) == 1


def test_a_mail_server_that_is_away_loses_nothing(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post, settings: Any, _clock: Any
) -> None:
    settings.EMAIL_PORT, port = 9, settings.EMAIL_PORT
    run = ran(due(scheduled(owner, scope, dashboard, make_member("manager"))))
    assert mailbox.mails == []

    settings.EMAIL_PORT = port
    _clock.move_to(run.due_at)
    assert send_run(scope.pk, run.pk) == 1


def test_a_worker_that_died_leaves_a_lease_that_ends(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post, _clock: Any
) -> None:
    schedule = due(scheduled(owner, scope, dashboard, make_member("manager")))
    begin_run(scope.pk, schedule.pk)
    run = ReportRun.objects.get()
    ReportRun.objects.update(lease_until=NOW + timedelta(minutes=10))

    assert send_run(scope.pk, run.pk) == 0
    _clock.move_to(NOW + timedelta(minutes=11))
    assert send_run(scope.pk, run.pk) == 1


def test_a_report_from_the_day_before_yesterday_is_no_news(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post
) -> None:
    schedule = due(scheduled(owner, scope, dashboard, make_member("manager")), NOW - timedelta(days=2))

    assert not begin_run(scope.pk, schedule.pk)

    schedule.refresh_from_db()
    assert ReportRun.objects.count() == 0
    assert schedule.next_run_at is not None
    assert schedule.next_run_at > NOW


def test_pausing_and_resuming_sets_the_next_time(owner: Actor, scope: Organization, dashboard: Dashboard) -> None:
    schedule = scheduled(owner, scope, dashboard, make_member("manager"))

    assert reports.pause_report(owner, schedule, is_enabled=False).next_run_at is None
    assert not begin_run(scope.pk, schedule.pk)
    assert reports.pause_report(owner, schedule, is_enabled=True).next_run_at == datetime(2026, 3, 16, 8, tzinfo=UTC)
    entries = AuditEntry.objects.filter(verb__startswith="automation.").order_by("pk")
    verbs = list(entries.values_list("verb", flat=True))
    assert verbs == ["automation.report.created", "automation.report.paused", "automation.report.resumed"]


def test_sending_now_runs_beside_the_rhythm_once_a_minute(
    owner: Actor, scope: Organization, dashboard: Dashboard, mailbox: Post
) -> None:
    schedule = scheduled(owner, scope, dashboard, make_member("manager"))

    run = reports.send_report_now(owner, schedule)
    with pytest.raises(SendingAlready):
        reports.send_report_now(owner, schedule)

    assert send_run(scope.pk, run.pk) == 1
    assert ReportRun.objects.count() == 1
    assert run.asked_by_id == owner.member_id


def test_a_report_needs_readers_and_a_dashboard_that_its_maker_sees(
    owner: Actor, scope: Organization, dashboard: Dashboard
) -> None:
    with pytest.raises(NoReaders):
        scheduled(owner, scope, dashboard)

    east = create_department(owner, scope, name="East", code="E")
    hers = make_actor("manager")
    Dashboard.objects.filter(pk=dashboard.pk).update(department=east)
    narrowed = narrowed_to(hers, Department.objects.get(pk=east.pk))
    with pytest.raises(NotVisible):
        scheduled(narrowed, scope, Dashboard.objects.get(pk=dashboard.pk), make_member("manager"))
    assert ReportSchedule.objects.count() == 0


def narrowed_to(actor: Actor, department: Department) -> Actor:
    """The actor with the right to schedule, and to no dashboard at all."""
    grants = {code: held for code, held in actor.grants.items() if not code.startswith("metrics.dashboard")}
    return Actor(
        kind=actor.kind,
        organization_id=actor.organization_id,
        member_id=actor.member_id,
        grants=grants,
        name=actor.name,
    )


def test_two_editors_do_not_overwrite_each_other(owner: Actor, scope: Organization, dashboard: Dashboard) -> None:
    reader = make_member("manager")
    schedule = scheduled(owner, scope, dashboard, reader)
    facts = {"dashboard": dashboard, "members": [reader], "name": "A", "rhythm": "daily"}

    reports.change_report(owner, schedule, version=1, **facts)
    with pytest.raises(StateConflict):
        reports.change_report(owner, schedule, version=1, **facts | {"name": "B"})

    schedule.refresh_from_db()
    assert (schedule.name, schedule.next_run_at) == ("A", datetime(2026, 3, 12, 8, tzinfo=UTC))
