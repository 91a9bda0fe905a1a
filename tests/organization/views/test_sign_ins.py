"""Where people are signed in: seen, ended by themselves, and by an administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organization.engine.devices import browser_of, system_of
from organization.middleware import SEEN_KEY
from organization.models import AuditEntry, Member, Organization, Role, RoleGrant, SignIn, User
from organization.services import sessions
from organization.tenancy import tenant_context
from tests.factories import make_member, make_organization, make_user
from tests.factories.organizations import PASSWORD
from tests.organization.views.test_sign_in import wait_for_mails

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E148 Safari/604"
)
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/116 Mobile Safari/537 MicroMessenger/8.0.42"
OWN = "/accounts/sign-ins/"


def enter(person: User, agent: str = CHROME, **extra: Any) -> Client:
    client = Client(HTTP_USER_AGENT=agent, **extra)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("account_email")).status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, ("Chrome", "Windows")),
        (IPHONE, ("Safari", "iPhone")),
        (WECHAT, ("WeChat", "Android")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/130.0 Safari/537.36 Edg/130.0", ("Edge", "macOS")),
        ("curl/8", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_device_is_named_as_people_know_it(agent: str, words: tuple[str, str]) -> None:
    assert (browser_of(agent), system_of(agent)) == words


def test_o4_a_person_sees_where_they_are_signed_in_and_nobody_else(db: None) -> None:
    person = make_user()
    mine = enter(person, IPHONE, REMOTE_ADDR="203.0.113.7")
    enter(person, CHROME)
    enter(make_user(), WECHAT)

    page = mine.get(OWN).content.decode()

    assert [text in page for text in ("Safari on iPhone", "203.0.113.7", "Chrome on Windows")] == [True] * 3
    assert "WeChat" not in page
    assert page.count("This one") == 1


def test_o4_a_person_ends_one_sign_in(db: None) -> None:
    person = make_user()
    mine, lost, other = enter(person), enter(person, IPHONE), enter(person)
    row = SignIn.objects.get(session_key=lost.session.session_key)

    mine.post(OWN, {"sign_in": row.pk})

    assert [is_in(client) for client in (mine, lost, other)] == [True, False, True]


def test_o4_a_person_ends_all_other_sign_ins(db: None) -> None:
    person, stranger = make_user(), enter(make_user())
    mine, lost = enter(person), enter(person)

    mine.post(OWN, {"sign_in": "others"})

    assert [is_in(client) for client in (mine, lost, stranger)] == [True, False, True]
    assert SignIn.objects.filter(user=person).count() == 1


@pytest.mark.parametrize("text", ["x", "", "-1", "9" * 30, "²"])
def test_o4_nobody_ends_the_sign_in_of_another(db: None, text: str) -> None:
    other, mine = enter(make_user()), enter(make_user())
    theirs = SignIn.objects.get(session_key=other.session.session_key)

    for chosen in (text, str(theirs.pk)):
        assert mine.post(OWN, {"sign_in": chosen}).status_code == 302

    assert is_in(other)


def test_o4_signing_out_takes_the_row_along(db: None) -> None:
    client = enter(make_user())

    client.post(reverse("account_logout"))

    assert not SignIn.objects.exists()


def test_o4_a_new_password_leaves_no_other_sign_in_in_the_list(db: None) -> None:
    person = make_user()
    mine = enter(person)
    enter(person)
    new = "another-long-password-7"

    words = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert mine.post(reverse("account_change_password"), words).status_code == 302

    assert is_in(mine)
    assert list(SignIn.objects.values_list("session_key", flat=True)) == [mine.session.session_key]


def test_o4_last_use_is_noted_every_ten_minutes_and_costs_nothing_between(
    db: None, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = enter(make_user())
    client.get(OWN)
    before = SignIn.objects.get().seen_at

    with django_assert_num_queries(5):  # session, person and rows, in a savepoint
        client.get(OWN)
    assert SignIn.objects.get().seen_at == before
    session = client.session
    session[SEEN_KEY] = [session.session_key, timezone.now().timestamp() - 601]
    session.save()
    client.get(OWN, REMOTE_ADDR="203.0.113.9")

    row = SignIn.objects.get()
    assert row.seen_at > before
    assert row.address == "203.0.113.9"


def test_sessions_that_have_run_out_are_forgotten(db: None) -> None:
    old, kept = enter(make_user()), enter(make_user())
    Session.objects.filter(pk=old.session.session_key).update(expire_date=timezone.now() - timedelta(minutes=1))

    sessions.forget_old(as_of=timezone.now())

    assert list(SignIn.objects.values_list("session_key", flat=True)) == [kept.session.session_key]
    assert not Session.objects.filter(pk=old.session.session_key).exists()


def test_o4_an_administrator_signs_a_member_out_everywhere(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        member = make_member("staff")
    theirs, admin = [enter(member.user), enter(member.user)], sign_in("admin")

    answer = admin.post(reverse("organization:member-sign-out", args=[member.pk]))

    assert answer.status_code == 302
    assert [is_in(client) for client in theirs] == [False, False]
    with tenant_context(organization.pk):
        entry = AuditEntry.objects.get(verb="organization.member.signed_out")
        assert (entry.object_id, entry.facts) == (member.pk, {"count": 2})


def test_o4_an_administrator_resets_a_second_factor_and_the_member_is_told(
    organization: Organization,
    sign_in: Callable[..., Client],
    mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with tenant_context(organization.pk):
        member = make_member("staff")
    _give_factor(member)
    admin = sign_in("admin")
    url = reverse("organization:member-second-factor", args=[member.pk])

    assert "call them back" in admin.get(url).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(url)
    wait_for_mails()

    assert not Authenticator.objects.exists()
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [("Your second factor was reset", [member.user.email])]
    with tenant_context(organization.pk):
        assert AuditEntry.objects.filter(verb="organization.member.second_factor_reset").count() == 1


def test_o4_no_administrator_resets_the_factor_of_who_belongs_to_another_organization_too(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    """Anybody's organization may add a known person: its administrator must not open their account elsewhere."""
    other = make_organization()
    with tenant_context(organization.pk):
        member = make_member("staff")
    with tenant_context(other.pk):
        Member.objects.create(user=member.user, name="Here too")
    _give_factor(member)

    answer = sign_in("owner").post(reverse("organization:member-second-factor", args=[member.pk]))

    assert answer.status_code == 422
    assert "Only whoever runs this server" in answer.content.decode()
    assert Authenticator.objects.count() == 1


def test_o4_nobody_resets_the_factor_of_who_may_do_more(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        RoleGrant.objects.get(role=Role.objects.get(key="admin"), codename="organization.audit.view").delete()
        member = make_member("owner")
    _give_factor(member)

    answer = sign_in("admin").post(reverse("organization:member-second-factor", args=[member.pk]))

    assert answer.status_code == 422
    assert Authenticator.objects.count() == 1


def test_o4_members_without_the_right_see_nothing_of_how_others_sign_in(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        member = make_member("staff")
    enter(member.user)

    pages = [
        sign_in(role).get(reverse("organization:member-detail", args=[member.pk])) for role in ("admin", "manager")
    ]

    assert ["Sign out everywhere" in page.content.decode() for page in pages] == [True, False]


def _give_factor(member: Member) -> None:
    Authenticator.objects.create(user=member.user, type=Authenticator.Type.WEBAUTHN, data={"name": "phone"})
