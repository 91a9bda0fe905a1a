"""Two people at one dashboard at the same moment, each on a connection of their own: nobody's work is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from metrics.choices import PanelKind
from metrics.models import Dashboard, DashboardPanel
from metrics.services.dashboards import PanelSpec, create_dashboard
from metrics.services.panels import PanelConflict, add_panel, change_panel, move_panel, remove_panel, seen_of
from organization.access import Actor
from organization.models import Organization
from organization.tenancy import tenant_transaction
from tests.factories import make_actor, make_organization

pytestmark = pytest.mark.django_db(transaction=True)


def text(title: str) -> PanelSpec:
    return PanelSpec(None, PanelKind.TEXT, title=title)


@pytest.fixture
def board() -> tuple[Organization, Actor, Actor, Dashboard]:
    organization = make_organization()
    with tenant_transaction(organization.pk):
        ann, bob = make_actor("owner"), make_actor("manager")
        return organization, ann, bob, create_dashboard(ann, organization, name="B", panels=[text(t) for t in "ABCD"])


def together(organization: Organization, *acts: Callable[[], Any]) -> list[str]:
    """Run each act in a transaction and a thread of its own, all from one signal; what came of each."""
    start, outcomes = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            with tenant_transaction(organization.pk):
                act()
            outcomes[number] = "saved"
        except PanelConflict:
            outcomes[number] = "conflict"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def titles(organization: Organization) -> list[str]:
    with tenant_transaction(organization.pk):
        rows = DashboardPanel.objects.filter(removed_at=None).order_by("position", "pk")
        places = list(rows.values_list("position", flat=True))
        assert places == sorted(set(places))
        return list(rows.values_list("title", flat=True))


def panel(organization: Organization, title: str) -> DashboardPanel:
    with tenant_transaction(organization.pk):
        return DashboardPanel.objects.get(title=title)


def test_two_people_add_move_and_remove_at_once_and_all_of_it_stands(board: Any) -> None:
    organization, ann, bob, dashboard = board
    a, b, d = (panel(organization, title) for title in "ABD")

    outcomes = together(
        organization,
        lambda: [add_panel(ann, dashboard, spec=text(f"E{i}")) for i in range(3)],
        lambda: [move_panel(bob, dashboard, panel=d, after=a), remove_panel(bob, dashboard, panel=b)],
        lambda: [add_panel(bob, dashboard, spec=text(f"F{i}"), after=a) for i in range(3)],
    )

    found = titles(organization)
    assert outcomes == ["saved"] * 3
    assert set(found) == {"A", "C", "D", "E0", "E1", "E2", "F0", "F1", "F2"}
    assert found.index("A") < found.index("D") < found.index("C")
    assert [title for title in found if title[0] == "E"] == ["E0", "E1", "E2"]
    assert [title for title in found if title[0] == "F"] == ["F2", "F1", "F0"]


def test_two_people_change_different_panels_at_once(board: Any) -> None:
    organization, ann, bob, dashboard = board
    a, b = panel(organization, "A"), panel(organization, "B")

    outcomes = together(
        organization,
        lambda: change_panel(ann, dashboard, panel=a, spec=text("Ann's"), version=1),
        lambda: change_panel(bob, dashboard, panel=b, spec=text("Bob's"), version=1),
    )

    assert outcomes == ["saved", "saved"]
    assert titles(organization) == ["Ann's", "Bob's", "C", "D"]


def test_two_people_change_one_panel_at_once_and_one_of_them_is_asked(board: Any) -> None:
    organization, ann, bob, dashboard = board
    a = panel(organization, "A")
    seen = seen_of(a)

    outcomes = together(
        organization,
        lambda: change_panel(ann, dashboard, panel=a, spec=text("Ann's"), version=1, seen=seen),
        lambda: change_panel(bob, dashboard, panel=a, spec=text("Bob's"), version=1, seen=seen),
    )

    assert sorted(outcomes) == ["conflict", "saved"]
    assert titles(organization)[0] == ("Ann's" if outcomes[0] == "saved" else "Bob's")
