"""The link in an invitation: whom it lets in, as whom, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organization.choices import BuiltInRole
from organization.models import AuditEntry, Invitation, Member, Organization, Role, RoleAssignment, RoleGrant, User
from organization.services import invitations, roles
from organization.services.departments import create_department
from organization.tasks import send_invitation
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member, make_organization, make_user
from tests.factories.organizations import PASSWORD

EMAIL = "new@example.com"
NEW = "another-long-password-7"
NEWCOMER = {"name": "新人", "password": NEW}


@pytest.fixture
def link(organization: Organization, mailoutbox: list[EmailMessage]) -> Callable[..., str]:
    """Invites somebody and gives the address in the mail."""

    def made(email: str = EMAIL, role: str | None = "staff", inviter: Member | None = None, **facts: Any) -> str:
        with tenant_context(organization.pk):
            inviter = inviter or make_member("owner", name="Li Na")
            facts = {"language": "en", "link_base": "http://testserver/"} | facts
            found = Role.objects.get(key=role) if role else None
            [row] = invitations.invite(actor_of(inviter), organization, emails=[email], role=found, **facts)
        send_invitation(organization_id=organization.pk, invitation_id=row.pk, link_base="http://testserver/")
        body = str(mailoutbox[-1].body)
        return "/invitations/" + body.partition("/invitations/")[2].partition("\n")[0]

    return made


def counts(organization: Organization) -> tuple[int, int, int]:
    """People, members, audit entries: what a refusal must leave alone."""
    with tenant_context(organization.pk):
        return User.objects.count(), Member.objects.count(), AuditEntry.objects.count()


def confirmed_user() -> User:
    person = make_user()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def entered(person: User) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


def test_o4_an_invited_person_joins_with_a_password_and_is_in(
    organization: Organization, link: Callable[..., str], client: Client
) -> None:
    url = link()

    page = client.get(url)
    answer = client.post(url, NEWCOMER, follow=True)

    assert "Li Na invites you as Staff." in page.content.decode()
    assert answer.status_code == 200
    with tenant_context(organization.pk):
        member = Member.objects.get(user__email=EMAIL)
        assert member.name == "新人"
        assert list(RoleAssignment.objects.filter(member=member).values_list("role__key", flat=True)) == ["staff"]
        assert Invitation.objects.get().member_id == member.pk
    assert client.session["_auth_user_id"] == str(member.user_id)
    assert answer.wsgi_request.organization.pk == organization.pk  # type: ignore[attr-defined]
    assert EmailAddress.objects.filter(user=member.user_id, email=EMAIL, verified=True).exists()


@pytest.mark.parametrize("password", ["", "short", "password1234", "new@example.com"])
def test_o4_a_weak_password_is_refused_and_the_invitation_stays_open(
    organization: Organization, link: Callable[..., str], client: Client, password: str
) -> None:
    url = link()
    before = counts(organization)

    answer = client.post(url, NEWCOMER | {"password": password})

    assert (answer.status_code, counts(organization)) == (422, before)
    assert "新人" in answer.content.decode()
    assert client.post(url, NEWCOMER).status_code == 302


def test_o4_a_link_works_once(organization: Organization, link: Callable[..., str]) -> None:
    url = link()
    Client().post(url, NEWCOMER)
    before = counts(organization)

    again = Client().post(url, {"name": "Mallory", "password": "stolen-long-password-1"})

    assert again.status_code == 410
    assert "This invitation was used already" in again.content.decode()
    assert counts(organization) == before
    assert Client().login(email=EMAIL, password=NEW)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"revoked_at": timezone.now()}, "This invitation was withdrawn"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "This invitation is too old"),
    ],
)
def test_o4_a_closed_link_says_so_and_lets_nobody_in(
    organization: Organization, link: Callable[..., str], change: dict[str, Any], sentence: str
) -> None:
    url = link()
    with tenant_context(organization.pk):
        Invitation.objects.update(**change)
    before = counts(organization)

    for answer in (Client().get(url), Client().post(url, NEWCOMER)):
        assert (answer.status_code, sentence in answer.content.decode()) == (410, True)
    assert counts(organization) == before


@pytest.mark.parametrize("text", ["1", "x", "99999999999999999999-abc", "{pk}-", "{pk}-wrong", "0-wrong", "٣-wrong"])
def test_o4_a_link_that_nobody_sent_opens_nothing(organization: Organization, text: str) -> None:
    answer = Client().get(f"/invitations/{text.format(pk=organization.pk)}/")

    assert (answer.status_code, "This link is not complete" in answer.content.decode()) == (404, True)


def test_o4_a_link_of_one_organization_means_nothing_in_another(
    organization: Organization, link: Callable[..., str]
) -> None:
    secret = link().partition("-")[2]
    other = make_organization()

    answer = Client().post(f"/invitations/{other.pk}-{secret}", NEWCOMER)
    shown = Client().get(f"/invitations/{other.pk}-{secret}")

    assert (answer.status_code, shown.status_code) == (404, 404)
    assert not User.objects.filter(email=EMAIL).exists()


def test_o4_links_are_not_tried_out_without_end(db: None) -> None:
    cache.clear()

    answers = [Client().get(f"/invitations/1-{number}/").status_code for number in range(31)]

    assert (set(answers[:30]), answers[30]) == ({404}, 429)


def test_o4_somebody_with_an_account_signs_in_and_joins(organization: Organization, link: Callable[..., str]) -> None:
    person = confirmed_user()
    url = link(person.email)
    password = User.objects.get(pk=person.pk).password

    page = Client().get(url)
    assert "Sign in to join" in page.content.decode()
    assert 'name="password"' not in page.content.decode()
    client = entered(person)
    answer = client.post(url, {"name": person.name})

    assert answer.status_code == 302
    with tenant_context(organization.pk):
        assert Member.objects.get(user=person).is_active
    assert User.objects.get(pk=person.pk).password == password
    assert client.get("/", follow=True).wsgi_request.organization.pk == organization.pk  # type: ignore[attr-defined]


def test_o4_a_link_alone_does_not_open_an_account_that_has_an_owner(
    organization: Organization, link: Callable[..., str]
) -> None:
    person = confirmed_user()
    url = link(person.email)
    before, password = counts(organization), User.objects.get(pk=person.pk).password

    answer = Client().post(url, NEWCOMER)

    assert answer.status_code == 409
    assert counts(organization) == before
    assert User.objects.get(pk=person.pk).password == password


def test_o4_somebody_else_who_is_signed_in_does_not_join_in_their_place(
    organization: Organization, link: Callable[..., str]
) -> None:
    client = entered(confirmed_user())
    url = link()
    before = counts(organization)

    page, answer = client.get(url), client.post(url, NEWCOMER)

    assert "but you are signed in as" in page.content.decode()
    assert (answer.status_code, counts(organization)) == (409, before)


def test_o4_an_account_that_nobody_confirmed_starts_anew(organization: Organization, link: Callable[..., str]) -> None:
    """Whoever made it may know its password, be signed in with it, and have left a passkey or another address."""
    person = make_user()
    planted = entered(person)
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "theirs"})
    EmailAddress.objects.create(user=person, email="mine@evil.example")
    url = link(person.email)

    assert Client().post(url, NEWCOMER).status_code == 302

    assert planted.get(reverse("account_email")).status_code == 302
    assert not Client().login(email=person.email, password=PASSWORD)
    assert Client().login(email=person.email, password=NEW)
    assert not Authenticator.objects.filter(user=person).exists()
    assert list(EmailAddress.objects.filter(user=person).values_list("email", flat=True)) == [person.email]


def test_o4_an_account_switched_off_is_not_opened_by_an_invitation(
    organization: Organization, link: Callable[..., str]
) -> None:
    person = make_user(is_active=False)
    url = link(person.email)
    before = counts(organization)

    answer = Client().post(url, NEWCOMER)

    assert (answer.status_code, counts(organization)) == (422, before)
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_o4_nobody_joins_on_the_word_of_somebody_who_has_left(
    organization: Organization, link: Callable[..., str]
) -> None:
    with tenant_context(organization.pk):
        inviter = make_member("owner")
    url = link(inviter=inviter)
    with tenant_context(organization.pk):
        Member.objects.filter(pk=inviter.pk).update(is_active=False)
    before = counts(organization)

    answer = Client().post(url, NEWCOMER)

    assert (answer.status_code, counts(organization)) == (422, before)
    assert "may no longer do so" in answer.content.decode()


def test_o4_an_invitation_gives_no_more_than_its_sender_still_holds(
    organization: Organization, link: Callable[..., str]
) -> None:
    with tenant_context(organization.pk):
        inviter = make_member("owner")
    url = link(role="owner", inviter=inviter)
    with tenant_context(organization.pk):
        admin = Role.objects.get(key=BuiltInRole.ADMIN)
        RoleAssignment.objects.filter(member=inviter).update(role=admin)
        RoleGrant.objects.get(role=admin, codename="organization.audit.view").delete()
    before = counts(organization)

    answer = Client().post(url, NEWCOMER)

    assert (answer.status_code, counts(organization)) == (422, before)


def test_o4_nobody_joins_a_department_that_its_inviter_lost(
    organization: Organization, link: Callable[..., str]
) -> None:
    with tenant_context(organization.pk):
        owner = actor_of(make_member("owner"))
        lost, kept = (create_department(owner, organization, name=name, code=name) for name in ("A", "B"))
        inviter = make_member("owner")
    url = link(role=None, inviter=inviter, department=lost)
    with tenant_context(organization.pk):
        Member.objects.filter(pk=inviter.pk).update(department=kept)
        role = Role.objects.create(name="Inviter")
        RoleGrant.objects.create(role=role, codename="organization.member.edit", scope="below")
        RoleAssignment.objects.filter(member=inviter).update(role=role)
    before = counts(organization)

    answer = Client().post(url, NEWCOMER)

    assert (answer.status_code, counts(organization)) == (422, before)


def test_o4_who_comes_back_gets_what_the_invitation_gives_and_nothing_of_before(
    organization: Organization, link: Callable[..., str]
) -> None:
    person = confirmed_user()
    with tenant_context(organization.pk):
        member = Member.objects.create(user=person, name="Old", is_active=False)
        roles.give_role(member, Role.objects.get(key="admin"))
    url = link(person.email, role="staff")

    entered(person).post(url, {"name": "Back"})

    with tenant_context(organization.pk):
        member.refresh_from_db()
        assert (member.is_active, member.name) == (True, "Back")
        assert list(RoleAssignment.objects.filter(member=member).values_list("role__key", flat=True)) == ["staff"]


def test_o4_the_administrator_gets_the_same_answer_for_every_address(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    admin, known = sign_in("admin"), confirmed_user()
    new = reverse("organization:invitation-new")

    answers = [
        admin.post(new, {"emails": email, "language": "en"}) for email in (known.email, "nobody-at-all@example.com")
    ]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, reverse("organization:invitation-list"))
    ] * 2
    with tenant_context(organization.pk):
        rows = Invitation.objects.values_list("digest", "sent_at", "member", "role")
        assert len(set(rows)) == 1


def test_o4_addresses_come_as_people_paste_them(organization: Organization, sign_in: Callable[..., Client]) -> None:
    text = "Zhang San <zs@example.com>; Li Si <ls@example.com>"

    sign_in("admin").post(reverse("organization:invitation-new"), {"emails": text, "language": "en"})

    with tenant_context(organization.pk):
        assert set(Invitation.objects.values_list("email", flat=True)) == {"zs@example.com", "ls@example.com"}


def test_o4_one_wrong_address_sends_nothing(organization: Organization, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("admin").post(
        reverse("organization:invitation-new"), {"emails": "a@example.com，not-one", "language": "en"}
    )

    assert (answer.status_code, "not-one" in answer.content.decode()) == (422, True)
    with tenant_context(organization.pk):
        assert not Invitation.objects.exists()


@pytest.mark.parametrize("number", [1, 10])
def test_o4_the_list_of_invitations_asks_as_often_for_ten_as_for_one(
    organization: Organization,
    sign_in: Callable[..., Client],
    number: int,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    admin = sign_in("admin")
    with tenant_context(organization.pk):
        facts = {"language": "en", "link_base": "http://testserver/"}
        emails = [f"p{index}@example.com" for index in range(number)]
        actor = actor_of(make_member("owner"))
        invitations.invite(actor, organization, emails=emails, role=Role.objects.get(key="staff"), **facts)

    with django_assert_num_queries(7):
        page = admin.get(reverse("organization:invitation-list"))

    assert len(page.context["page"].rows) == number
