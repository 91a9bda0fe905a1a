"""An invited person joins with a passkey on a phone, and comes back with it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import AXE, Product

pytestmark = pytest.mark.browser

EMAIL = f"phone{os.getpid()}@sample.example"
LINK = re.compile(r"https?://\S+(/invitations/\S+)")
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def phone(browser: Browser, product: Product) -> Iterator[Page]:
    """A phone with a screen lock, as Chromium's virtual authenticator; passkeys take a name, not 127.0.0.1."""
    context = browser.new_context(
        base_url=product.url.replace("127.0.0.1", "localhost"),
        viewport={"width": 360, "height": 780},
        is_mobile=True,
        has_touch=True,
        locale="en-US",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with_authenticator(context.new_cdp_session(page))
    yield page
    context.close()
    # The last page says that the link was used: with 410, which the console repeats
    assert [text for text in complaints if "410 (Gone)" not in text] == []


def with_authenticator(session: CDPSession) -> None:
    """Give the page a device that makes passkeys and is unlocked at once."""
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})


def mailed_link(mails: Path, email: str) -> str:
    """The path in the newest mail to the address; workers send it."""
    for _ in range(120):
        for file in sorted(mails.glob("*.log"), key=lambda one: one.stat().st_mtime, reverse=True):
            for mail in reversed(file.read_text(encoding="utf-8").split("-" * 79)):
                if f"To: {email}" in mail and (found := LINK.search(mail.replace("=\n", ""))):
                    return found[1]
        time.sleep(0.5)
    raise AssertionError(f"No mail to {email} in {mails}")


def fits(page: Page) -> bool:
    """Whether nothing stands out of the phone's screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def violations(page: Page) -> list[Any]:
    """What axe finds."""
    page.evaluate(AXE)
    return page.evaluate("axe.run().then(found => found.violations.map(one => [one.id, one.nodes[0].html]))")


def test_o4_an_invited_member_signs_in_with_a_passkey_on_a_phone(visitor: Any, phone: Page, product: Product) -> None:
    admin = visitor("admin").page
    admin.goto("/organization/members/")
    admin.get_by_role("link", name="Invite people").click()
    admin.get_by_label("E-mail addresses").fill(EMAIL)
    admin.get_by_label("Role").select_option(label="Staff")
    admin.get_by_role("button", name="Send the invitations").click()
    expect(admin.locator("main")).to_contain_text(EMAIL)

    link = mailed_link(product.mails, EMAIL)
    phone.goto(link)
    expect(phone.locator("h1")).to_contain_text("Join")
    assert fits(phone)
    assert violations(phone) == []
    phone.get_by_label("Name").fill("Ye Wan")
    phone.get_by_role("button", name="Join with a passkey").click()
    phone.wait_for_url(re.compile(r"^(?!.*invitations)"))
    expect(phone.locator("main")).to_be_visible()
    assert fits(phone)

    phone.goto("/accounts/two-factor/")
    expect(phone.locator("main")).to_contain_text("First passkey")
    assert fits(phone)
    assert violations(phone) == []
    phone.context.clear_cookies()
    phone.goto("/accounts/login/")
    assert fits(phone)
    assert violations(phone) == []
    phone.get_by_role("button", name="Sign in with a passkey").click()
    phone.wait_for_url(re.compile(r"^(?!.*accounts/login)"))
    phone.goto("/accounts/sign-ins/")
    expect(phone.locator("main")).to_contain_text("This one")

    phone.goto(link)
    expect(phone.locator("h1")).to_have_text("This invitation was used already")
