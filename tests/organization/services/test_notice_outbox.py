"""Notices on their way: mails and posts that arrive once, later, by mail instead, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from django.utils import timezone

from organization import tasks
from organization.access import Actor, system_actor
from organization.choices import Fate
from organization.models import (
    ChatBot,
    Department,
    Member,
    Notice,
    NoticeDelivery,
    NoticePreference,
    Organization,
)
from organization.services import chat_bots, notice_choices, notices
from organization.services.departments import create_department
from organization.services.notice_outbox import BREAKS_AFTER, MOST_MAILS, MOST_POSTS, POSTS_A_MINUTE
from organization.tenancy import tenant_transaction
from tests.factories import actor_of, make_actor, make_member, make_organization
from tests.organization.receiving import Chat, Post, chat_server, mail_server

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "dispatcher"])
KIND = "organization.work_given"


@pytest.fixture(autouse=True)
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the relay hands out is run at once; nothing reaches a broker."""

    def run(name: str, kwargs: dict[str, Any] | None = None, **_rest: Any) -> None:
        if name == "organization.carry_notices":
            tasks.carry_notices(**(kwargs or {}))

    monkeypatch.setattr(current_app, "send_task", run)


@pytest.fixture
def company() -> Organization:
    return make_organization(name="Tea House", name_zh="茶馆", timezone="Asia/Shanghai")


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with mail_server() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.SITE_URL = "https://ops.example.org"
        yield found


@pytest.fixture
def chat(settings: Any) -> Iterator[Chat]:
    with chat_server() as found:
        settings.OUTBOUND_TEST_ADDRESSES = [found.address]
        yield found


def member_of(company: Organization, *channels: str, **fields: Any) -> Member:
    """A member who wants work told through the channels."""
    with tenant_transaction(company.pk):
        member = make_member("staff", **fields)
        NoticePreference.objects.create(member=member, channels={KIND: list(channels)})
        return member


def tell(company: Organization, *members: Member, work: str = "Count the cups") -> list[Notice]:
    with tenant_transaction(company.pk):
        subject = Member.objects.get(pk=members[0].pk)
        system = system_actor(company.pk, "test")
        return notices.tell(system, kind=KIND, recipients=members, subject=subject, facts={"work": work})


def bot_of(company: Organization, chat: Chat, provider: str = "wecom", **values: Any) -> ChatBot:
    with tenant_transaction(company.pk):
        return chat_bots.add_bot(
            system_actor(company.pk, "test"),
            company,
            name=f"Group {chat.address}",
            provider=provider,
            url=chat.url,
            **values,
        )


def fates(company: Organization) -> list[tuple[str, str]]:
    with tenant_transaction(company.pk):
        return list(NoticeDelivery.objects.order_by("pk").values_list("channel", "fate"))


def all_due(company: Organization) -> None:
    with tenant_transaction(company.pk):
        NoticeDelivery.objects.filter(done_at=None).update(due_at=timezone.now() - timedelta(seconds=1))


def test_o7_a_mail_arrives_once_in_the_readers_language_with_the_ways_out(company: Organization, post: Post) -> None:
    english, chinese = member_of(company, "mail"), member_of(company, "mail")
    english.user.language, chinese.user.language = "en", "zh-hans"
    english.user.save()
    chinese.user.save()
    tell(company, english, chinese)

    tasks.relay()
    tasks.relay()

    mails = {mail["To"]: mail for mail in post.mails}
    assert len(post.mails) == 2
    mail = mails[english.user.email]
    assert mail["Subject"] == "You are to do this: Count the cups · Tea House"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = (mail.get_body([kind]).get_content() for kind in ("plain", "html"))
    place = f"https://ops.example.org/organization/members/{english.pk}/"
    assert place in text
    assert f'<a href="{place}">You are to do this: Count the cups</a>' in html
    assert "https://ops.example.org/my/notices/" in text
    assert "茶馆" in mails[chinese.user.email]["Subject"]
    assert fates(company) == [("mail", Fate.SENT), ("mail", Fate.SENT)]


def test_no_mail_leaves_for_an_address_that_cannot_exist(company: Organization, post: Post) -> None:
    made_up, real = member_of(company, "mail"), member_of(company, "mail")
    made_up.user.email = "fan.dawei@sample.example"
    made_up.user.save()

    [*told] = tell(company, made_up, real)
    tasks.relay()

    assert {notice.recipient_id for notice in told} == {made_up.pk, real.pk}  # both read it in their inbox
    assert [mail["To"] for mail in post.mails] == [real.user.email]


def test_o7_one_click_in_a_mail_ends_mails_of_that_kind_without_signing_in(company: Organization, post: Post) -> None:
    member = member_of(company, "mail", "chat")
    tell(company, member)
    tasks.relay()
    address = re.fullmatch(r"<https://ops\.example\.org(/\S+)>", "".join(post.mails[0]["List-Unsubscribe"].split()))
    assert address is not None

    client = Client(enforce_csrf_checks=True)
    looked = client.get(address[1])
    pressed = client.post(address[1], {"List-Unsubscribe": "One-Click"})
    broken = client.post(address[1][:-3] + "/")

    assert (looked.status_code, pressed.status_code, broken.status_code) == (200, 200, 404)
    with tenant_transaction(company.pk):
        assert NoticePreference.objects.get(member=member).channels[KIND] == ["chat"]


def test_o7_looking_at_the_page_of_the_link_ends_nothing(company: Organization, post: Post) -> None:
    member = member_of(company, "mail")
    tell(company, member)
    tasks.relay()

    Client().get("".join(post.mails[0]["List-Unsubscribe"].split())[1:-1].replace("https://ops.example.org", ""))

    with tenant_transaction(company.pk):
        assert NoticePreference.objects.get(member=member).channels[KIND] == ["mail"]


def test_what_is_read_or_settled_meanwhile_is_not_mailed(company: Organization, post: Post) -> None:
    reader, other = member_of(company, "mail"), member_of(company, "mail")
    [read, settled] = tell(company, reader, other)
    with tenant_transaction(company.pk):
        notices.mark_read(actor_of(reader), read)
        Notice.objects.filter(pk=settled.pk).update(done_at=timezone.now())

    tasks.relay()

    assert post.mails == []
    assert fates(company) == [("mail", Fate.SKIPPED), ("mail", Fate.SKIPPED)]


def test_o7_a_mail_server_that_is_away_is_tried_again_and_at_last_given_up(company: Organization, post: Post) -> None:
    post.is_closed = True
    tell(company, member_of(company, "mail"))

    tasks.relay()
    with tenant_transaction(company.pk):
        row = NoticeDelivery.objects.get()
    assert (row.attempts, row.fate, row.token is None) == (1, Fate.WAITING, False)
    assert row.due_at > timezone.now()
    with tenant_transaction(company.pk):
        NoticeDelivery.objects.update(attempts=MOST_MAILS - 1)
    all_due(company)
    tasks.relay()

    assert fates(company) == [("mail", Fate.FAILED)]
    post.is_closed = False
    all_due(company)
    tasks.relay()
    assert post.mails == []


def test_o7_a_mail_that_failed_once_arrives_when_the_server_is_back(company: Organization, post: Post) -> None:
    post.is_closed = True
    tell(company, member_of(company, "mail"))
    tasks.relay()
    post.is_closed = False
    all_due(company)

    tasks.relay()

    assert len(post.mails) == 1
    assert fates(company) == [("mail", Fate.SENT)]


@pytest.mark.parametrize("provider", ["wecom", "dingtalk", "feishu", "slack", "webhook"])
def test_o7_one_telling_is_one_post_with_the_names_of_all(company: Organization, chat: Chat, provider: str) -> None:
    chat.answers = [(200, b'{"errcode":0,"code":0}', {})]
    bot_of(company, chat, provider, secret="s3cret")
    one, other = member_of(company, "chat", name="Li Na"), member_of(company, "chat", name="Wang Wei")
    tell(company, one, other)

    tasks.relay()
    tasks.relay()

    assert len(chat.got) == 1
    said = chat.got[0].body.decode()
    assert "Count the cups" in said
    assert "Li Na" in said
    assert "Wang Wei" in said
    assert "s3cret" not in said
    assert fates(company) == [("chat", Fate.SENT)]


def test_o7_a_bot_that_is_refused_falls_back_to_mail_at_once_and_its_keeper_is_told(
    company: Organization, chat: Chat, post: Post
) -> None:
    chat.answers = [(200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', {})]
    bot = bot_of(company, chat)
    member = member_of(company, "chat")
    with tenant_transaction(company.pk):
        keeper = make_member("admin")
    tell(company, member)

    tasks.relay()
    tasks.relay()

    assert [mail["To"] for mail in post.mails if "Count the cups" in mail["Subject"]] == [member.user.email]
    assert fates(company)[:2] == [("chat", Fate.MAILED), ("mail", Fate.SENT)]
    with tenant_transaction(company.pk):
        told = Notice.objects.get(recipient=keeper)
        assert (told.kind, told.subject_id) == ("organization.bot_failing", bot.pk)
        assert told.facts["problem"] == "93000 invalid webhook url"


def test_o7_a_busy_bot_is_tried_again_before_mail_takes_over(company: Organization, chat: Chat, post: Post) -> None:
    chat.answers = [(503, b"", {})]
    bot_of(company, chat, "slack")
    member = member_of(company, "chat")
    tell(company, member)

    for _ in range(MOST_POSTS):
        assert post.mails == []
        tasks.relay()
        all_due(company)
    tasks.relay()

    assert len(chat.got) == MOST_POSTS
    assert [mail["To"] for mail in post.mails] == [member.user.email]


def test_o7_a_broken_bot_rests_and_mails_go_out_without_asking_it(
    company: Organization, chat: Chat, post: Post
) -> None:
    bot = bot_of(company, chat, "slack")
    chat.answers = [(500, b"", {})] * BREAKS_AFTER + [(200, b"ok", {})]
    member = member_of(company, "chat")
    for number in range(BREAKS_AFTER):
        tell(company, member, work=f"W{number}")
    tasks.relay()
    asked = len(chat.got)

    tell(company, member, work="later")
    tasks.relay()
    tasks.relay()

    assert asked == BREAKS_AFTER
    assert len(chat.got) == asked
    assert any("later" in mail["Subject"] for mail in post.mails)
    with tenant_transaction(company.pk):
        ChatBot.objects.filter(pk=bot.pk).update(open_until=timezone.now())
    tell(company, member, work="again")
    tasks.relay()
    assert len(chat.got) == asked + 1
    with tenant_transaction(company.pk):
        assert ChatBot.objects.get().failures == 0


def test_o7_a_bot_whose_address_leads_into_the_private_net_is_never_asked(
    company: Organization, chat: Chat, post: Post, settings: Any
) -> None:
    settings.OUTBOUND_TEST_ADDRESSES = []
    bot_of(company, chat)
    member = member_of(company, "chat")
    tell(company, member)

    tasks.relay()
    tasks.relay()

    assert chat.got == []
    assert member.user.email in {mail["To"] for mail in post.mails}


def test_o7_without_a_bot_or_with_a_paused_one_chat_is_mail(company: Organization, chat: Chat, post: Post) -> None:
    member = member_of(company, "chat")
    tell(company, member, work="No bot")
    bot = bot_of(company, chat)
    tell(company, member, work="Paused meanwhile")
    with tenant_transaction(company.pk):
        chat_bots.change_bot(system_actor(company.pk, "test"), bot, is_paused=True)

    tasks.relay()
    tasks.relay()

    assert chat.got == []
    subjects = sorted(mail["Subject"].partition(": ")[2] for mail in post.mails)
    assert subjects == ["No bot · Tea House", "Paused meanwhile · Tea House"]


def test_o7_the_nearest_bot_speaks(company: Organization, chat: Chat) -> None:
    with tenant_transaction(company.pk):
        owner = make_actor("owner")
        top: Department = create_department(owner, company, name="Sales", code="S")
        below = create_department(owner, company, name="North", code="N", parent=top)
        make_member("staff")
    everywhere = bot_of(company, chat)
    with tenant_transaction(company.pk):
        ChatBot.objects.update(name="all")
    near = bot_of(company, chat, department=top)
    inside, outside = member_of(company, "chat", department=below), member_of(company, "chat")
    tell(company, inside, outside)

    with tenant_transaction(company.pk):
        found = {
            delivery.bot_id: set(delivery.carried.values_list("notice__recipient_id", flat=True))
            for delivery in NoticeDelivery.objects.all()
        }
    assert found == {near.pk: {inside.pk}, everywhere.pk: {outside.pk}}


def test_o7_the_test_button_shows_what_the_chat_answers(company: Organization, chat: Chat, post: Post) -> None:
    bot = bot_of(company, chat)
    system = system_actor(company.pk, "test")
    chat.answers = [(200, b'{"errcode":0}', {}), (200, b'{"errcode":93000,"errmsg":"no"}', {})]
    for _ in range(2):
        with tenant_transaction(company.pk):
            chat_bots.test_bot(system, bot)
        tasks.relay()

    with tenant_transaction(company.pk):
        rows = list(NoticeDelivery.objects.order_by("pk").values_list("fate", "error"))
    assert rows == [(Fate.SENT, ""), (Fate.FAILED, "93000 no")]
    assert post.mails == []
    assert "Tea House" in chat.got[0].json["markdown"]["content"]


def test_o7_a_bot_posts_twenty_times_a_minute_and_the_next_one_waits(company: Organization, chat: Chat) -> None:
    bot = bot_of(company, chat)
    just_now = timezone.now() - timedelta(seconds=10)
    with tenant_transaction(company.pk):
        NoticeDelivery.objects.bulk_create(
            NoticeDelivery(channel="chat", bot=bot, key=f"old:{number}", fate=Fate.SENT, done_at=just_now)
            for number in range(POSTS_A_MINUTE)
        )
    tell(company, member_of(company, "chat"))

    tasks.relay()

    assert chat.got == []
    with tenant_transaction(company.pk):
        waiting = NoticeDelivery.objects.get(done_at=None)
        assert (waiting.attempts, waiting.lease_until) == (0, None)
        assert waiting.due_at == just_now + timedelta(minutes=1)
        NoticeDelivery.objects.filter(key="old:0").update(done_at=just_now - timedelta(minutes=1))
    all_due(company)
    tasks.relay()
    assert len(chat.got) == 1
    assert fates(company)[-1] == ("chat", Fate.SENT)


def test_o7_the_address_of_a_bot_is_kept_closed(company: Organization, chat: Chat) -> None:
    bot_of(company, chat, secret="s3cret")

    with tenant_transaction(company.pk):
        bot = ChatBot.objects.get()
        assert chat.address not in bot.sealed_url
        assert "s3cret" not in bot.sealed_secret
        assert (chat_bots.unseal(bot.sealed_url), chat_bots.unseal(bot.sealed_secret)) == (chat.url, "s3cret")


def test_a_lease_that_ran_out_is_taken_by_another_worker_and_sent_once(company: Organization, post: Post) -> None:
    from organization.services import notice_outbox

    tell(company, member_of(company, "mail"))
    late, claimed = notice_outbox.claim()
    [delivery_id] = claimed[company.pk]
    assert notice_outbox.claim()[1] == {}
    with tenant_transaction(company.pk):
        NoticeDelivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    tasks.relay()
    tasks.carry_notices(organization_id=company.pk, delivery_ids=[delivery_id], token=str(late))

    assert len(post.mails) == 1


def test_quiet_hours_hold_mails_until_they_end(company: Organization, post: Post) -> None:
    member = member_of(company, "mail")
    now = timezone.now()
    with tenant_transaction(company.pk):
        NoticePreference.objects.filter(member=member).update(quiet_from=time(0, 0), quiet_until=time(23, 59, 59))
    tell(company, member)

    tasks.relay()

    assert post.mails == []
    with tenant_transaction(company.pk):
        due = NoticeDelivery.objects.get().due_at
    assert now < due <= now + timedelta(days=1)


def test_o4_an_actor_chooses_only_for_themselves(company: Organization) -> None:
    member = member_of(company, "mail")

    with tenant_transaction(company.pk):
        stranger: Actor = make_actor("owner")
        with pytest.raises(Exception, match="no such page"):
            notice_choices.choose(stranger, member, digest="daily")
        assert NoticePreference.objects.get(member=member).digest == "none"


def test_quiet_hours_over_midnight_end_on_the_right_day() -> None:
    from organization.queries.notice_channels import Wishes, mail_due

    wishes = Wishes(quiet_from=time(22), quiet_until=time(7))
    at = {hour: mail_due(wishes, "Asia/Shanghai", datetime(2026, 3, 4, hour, tzinfo=UTC)) for hour in (13, 14, 22, 23)}

    assert at == {
        13: datetime(2026, 3, 4, 13, tzinfo=UTC),
        14: datetime(2026, 3, 4, 23, tzinfo=UTC),
        22: datetime(2026, 3, 4, 23, tzinfo=UTC),
        23: datetime(2026, 3, 4, 23, tzinfo=UTC),
    }
