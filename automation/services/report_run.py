"""The worker's side of a report: begin a run when it is due, and send each reader their own copy.

due schedule -> a run with a copy for each reader, in one transaction -> for each copy: make the PDF by the reader's
present rights, close the transaction, send, note what came of it

A copy that was sent right before its worker died is sent again under the same Message-ID; none is left out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from automation.choices import MailStatus
from automation.events import REPORT_FAILED, REPORT_SENT
from automation.models import ReportMail, ReportRun, ReportSchedule
from automation.queries.reports import is_due, readers_of
from automation.services.report_mail import report_mail
from automation.services.reports import next_slot
from organization.access import system_actor
from organization.queries.letters import Letter
from organization.queue import enqueue
from organization.services import events
from organization.tenancy import tenant_transaction

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 6
FIRST_WAIT = timedelta(minutes=2)
LATEST = timedelta(hours=24)  # what is older than this when a worker comes back is not news any more
WHY = "scheduled reports"


def begin_run(organization_id: int, schedule_id: int) -> bool:
    """Make the run of a schedule that is due, and set its next time. False when it is not due (any more)."""
    now = timezone.now()
    with tenant_transaction(organization_id):
        rows = ReportSchedule.objects.select_for_update(of=("self",), skip_locked=True).select_related("organization")
        schedule = rows.filter(pk=schedule_id).first()
        if schedule is None or not is_due(schedule, now):
            return False
        slot = schedule.next_run_at
        assert slot is not None  # it is due
        schedule.next_run_at = next_slot(schedule, schedule.organization.timezone, now)
        schedule.save(update_fields=["next_run_at"])
        if now - slot > LATEST:
            log.info("report.skipped", schedule=schedule.pk, slot=slot.isoformat())
            return False
        run, is_new = ReportRun.objects.get_or_create(schedule=schedule, slot=slot)
        if is_new:
            enqueue("automation.send_report", organization_id=organization_id, run_id=run.pk)
    return True


def send_run(organization_id: int, run_id: int) -> int:
    """Send the copies of a run that wait and are due; how many went out. 0 when another worker is at it."""
    if not _claim(organization_id, run_id):
        return 0
    sent = 0
    try:
        for mail_id in _waiting(organization_id, run_id):
            sent += _send(organization_id, mail_id)
    finally:
        _settle(organization_id, run_id)
    return sent


def _claim(organization_id: int, run_id: int) -> bool:
    """Lease the run; the first time, give each reader a copy."""
    now = timezone.now()
    with tenant_transaction(organization_id):
        free = ReportRun.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=run_id, due_at__lte=now)
        run = free.select_for_update(of=("self",), skip_locked=True).select_related("schedule").first()
        if run is None:
            return False
        run.lease_until = now + LEASE
        run.save(update_fields=["lease_until"])
        if not run.mails.exists():
            ReportMail.objects.bulk_create(
                [ReportMail(run=run, member=member) for member in readers_of(run.schedule)], ignore_conflicts=True
            )
    return True


def _waiting(organization_id: int, run_id: int) -> list[int]:
    with tenant_transaction(organization_id):
        waiting = ReportMail.objects.filter(run=run_id, status=MailStatus.WAITING)
        return list(waiting.order_by("pk").values_list("pk", flat=True))


def _send(organization_id: int, mail_id: int) -> bool:
    """Make, send and note one copy. What cannot be sent now is tried again later, by the run."""
    with tenant_transaction(organization_id):
        found = report_mail(mail_id, as_of=timezone.now())
        if found is None:
            ReportMail.objects.filter(pk=mail_id).update(status=MailStatus.REFUSED)
            return False
    problem = _deliver(found)
    with tenant_transaction(organization_id):
        mail = ReportMail.objects.select_for_update(of=("self",)).get(pk=mail_id)
        mail.attempts += 1
        mail.problem = problem[:300]
        if not problem:
            mail.status, mail.sent_at = MailStatus.SENT, timezone.now()
        elif mail.attempts >= MOST_ATTEMPTS:
            mail.status = MailStatus.FAILED
        mail.save()
    return not problem


def _deliver(mail: Letter) -> str:
    """Why it did not go out; "" when it did."""
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        log.warning("report.mail_failed", error=str(error))
        with translation.override(settings.LANGUAGE_CODE):
            return _("The mail server did not take it: %(reason)s") % {"reason": str(error) or type(error).__name__}
    return ""


def _settle(organization_id: int, run_id: int) -> None:
    """Give the run back: done, or due again after a wait that doubles."""
    with tenant_transaction(organization_id):
        run = ReportRun.objects.select_for_update(of=("self",)).select_related("schedule").get(pk=run_id)
        waiting = run.mails.filter(status=MailStatus.WAITING)
        run.lease_until = None
        run.due_at = _next_try(waiting.order_by("attempts").values_list("attempts", flat=True).first())
        run.save(update_fields=["lease_until", "due_at"])
        if run.due_at is None:
            has_failed = run.mails.filter(status=MailStatus.FAILED).exists()
            actor = system_actor(organization_id, WHY)
            events.emit(actor, REPORT_FAILED if has_failed else REPORT_SENT, run.schedule, run=run.pk)


def _next_try(attempts: int | None) -> datetime | None:
    return None if attempts is None else timezone.now() + FIRST_WAIT * 2**attempts
