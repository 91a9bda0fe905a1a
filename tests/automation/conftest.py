"""A mail server, and a dashboard to send."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from metrics.models import Dashboard
from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.access import Actor
from organization.models import Organization
from tests.metrics.helpers import make_shop, order, recompute


class Mailbox:
    """What arrived, by whichever process sent it. refuses: addresses whose mail the server turns away."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses: set[str] = set()
        self.port = 0

    async def handle_RCPT(  # the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(email.message_from_bytes(envelope.content or b"", policy=email.policy.default))  # type: ignore[arg-type,attr-defined]
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A real SMTP server on this machine, to which the platform sends."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    box.port = controller.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.SITE_URL = "https://ops.example.org"
    yield box
    controller.stop()


@pytest.fixture
def dashboard(owner: Actor, scope: Organization) -> Dashboard:
    """Revenue of two days as a line, on a dashboard."""
    return make_dashboard(owner, scope)


def make_dashboard(owner: Actor, scope: Organization) -> Dashboard:
    """The same, in the open organization."""
    rows = [order(1, "2026-03-09", 100, "France"), order(2, "2026-03-10", 250, "Spain")]
    dataset, kpi = make_shop(owner, scope, rows, name="Revenue", name_zh="销售收入", key="revenue")
    recompute(dataset)
    return create_dashboard(owner, scope, name="Overview", name_zh="经营总览", panels=[PanelSpec(kpi)])
