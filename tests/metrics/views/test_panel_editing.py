"""Panels through the door: plain forms, a script's JSON, the dialog, what two people sent, the wall's frame."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from metrics.choices import PanelKind
from metrics.models import DashboardPanel
from metrics.services.dashboard_sharing import share_dashboard
from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.models import Organization
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member
from tests.metrics.helpers import client_of, make_shop, order, statements

pytestmark = pytest.mark.django_db
SCRIPT = {"Accept": "application/json"}


class Board:
    """A manager's dashboard of two texts and a KPI to add."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        with tenant_context(organization.pk):
            self.member = make_member("manager")
            self.actor = actor_of(self.member)
            rows = [order(i, "2026-03-01", i) for i in range(3)]
            _dataset, self.kpi = make_shop(self.actor, organization, rows, name="Revenue", name_zh="收入")
            panels = [PanelSpec(None, PanelKind.TEXT, title=title) for title in ("First", "Second")]
            self.dashboard = create_dashboard(self.actor, organization, name="Board", panels=panels)
            self.first, self.second = self.dashboard.panels.order_by("position")
        self.client = client_of(self.member)

    def url(self, page: str, *args: int) -> str:
        return reverse(f"metrics:{page}", args=[self.dashboard.pk, *args])

    def act(self, act: str, panel: DashboardPanel, **facts: Any) -> Any:
        return self.client.post(self.url(f"panel-{act}", panel.pk), facts, headers=SCRIPT)

    def fresh(self, panel: DashboardPanel) -> DashboardPanel:
        with tenant_context(self.organization.pk):
            return DashboardPanel.objects.get(pk=panel.pk)

    def sent(self, panel: DashboardPanel, **changes: Any) -> dict[str, Any]:
        """What the form of the panel sends back, with changes."""
        form = self.client.get(self.url("panel-edit", panel.pk)).context["form"]
        values = {name: form[name].value() for name in form.fields}
        values["seen"] = json.dumps(form.initial["seen"])
        return {
            name: "" if value is None else value for name, value in (values | changes).items() if value is not False
        }


@pytest.fixture
def board(organization: Organization) -> Board:
    return Board(organization)


def test_script_gets_the_arrangement_and_a_form_the_board(board: Board) -> None:
    answer = board.act("move", board.first, steps=1)

    there = [{"id": board.second.pk, "width": 12}, {"id": board.first.pk, "width": 12}]
    assert answer.json() == {"panels": there, "says": "“First” is at place 2 of 2.", "undo": ""}
    plain = board.client.post(board.url("panel-move", board.first.pk), {"after": 0})
    assert plain["Location"] == f"{board.url('dashboard-edit')}#slot-{board.first.pk}"
    assert board.fresh(board.first).position == 0


def test_width_seen_elsewhere_is_refused_with_what_stands(board: Board) -> None:
    assert board.act("resize", board.first, width=6, seen=12).status_code == 200

    refused = board.act("resize", board.first, width=8, seen=12)

    assert refused.status_code == 409
    assert refused.json()["panels"][0] == {"id": board.first.pk, "width": 6}
    assert board.act("resize", board.first, width="x").status_code == 404


def test_removal_says_how_it_is_taken_back(board: Board) -> None:
    answer = board.act("remove", board.first).json()

    assert [one["id"] for one in answer["panels"]] == [board.second.pk]
    assert board.act("remove", board.first).status_code == 404
    page = board.client.get(board.url("dashboard-edit"))
    assert [panel.pk for panel in page.context["removed"]] == [board.first.pk]
    back = board.client.post(answer["undo"], headers=SCRIPT).json()
    assert [one["id"] for one in back["panels"]] == [board.first.pk, board.second.pk]


def test_panel_is_added_by_form_and_by_dialog(board: Board) -> None:
    facts = {
        "kpi": board.kpi.pk,
        "kind": "stacked",
        "title": "",
        "title_zh": "",
        "set_parts": "3",
        "set_as_share": "on",
    }
    plain = board.client.post(board.url("panel-new"), facts)
    swapped = board.client.post(board.url("panel-new"), facts | {"kind": "number"}, headers={"HX-Request": "true"})

    with tenant_context(board.organization.pk):
        _one, _two, stacked, number = board.dashboard.panels.order_by("position")
    assert (stacked.kind, stacked.settings, stacked.width) == ("stacked", {"parts": 3, "as_share": True}, 6)
    assert plain["Location"].endswith(f"#slot-{stacked.pk}")
    assert swapped.status_code == 204
    assert json.loads(swapped["HX-Trigger"])["ops:board"]["panel"] == number.pk
    refused = board.client.post(board.url("panel-new"), {"kind": "line"})
    assert refused.status_code == 422
    assert "Choose the KPI that this panel shows." in refused.content.decode()


def test_another_kind_asks_for_its_own_settings(board: Board) -> None:
    asked = {"kpi": board.kpi.pk, "kind": "pareto"}
    form = board.client.get(board.url("panel-new"), asked, headers={"HX-Request": "true"}).context["form"]

    assert [field.name for field in form.settings_fields] == ["set_grain", "set_parts", "set_line"]
    assert [label for _value, label in form.fields["column"].choices][1:] == ["country"]
    option = board.client.get(board.url("panel-new")).content.decode()
    assert "收入" in option.partition("data-search=")[2][:200]


def test_every_kind_has_a_form(board: Board) -> None:
    for kind in PanelKind.values:
        form = board.client.get(board.url("panel-new"), {"kpi": board.kpi.pk, "kind": kind}).context["form"]
        assert form.drawn_as == kind
        assert ("kpi" in form.fields) == (kind != PanelKind.TEXT)


def test_both_changed_the_title_and_both_values_are_shown(board: Board) -> None:
    mine, theirs = board.sent(board.first, title="Mine"), board.sent(board.first, title="Theirs", height="2")
    assert board.client.post(board.url("panel-edit", board.first.pk), theirs).status_code == 302

    torn = board.client.post(board.url("panel-edit", board.first.pk), mine)

    assert torn.status_code == 422
    assert [tuple(map(str, row)) for row in torn.context["conflicts"]] == [("Title", "Mine", "Theirs")]
    assert board.fresh(board.first).title == "Theirs"
    form = torn.context["form"]
    again = {name: form[name].value() for name in form.fields}
    assert (again["title"], again["height"], again["version"]) == ("Mine", "2", "2")
    kept = {name: "" if value is None else value for name, value in again.items()}
    assert board.client.post(board.url("panel-edit", board.first.pk), kept).status_code == 302
    assert (board.fresh(board.first).title, board.fresh(board.first).height) == ("Mine", 2)


def test_what_two_people_change_about_one_panel_is_merged(board: Board) -> None:
    mine, theirs = board.sent(board.first, title="Mine"), board.sent(board.first, set_text="Hello")
    board.client.post(board.url("panel-edit", board.first.pk), theirs)

    assert board.client.post(board.url("panel-edit", board.first.pk), mine).status_code == 302

    panel = board.fresh(board.first)
    assert (panel.title, panel.settings) == ("Mine", {"text": "Hello"})


def test_o4_shared_for_editing_opens_the_board_and_shared_for_seeing_does_not(board: Board) -> None:
    with tenant_context(board.organization.pk):
        helper, reader = make_member("staff"), make_member("staff")
        share_dashboard(board.actor, board.dashboard, with_whom=helper, may_edit=True)
        share_dashboard(board.actor, board.dashboard, with_whom=reader)

    for member, expected in ((helper, 200), (reader, 403)):
        client = client_of(member)
        assert client.get(board.url("dashboard-edit")).status_code == expected
        assert (
            client.post(board.url("panel-move", board.first.pk), {"steps": 1}, headers=SCRIPT).status_code == expected
        )


def test_wall_takes_turns_with_what_its_reader_sees_and_never_hurries(board: Board) -> None:
    with tenant_context(board.organization.pk):
        other = create_dashboard(board.actor, board.organization, name="Other", panels=[])
        staff = make_member("staff")
        private = create_dashboard(
            actor_of(staff), board.organization, name="Private", panels=[], owner=staff, is_private=True
        )
    asked = {"with": f"{private.pk},{other.pk},{other.pk},x", "every": "1", "range": "last-7-days"}

    page = board.client.get(board.url("dashboard-wall"), asked)

    assert [screen["title"] for screen in page.context["screens"]] == ["Board", "Other"]
    assert page.context["screens"][1]["url"].endswith(f"/dashboards/{other.pk}/?range=last-7-days")
    assert page.context["seconds"] == 30
    assert b'data-theme="dark"' in page.content


@pytest.mark.parametrize("count", [1, 10])
def test_share_page_costs_the_same_for_any_number_of_shares(board: Board, count: int) -> None:
    with tenant_context(board.organization.pk):
        for _ in range(count):
            share_dashboard(board.actor, board.dashboard, with_whom=make_member("staff"))

    with statements(6):
        assert len(board.client.get(board.url("dashboard-share")).context["shares"]) == count
