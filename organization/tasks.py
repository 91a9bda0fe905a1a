"""Background work of floor 0."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import current_app, shared_task
from django.utils import timezone

from organization.mails import invitation_mail, send_notice_mail
from organization.models import Heartbeat
from organization.queries.organizations import organization_ids
from organization.services import (
    idempotency,
    invitations,
    notice_outbox,
    outbox,
    reminders,
    retention,
    sessions,
    sign_in,
)
from organization.tenancy import tenant_transaction


@shared_task(name="organization.relay", time_limit=60, soft_time_limit=50)
def relay() -> None:
    """Hand leased deliveries to tasks, one an organization.

    Idempotent: the lease decides who works; what is claimed but never delivered comes back when the lease ends.
    """
    Heartbeat.objects.update_or_create(name="beat", defaults={"beat_at": timezone.now()})
    token, claimed = outbox.claim()
    for organization_id, delivery_ids in claimed.items():
        current_app.send_task(
            "organization.deliver",
            kwargs={"organization_id": organization_id, "delivery_ids": delivery_ids, "token": str(token)},
        )
    token, claimed = notice_outbox.claim()
    for organization_id, delivery_ids in claimed.items():
        current_app.send_task(
            "organization.carry_notices",
            kwargs={"organization_id": organization_id, "delivery_ids": delivery_ids, "token": str(token)},
        )


@shared_task(name="organization.carry_notices", time_limit=110, soft_time_limit=100)
def carry_notices(*, organization_id: int, delivery_ids: list[int], token: str) -> None:
    """Send leased mails and posts of notices. Idempotent but for a crash between sending and noting it: then twice."""
    for delivery_id in delivery_ids:
        notice_outbox.carry(organization_id, delivery_id, UUID(token), send_mail=send_notice_mail)


@shared_task(name="organization.sweep_reminders", time_limit=60, soft_time_limit=50)
def sweep_reminders() -> None:
    """Have each organization's reminders looked at. Idempotent: what is due is decided by their rows."""
    for organization_id in organization_ids():
        current_app.send_task("organization.remind", kwargs={"organization_id": organization_id})


@shared_task(name="organization.remind", time_limit=300, soft_time_limit=280)
def remind(*, organization_id: int) -> None:
    """Reminders and summaries that are due now. Idempotent: notices have dedupe keys, summaries their slot."""
    with tenant_transaction(organization_id):
        reminders.remind(organization_id, as_of=timezone.now())


@shared_task(name="organization.deliver", time_limit=110, soft_time_limit=100)
def deliver(*, organization_id: int, delivery_ids: list[int], token: str) -> None:
    """Run leased deliveries. Idempotent: a delivery is done once, in the transaction that marks it done."""
    outbox.deliver(organization_id, delivery_ids, UUID(token))


@shared_task(name="organization.forget_keys", time_limit=300)
def forget_keys() -> None:
    """Drop old idempotency keys, failed sign-ins, sessions and addresses. Idempotent: what is gone stays gone."""
    idempotency.forget_old_keys(as_of=timezone.now())
    sign_in.forget_old_failures(as_of=timezone.now())
    sessions.forget_old(as_of=timezone.now())
    retention.forget_old(as_of=timezone.now())


@shared_task(bind=True, name="organization.send_invitation", time_limit=60, soft_time_limit=50, max_retries=4)
def send_invitation(self: Any, *, organization_id: int, invitation_id: int, link_base: str) -> None:
    """Mail the link of an invitation. Idempotent: who claims the row sends, and each mail has a link of its own.

    The text of the link is made here, so that neither row nor message holds it.
    """
    with tenant_transaction(organization_id):
        mail = invitations.prepare_mail(invitation_id, as_of=timezone.now())
        message = invitation_mail(mail, link_base=link_base) if mail else None
    if mail is None or message is None:
        return
    try:
        message.send()
    except OSError as error:  # smtplib's errors are OSErrors
        with tenant_transaction(organization_id):
            invitations.note_failure(mail, problem=type(error).__name__)
        raise self.retry(exc=error, countdown=30 * 4**self.request.retries) from error
    with tenant_transaction(organization_id):
        invitations.note_sent(mail, as_of=timezone.now())
