"""Where one is told, and the bots of groups, in the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from organization.models import ChatBot, Member, NoticePreference, Organization
from organization.notice_kinds import all_kinds
from organization.services import chat_bots
from organization.tenancy import tenant_context
from tests.factories import make_member

GIVEN, OVERDUE = "organization.work_given", "organization.work_overdue"
FORM = {"digest": "daily", "digest_hour": "18", "digest_weekday": "4", "version": "1"}
BOT = {"name": "Group", "provider": "wecom", "url": "https://chat.example.org/k?key=1", "language": "en"}


@pytest.fixture
def member(organization: Organization) -> Member:
    with tenant_context(organization.pk):
        return make_member("staff")


def test_a_person_chooses_channels_summary_and_quiet_hours(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    inbox = {f"{kind.name}.inbox": "on" for kind in all_kinds() if kind.name != OVERDUE}
    mails = {f"{kind.name}.{channel}": "on" for kind in all_kinds() for channel in kind.channels if kind.name != GIVEN}
    quiet = {"quiet_from": "22:00", "quiet_until": "07:00"}

    answer = sign_in(member=member).post("/my/notices/", FORM | inbox | mails | quiet | {f"{GIVEN}.chat": "on"})

    assert answer.status_code == 302
    with tenant_context(organization.pk):
        chosen = NoticePreference.objects.get(member=member)
    assert (chosen.digest, chosen.digest_hour, chosen.muted_kinds) == ("daily", 18, [OVERDUE])
    assert chosen.channels == {GIVEN: ["chat"]}
    assert (str(chosen.quiet_from), str(chosen.quiet_until)) == ("22:00:00", "07:00:00")


def test_half_of_the_quiet_hours_is_refused_with_the_input_kept(
    organization: Organization, member: Member, sign_in: Callable[..., Client]
) -> None:
    answer = sign_in(member=member).post("/my/notices/", FORM | {"quiet_from": "22:00"})

    assert answer.status_code == 422
    assert b"or neither" in answer.content
    with tenant_context(organization.pk):
        assert not NoticePreference.objects.exists()


def test_a_bot_is_added_and_changed_and_its_address_never_shown(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")

    made = client.post("/organization/bots/new/", BOT | {"secret": "s3cret"})
    page = client.get(made["Location"])
    edit = client.get(f"{made['Location']}edit/")
    client.post(f"{made['Location']}edit/", BOT | {"name": "Renamed", "url": "", "version": "1"})

    assert b"chat.example.org" not in page.content + edit.content
    with tenant_context(organization.pk):
        bot = ChatBot.objects.get()
        assert (bot.name, chat_bots.unseal(bot.sealed_url)) == ("Renamed", BOT["url"])
        assert chat_bots.unseal(bot.sealed_secret) == "s3cret"


def test_o4_staff_have_nothing_to_do_with_bots(organization: Organization, sign_in: Callable[..., Client]) -> None:
    assert sign_in("staff").post("/organization/bots/new/", BOT).status_code == 403
    with tenant_context(organization.pk):
        assert not ChatBot.objects.exists()
