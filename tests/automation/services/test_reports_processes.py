"""A report from the sweep to the mailbox, through the real queue and a real worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from automation.choices import MailStatus
from automation.models import ReportMail, ReportSchedule
from automation.queries.due import due_runs, due_schedules
from automation.services import reports
from organization.models import Organization
from organization.tenancy import tenant_transaction
from tests.automation.conftest import make_dashboard
from tests.factories import make_actor, make_member
from tests.organization.receiving import Post
from tests.workers import celery_worker

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"]), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60


@pytest.fixture
def worker(mailbox: Post) -> Iterator[Any]:
    """A Celery worker under the roles of production, which sends mail to the mailbox."""
    mail, site = f"smtp://127.0.0.1:{mailbox.port}", "https://ops.example.org"
    with celery_worker("events,reports", EMAIL_URL=mail, SITE_URL=site) as process:
        yield process


def test_a_report_that_is_due_reaches_its_reader_through_queue_worker_and_mail_server(
    organization: Organization, mailbox: Post, worker: Any
) -> None:
    with tenant_transaction(organization.pk):
        owner, reader = make_actor("owner"), make_member("manager")
        email = reader.user.email
        dashboard = make_dashboard(owner, organization)
        schedule = reports.create_report(
            owner, organization, dashboard=dashboard, members=[reader], name="Daily numbers", rhythm="daily"
        )
    assert (due_schedules(), due_runs()) == ([], [])
    with tenant_transaction(organization.pk):
        ReportSchedule.objects.filter(pk=schedule.pk).update(next_run_at=timezone.now() - timedelta(seconds=1))
    assert due_schedules() == [(organization.pk, schedule.pk)]

    for _ in range(2):
        current_app.send_task("automation.sweep_reports")
    until = time.monotonic() + PATIENCE
    while _status(organization) != MailStatus.SENT and time.monotonic() < until:
        time.sleep(0.2)

    assert [mail["To"] for mail in mailbox.mails] == [email]
    assert (due_schedules(), due_runs()) == ([], [])


def _status(organization: Organization) -> str:
    with tenant_transaction(organization.pk):
        return ReportMail.objects.values_list("status", flat=True).first() or ""
