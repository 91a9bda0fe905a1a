"""A report from the sweep to the mailbox, through the real queue and a real worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from automation.choices import MailStatus
from automation.models import ReportMail, ReportSchedule
from automation.queries.due import due_runs, due_schedules
from automation.services import reports
from organization.models import Organization
from organization.tenancy import tenant_transaction
from tests.automation.conftest import Mailbox, make_dashboard
from tests.factories import make_actor, make_member

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"]), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60


def address(role: str) -> str:
    """The test database as one of the roles of production."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    login = parts.netloc.replace(parts.username or "", role, 1)
    return urlunsplit(parts._replace(netloc=login, path=f"/{settings.DATABASES['default']['NAME']}"))


@pytest.fixture
def worker(mailbox: Mailbox) -> Iterator[Any]:
    """A Celery worker under the roles of production, which sends mail to the mailbox."""
    command = [
        sys.executable, "-m", "celery", "--quiet", "--app", "ops_platform", "worker", "--queues", "events,reports",
        "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "CRITICAL",
    ]  # fmt: skip
    environment = os.environ | {
        "DATABASE_URL": address(settings.DATABASE_APP_ROLE),
        "DISPATCHER_DATABASE_URL": address(settings.DATABASE_DISPATCHER_ROLE),
        "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "SITE_URL": "https://ops.example.org",
    }
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    yield process
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_report_that_is_due_reaches_its_reader_through_queue_worker_and_mail_server(
    organization: Organization, mailbox: Mailbox, worker: Any
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
