"""The chain around an object: references that metrics knows, links that people made, and who may see them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from metrics.choices import Aggregation
from metrics.services.dashboards import PanelSpec, create_dashboard
from metrics.services.kpis import DefinitionSpec, redefine_kpi
from organization.access import Actor
from organization.choices import LinkVerb
from organization.middleware import SESSION_KEY
from organization.models import Link, Member, Organization
from organization.queries.chains import Chain, chain
from organization.services import links
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member
from tests.factories.metrics import make_dataset, make_kpi


def labels(found: Chain) -> list[list[str]]:
    return [[box.found.label for box in column] for column in found.columns]


def company(owner: Actor, scope: Organization) -> dict[str, Any]:
    """A dataset, a KPI counted from it, a formula on it, and a dashboard of the formula."""
    data = make_dataset(owner, scope, name="Orders")
    base = make_kpi(owner, scope, name="Sales", key="sales", dataset=data, aggregation=Aggregation.COUNT)
    twice = make_kpi(owner, scope, name="Twice", key="twice", formula="sales * 2")
    board = create_dashboard(owner, scope, name="Board", panels=[PanelSpec(twice)])
    return {"data": data, "base": base, "twice": twice, "board": board}


def test_o9_the_chain_goes_from_data_to_dashboard(owner: Actor, scope: Organization) -> None:
    made = company(owner, scope)

    assert labels(chain(owner, made["base"])) == [["Orders"], ["Sales"], ["Twice"], ["Board"]]
    assert labels(chain(owner, made["board"])) == [["Orders"], ["Sales"], ["Twice"], ["Board"]]
    found = chain(owner, made["twice"])
    assert [[box.verbs for box in column] for column in found.columns] == [
        [["is counted in Sales"]],
        [["is part of Twice"]],
        [["is shown on Board"]],
        [[]],
    ]
    assert [drawn.verb for drawn in found.lines] == ["is part of", "is counted in", "is shown on"]


def test_o9_a_formula_that_changed_hangs_on_its_new_operands_alone(owner: Actor, scope: Organization) -> None:
    made = company(owner, scope)
    make_kpi(owner, scope, name="Other", key="other", dataset=made["data"], aggregation=Aggregation.COUNT)
    redefine_kpi(owner, made["twice"], definition=DefinitionSpec(formula="other * 2"), effective_on=None, why="")

    assert labels(chain(owner, made["twice"])) == [["Orders"], ["Other"], ["Twice"], ["Board"]]
    assert labels(chain(owner, made["base"])) == [["Orders"], ["Sales"]]


def test_o9_links_that_people_made_are_part_of_it(owner: Actor, scope: Organization) -> None:
    made = company(owner, scope)
    person = Member.objects.get(pk=owner.member_id)
    links.link(owner, person, verb=LinkVerb.CAUSED, target=made["data"])

    assert labels(chain(owner, made["base"]))[:2] == [[person.name], ["Orders"]]


def test_o4_the_chain_holds_only_what_its_reader_may_see(owner: Actor, scope: Organization) -> None:
    made = company(owner, scope)
    staff = make_actor("staff")

    assert labels(chain(staff, made["board"])) == [["Board"]]
    assert not chain(staff, made["board"])


@pytest.mark.parametrize("count", [1, 10])
def test_o9_the_chain_costs_the_same_for_few_and_many(
    owner: Actor, scope: Organization, count: int, django_assert_num_queries: Any
) -> None:
    made = company(owner, scope)
    for number in range(count):
        create_dashboard(owner, scope, name=f"More {number}", panels=[PanelSpec(made["twice"])])

    with django_assert_num_queries(15):
        chain(owner, made["twice"])


def test_o9_a_link_is_made_on_the_page_in_either_direction(organization: Organization) -> None:
    with tenant_context(organization.pk):
        member, other, staff = make_member("manager"), make_member(None), make_member("staff")
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = organization.pk
    session.save()
    url = f"/loop/organization.member/{member.pk}/"

    assert [one.key for one in client.get(url, {"q": other.name}).context["choices"]] == [
        f"organization.member:{other.pk}"
    ]
    client.post(url, {"other": f"organization.member:{other.pk}", "verb": "caused:from"})
    client.post(url, {"other": f"organization.member:{staff.pk}", "verb": "relates:to"})
    assert client.post(url, {"other": f"organization.member:{2**40}", "verb": "caused:to"}).status_code == 404
    assert client.post(url, {"other": f"organization.member:{other.pk}", "verb": "x:to"}).status_code == 404

    with tenant_context(organization.pk):
        made = set(Link.objects.values_list("source_id", "verb", "target_id"))
    assert made == {(other.pk, "caused", member.pk), (member.pk, "relates", staff.pk)}


def test_o4_auditors_link_nothing(organization: Organization) -> None:
    with tenant_context(organization.pk):
        member = make_member("auditor")
    client = Client()
    client.force_login(member.user)
    session = client.session
    session[SESSION_KEY] = organization.pk
    session.save()
    url = f"/loop/organization.member/{member.pk}/"

    assert client.get(url).context["may_link"] is False
    facts = {"other": f"organization.member:{member.pk}", "verb": "relates:to"}
    assert client.post(url, facts).status_code == 403
    with tenant_context(organization.pk):
        assert Link.objects.count() == 0
