"""A notice from its transaction to mailbox and chat, through the real queue and a real worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app

from organization.access import system_actor
from organization.choices import Fate
from organization.models import NoticeDelivery, NoticePreference, Organization
from organization.services import chat_bots, notices
from organization.tenancy import tenant_transaction
from tests.factories import make_member
from tests.organization.receiving import Chat, Post, chat_server, mail_server
from tests.workers import celery_worker

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"]), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90
KIND = "organization.work_given"


@pytest.fixture
def servers() -> Iterator[tuple[Chat, Post]]:
    with chat_server() as chat, mail_server() as post:
        yield chat, post


@pytest.fixture
def worker(servers: tuple[Chat, Post]) -> Iterator[Any]:
    """A Celery worker under the roles of production that reaches both servers."""
    chat, post = servers
    mail = f"smtp://127.0.0.1:{post.port}"
    with celery_worker("events", EMAIL_URL=mail, OPS_OUTBOUND_TEST_ADDRESSES=chat.address) as process:
        yield process


def test_o7_a_bot_that_fails_is_replaced_by_mail_through_queue_and_worker(
    organization: Organization, servers: tuple[Chat, Post], worker: Any
) -> None:
    chat, post = servers
    chat.answers = [(200, b'{"errcode":0}', {}), (200, b'{"errcode":93000,"errmsg":"gone"}', {})]
    system = system_actor(organization.pk, "test")
    with tenant_transaction(organization.pk):
        chat_bots.add_bot(system, organization, name="Group", provider="wecom", url=chat.url)
        member = make_member("staff")
        NoticePreference.objects.create(member=member, channels={KIND: ["chat"]})
    for work in ("first", "second"):
        with tenant_transaction(organization.pk):
            facts = {"work": work}
            notices.tell(system, kind=KIND, recipients=[member], subject=member, facts=facts)
        _until(organization, work)

    assert "first" in chat.got[0].body.decode()
    assert [mail["To"] for mail in post.mails if "second" in mail["Subject"]] == [member.user.email]


def _until(organization: Organization, work: str) -> None:
    """Wait for the worker: the relay is asked again and again, as beat does."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        current_app.send_task("organization.relay")
        with tenant_transaction(organization.pk):
            fates = set(NoticeDelivery.objects.filter(carried__notice__facts__work=work).values_list("fate", flat=True))
        if fates and Fate.WAITING not in fates:
            return
        time.sleep(0.5)
    raise AssertionError(fates)
