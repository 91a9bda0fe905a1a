"""From an address and a secret to rows on a page: a webhook as its administrator and its sender meet it."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import expect

from metrics.engine.signatures import sign

pytestmark = pytest.mark.browser
EXAMPLE = [{"id": "A-1", "paid_at": "2026-01-20T10:00:00Z", "amount": "19.90", "customer": {"country": "France"}}]


def send(address: str, secret: str, body: Any) -> dict[str, Any]:
    """A delivery over HTTP, as another system makes it."""
    raw, now = json.dumps(body).encode(), str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "webhook-id": "msg_journey",
        "webhook-timestamp": now,
        "webhook-signature": sign(secret, "msg_journey", now, raw),
    }
    request = urllib.request.Request(address, raw, headers)  # our own server
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_m5_a_webhook_is_set_up_called_and_its_refused_row_is_found(visitor: Any) -> None:
    admin = visitor("admin")
    page = admin.page

    page.goto("/metrics/sources/")
    page.get_by_role("link", name="New webhook").first.click()
    page.get_by_label("Name", exact=True).fill("Journey")
    page.get_by_label("An example of what is sent").fill(json.dumps(EXAMPLE))
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator("main pre")).to_have_count(2)
    address, secret = (text.strip() for text in page.locator("main pre").all_inner_texts())
    faults = admin.violations()
    page.get_by_role("link", name="I have kept it").click()
    faults += admin.violations()
    page.get_by_role("button", name="Take rows like this").click()
    page.get_by_role("heading", name="Newest deliveries").wait_for()

    told = send(address, secret, [*EXAMPLE, {"id": "A-2", "paid_at": "soon", "amount": 1}])
    page.reload()
    faults += admin.violations()
    page.get_by_role("link", name="msg_journey").click()
    page.get_by_role("heading", name="Refused rows").wait_for()

    assert (told["created"], told["refused"]) == (1, 1)
    assert "/paid_at" in page.locator("main").inner_text()
    with page.expect_download() as file:
        page.get_by_role("link", name="Refused rows as a file").click()
    assert '""A-2""' in file.value.path().read_text(encoding="utf-8")
    assert faults + admin.violations() == []
    page.get_by_role("link", name="Journey").click()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove for good").click()
    page.get_by_text("The source is removed.").wait_for()
