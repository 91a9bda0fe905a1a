"""A mail server, and a dashboard to send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from metrics.models import Dashboard
from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.access import Actor
from organization.models import Organization
from tests.metrics.helpers import make_shop, order, recompute
from tests.organization.receiving import Post, mail_server


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Post]:
    """A real SMTP server on this machine, to which the platform sends."""
    with mail_server() as post:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        settings.SITE_URL = "https://ops.example.org"
        yield post


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
