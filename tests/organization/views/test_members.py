"""Pages of people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from organization.engine.names import sort_key
from organization.models import Member, Organization, User
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member

LIST = "/organization/members/"


def named(organization: Organization, *names: str) -> list[Member]:
    with tenant_context(organization.pk):
        return [make_member(None, name=name, name_pinyin=sort_key(name)) for name in names]


def shown(client: Client, **filters: object) -> list[str]:
    return [row.name for row in client.get(LIST, filters).context["page"].rows]


@pytest.mark.parametrize("text", ["张三", "zhang san", "zhangsan", "Zhang", "zs", "三"])
def test_o7_members_are_found_by_name_and_pinyin(
    organization: Organization, sign_in: Callable[..., Client], text: str
) -> None:
    client = sign_in("admin")
    named(organization, "张三", "李四", "Wang Wu")

    assert shown(client, q=text) == ["张三"]


def test_o7_members_are_found_by_e_mail(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client = sign_in("admin")
    [member] = named(organization, "李四")

    assert shown(client, q=member.user.email) == ["李四"]


def test_o7_names_sort_by_pinyin(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client = sign_in("admin")
    named(organization, "张三", "安娜", "李四", "Bob")

    names = [name for name in shown(client) if not name.startswith("Person")]

    assert names == ["安娜", "Bob", "李四", "张三"]


def test_o4_members_are_filtered_by_department_and_state(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")
    with tenant_context(organization.pk):
        sales = create_department(make_actor("owner"), organization, name="Sales", code="S")
        make_member(None, department=sales, name="Here")
        make_member(None, department=sales, name="Gone", is_active=False)

    assert shown(client, department=sales.pk) == ["Here"]
    assert shown(client, department=sales.pk, state="inactive") == ["Gone"]
    assert sorted(shown(client, department=sales.pk, state="all")) == ["Gone", "Here"]


def test_o4_a_new_member_signs_in_with_the_initial_password(
    organization: Organization, sign_in: Callable[..., Client], client: Client
) -> None:
    facts = {"email": "New@Example.com", "name": "新人", "password": "a-long-password-3"}

    answer = sign_in("admin").post(f"{LIST}new/", facts)

    assert answer.status_code == 302
    assert client.login(email="new@example.com", password="a-long-password-3")


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_a_weak_initial_password_is_refused_and_not_echoed(
    organization: Organization, sign_in: Callable[..., Client], password: str
) -> None:
    answer = sign_in("admin").post(f"{LIST}new/", {"email": "a@example.com", "name": "A", "password": password})

    assert answer.status_code == 422
    assert "password" in answer.context["form"].errors
    assert f'value="{password}"'.encode() not in answer.content
    assert not User.objects.filter(email="a@example.com").exists()


def test_o4_a_member_who_is_switched_off_is_out_at_the_next_request(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        member = make_member("manager")
    theirs, admin = sign_in(member=member), sign_in("admin")
    assert theirs.get(LIST).status_code == 200

    facts = {"name": member.name, "version": str(member.version)}
    assert admin.post(f"{LIST}{member.pk}/edit/", facts).status_code == 302

    assert theirs.get(LIST)["Location"].startswith("/organization/choose/")
