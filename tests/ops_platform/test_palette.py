"""The command palette: what it offers to whom, in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from metrics.models import Dashboard, Kpi
from ops_platform.palette import MOST_RECENT, Part, palette
from organization.access import Actor
from organization.engine.names import sort_key
from organization.models import Organization
from organization.services.departments import create_department
from organization.services.references import next_reference
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member, make_organization


def a_kpi(name: str, **values: str) -> Kpi:
    """A KPI that nothing is computed for."""
    reference = next_reference("KPI")
    return Kpi.objects.create(name=name, reference=reference, **({"key": reference.lower()} | values))


def lines(parts: list[Part]) -> dict[str, list[str]]:
    return {str(part.label): [str(choice.label) for choice in part.choices] for part in parts}


@pytest.mark.parametrize(
    "text", ["销售", "xiaoshou", "xiao shou", "xse", "XSE", "Revenue", "evenu", "revenue_total", "KPI-"]
)
def test_o7_a_kpi_is_found_by_characters_pinyin_initials_and_latin(owner: Actor, text: str) -> None:
    kpi = a_kpi("Revenue", name_zh="销售额", key="revenue_total")
    a_kpi("Orders", name_zh="订单数", key="orders")
    wanted = kpi.reference if text == "KPI-" else text

    assert lines(palette(owner, wanted)) == {"KPI": ["Revenue"]}


def test_o7_members_departments_roles_and_dashboards_are_found(owner: Actor, scope: Organization) -> None:
    create_department(owner, scope, name="Sales", name_zh="销售部", code="S")
    make_member(None, name="肖瘦", name_pinyin=sort_key("肖瘦"))
    Dashboard.objects.create(name="Board", name_zh="销售看板", reference="DB-9")

    assert lines(palette(owner, "xiaoshou")) == {
        "Department": ["Sales"],
        "Member": ["肖瘦"],
        "Dashboard": ["Board"],
    }


def test_o7_built_in_roles_are_found_in_both_languages(owner: Actor) -> None:
    assert lines(palette(owner, "Auditor")) == {"Role": ["Auditor"]}
    with override("zh-hans"):
        assert [str(part.label) for part in palette(owner, "Auditor")] == ["角色"]


def test_o4_the_palette_shows_nothing_that_the_actor_may_not_see_or_do(organization: Organization) -> None:
    other = make_organization()
    with tenant_context(other.pk):
        make_actor("owner")
        a_kpi("Secret revenue")
    with tenant_context(organization.pk):
        a_kpi("Revenue")
        staff, auditor = make_actor("staff"), make_actor("auditor")

        assert lines(palette(staff, "revenue")) == {}
        assert lines(palette(auditor, "revenue")) == {"KPI": ["Revenue"]}
        assert lines(palette(auditor, "new kpi")) == {}
        assert lines(palette(make_actor("manager"), "new kpi")) == {"Do": ["New KPI"]}


def test_places_and_acts_are_found_in_either_language(owner: Actor) -> None:
    assert lines(palette(owner, "dark")) == {"Do": ["Dark theme"]}
    assert "Members" in lines(palette(owner, "成员"))["Go to"]


def test_without_text_what_was_used_last_stands_first(owner: Actor) -> None:
    kpi = a_kpi("Revenue")
    key = f"metrics.kpi:{kpi.pk}"

    parts = palette(owner, "", ["do:dark", key, "go:organization:member-list", key, "metrics.kpi:999999", "nonsense"])

    assert [part.key for part in parts] == ["recent", "go", "do"]
    assert lines(parts[:1]) == {"Last used": ["Dark theme", "Revenue", "Members"]}


def test_o4_a_remembered_object_is_shown_only_while_it_may_be_seen(owner: Actor) -> None:
    kpi = a_kpi("Revenue")

    parts = palette(make_actor("staff"), "", [f"metrics.kpi:{kpi.pk}"])

    assert [part.key for part in parts] == ["go", "do"]


def test_the_last_used_are_at_most_six_and_any_key_is_survived(owner: Actor) -> None:
    keys = ["x" * 5000, "metrics.kpi:" + "9" * 30, "metrics.kpi:²", ":", *(f"do:{act}" for act in "abc")]
    known = ["do:dark", "do:light", "do:keys", "do:kpi", "do:role", "do:english", "do:chinese", "do:token"]

    assert len(palette(owner, "", [*keys, *known])[0].choices) == MOST_RECENT


def test_among_results_the_last_used_comes_first(owner: Actor) -> None:
    for name in ("Orders A", "Orders B", "Late orders"):
        a_kpi(name)
    last = Kpi.objects.get(name="Late orders")

    assert lines(palette(owner, "orders")) == {"KPI": ["Orders A", "Orders B", "Late orders"]}
    assert lines(palette(owner, "orders", [f"metrics.kpi:{last.pk}"]))["KPI"][0] == "Late orders"


@pytest.mark.parametrize("count", [1, 10])
def test_finding_costs_as_many_statements_for_few_as_for_many(
    owner: Actor, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        a_kpi(f"Revenue {number}")
        make_member(None, name=f"Revenue {number}")

    with django_assert_num_queries(13):
        palette(owner, "revenue")


@pytest.mark.parametrize("text", ["", "\0", "%", "'", "\\", "x" * 5000, "(", "a b"])
def test_the_palette_survives_any_text(sign_in_as: Callable[[str], Client], text: str) -> None:
    answer = sign_in_as("owner").get("/palette/", {"q": text, "recent": text})

    assert answer.status_code == 200


def test_the_lines_are_options_of_a_list(sign_in_as: Callable[[str], Client]) -> None:
    html = sign_in_as("owner").get("/palette/", {"q": "dark"}).content.decode()

    assert 'data-count="1 result"' in html
    assert html.count('role="option"') == 1
    assert 'data-choice="do:dark"' in html


@pytest.fixture
def sign_in_as(organization: Organization) -> Callable[[str], Client]:
    """A browser of a new member with a built-in role."""

    def signed_in(role: str) -> Client:
        client = Client()
        with tenant_context(organization.pk):
            client.force_login(make_member(role).user)
        client.post("/organization/choose/", {"organization": organization.pk})
        return client

    return signed_in
