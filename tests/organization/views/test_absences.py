"""Pages of absences: set, changed and ended by who is away or who leads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from organization.models import Absence, Member, Organization
from organization.queries.absences import today
from organization.services import absences
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member, make_organization

LIST = "/organization/absences/"
SignIn = Callable[..., Client]


def new_url(member: Member) -> str:
    return f"/organization/members/{member.pk}/absences/new/"


def away(organization: Organization, first: int = 0, last: int = 3) -> Absence:
    with tenant_context(organization.pk):
        day = today()
        days = {"starts_on": day + timedelta(days=first), "ends_on": day + timedelta(days=last)}
        return absences.set_absence(make_actor("owner"), make_member(), reason="Family", **days)


@pytest.mark.parametrize(("language", "word"), [("en", "Absences"), ("zh-hans", "请假")])
def test_o4_the_pages_of_an_absence_open_in_both_languages(
    organization: Organization, sign_in: SignIn, language: str, word: str
) -> None:
    absence, client = away(organization), sign_in("admin")
    client.cookies["ops-language"] = language

    assert word in client.get(LIST).content.decode()
    for url in (LIST, f"{LIST}{absence.pk}/edit/", new_url(absence.member)):
        assert client.get(url).status_code == 200, url


def test_o4_days_that_make_no_absence_come_back_with_their_input(organization: Organization, sign_in: SignIn) -> None:
    with tenant_context(organization.pk):
        member, day = make_member(), today()
    facts = {"starts_on": day, "ends_on": day - timedelta(days=1), "reason": "Family matters"}

    answer = sign_in("admin").post(new_url(member), facts)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["ends_on"]
    assert b'value="Family matters"' in answer.content
    with tenant_context(organization.pk):
        assert not Absence.objects.exists()


def test_o4_an_absence_is_set_changed_and_ended(organization: Organization, sign_in: SignIn) -> None:
    with tenant_context(organization.pk):
        member, deputy, day = make_member(), make_member(), today()
    client, page = sign_in("admin"), f"/organization/members/{member.pk}/"
    facts = {"starts_on": day + timedelta(days=1), "ends_on": day + timedelta(days=2), "deputy": deputy.pk}

    made = client.post(new_url(member), facts, follow=True)
    assert made.redirect_chain == [(page, 302)]
    assert b"The absence is set, and the deputy told." in made.content
    with tenant_context(organization.pk):
        absence = Absence.objects.get()
    assert (absence.member_id, absence.deputy_id) == (member.pk, deputy.pk)

    later = facts | {"ends_on": day + timedelta(days=5), "version": absence.version}
    assert client.post(f"{LIST}{absence.pk}/edit/", later).status_code == 302
    with tenant_context(organization.pk):
        assert Absence.objects.get().ends_on == day + timedelta(days=5)

    assert client.post(f"{LIST}{absence.pk}/end/").status_code == 302
    with tenant_context(organization.pk):
        assert not Absence.objects.exists()


def test_o4_staff_set_no_absence_of_a_colleague(organization: Organization, sign_in: SignIn) -> None:
    absence, client = away(organization), sign_in("staff")

    answers = [client.post(url).status_code for url in (new_url(absence.member), f"{LIST}{absence.pk}/end/")]

    assert set(answers) <= {403, 404}
    with tenant_context(organization.pk):
        assert Absence.objects.get().ends_on == absence.ends_on


def test_o1_an_absence_of_another_organization_is_not_found(organization: Organization, sign_in: SignIn) -> None:
    theirs, client = away(make_organization()), sign_in("owner")

    assert client.get(f"{LIST}{theirs.pk}/edit/").status_code == 404
    assert client.post(f"{LIST}{theirs.pk}/end/").status_code == 404
    assert client.get(new_url(theirs.member)).status_code == 404


@pytest.mark.parametrize("count", [1, 10])
def test_o4_the_list_takes_the_same_statements_for_any_number(
    organization: Organization, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    for _number in range(count):
        away(organization)
    client = sign_in("admin")
    client.get(LIST)

    with django_assert_num_queries(9):
        answer = client.get(LIST)

    assert len(answer.context["page"].rows) == count
