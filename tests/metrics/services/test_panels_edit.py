"""Panels one act at a time: order, sizes, what two people change, what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from metrics.choices import PanelKind
from metrics.errors import BadDefinition
from metrics.models import Dashboard, DashboardPanel, Kpi
from metrics.services.dashboards import PanelSpec, create_dashboard
from metrics.services.panels import (
    PanelConflict,
    add_panel,
    change_panel,
    duplicate_panel,
    move_panel,
    remove_panel,
    resize_panel,
    restore_panel,
    seen_of,
    shift_panel,
)
from organization.access import Actor
from organization.errors import NotAllowed, NotVisible, StateConflict
from organization.models import AuditEntry, Organization
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_actor, make_member
from tests.factories.metrics import make_dataset, make_kpi

pytestmark = pytest.mark.django_db


class Board:
    """A dashboard of four texts A, B, C, D."""

    def __init__(self, organization: Organization, owner: Actor) -> None:
        self.organization, self.owner = organization, owner
        self.dashboard = create_dashboard(owner, organization, name="Board", panels=[text(name) for name in "ABCD"])

    def __getitem__(self, title: str) -> DashboardPanel:
        return DashboardPanel.objects.get(dashboard=self.dashboard, title=title)

    @property
    def order(self) -> str:
        rows = DashboardPanel.objects.filter(dashboard=self.dashboard, removed_at=None).order_by("position", "pk")
        return "".join(rows.values_list("title", flat=True))


def text(title: str, **facts: Any) -> PanelSpec:
    return PanelSpec(None, PanelKind.TEXT, title=title, **facts)


@pytest.fixture
def board(organization: Organization) -> Any:
    with tenant_context(organization.pk):
        yield Board(organization, make_actor("owner"))


@pytest.mark.parametrize(
    ("moved", "after", "order"),
    [("A", "C", "BCAD"), ("D", None, "DABC"), ("B", "A", "ABCD"), ("A", "D", "BCDA"), ("C", "A", "ACBD")],
)
def test_panel_moves_behind_another_one(board: Board, moved: str, after: str | None, order: str) -> None:
    move_panel(board.owner, board.dashboard, panel=board[moved], after=board[after] if after else None)

    assert board.order == order


@pytest.mark.parametrize(
    ("moved", "steps", "order"), [("B", -1, "BACD"), ("B", 1, "ACBD"), ("A", -1, "ABCD"), ("A", 9, "BCDA")]
)
def test_panel_shifts_by_places(board: Board, moved: str, steps: int, order: str) -> None:
    shift_panel(board.owner, board.dashboard, panel=board[moved], steps=steps)

    assert board.order == order


def test_moving_leaves_versions_and_bumps_none(board: Board) -> None:
    move_panel(board.owner, board.dashboard, panel=board["A"], after=board["D"])

    assert set(DashboardPanel.objects.values_list("version", flat=True)) == {1}
    assert AuditEntry.objects.order_by("-id").first().verb == "metrics.dashboard.panel_moved"


def test_behind_a_panel_that_went_meanwhile_is_the_end(board: Board) -> None:
    gone = board["B"]
    remove_panel(board.owner, board.dashboard, panel=gone)

    move_panel(board.owner, board.dashboard, panel=board["A"], after=gone)

    assert board.order == "CDA"


def test_added_and_duplicated_panels_stand_where_they_are_wanted(board: Board) -> None:
    add_panel(board.owner, board.dashboard, spec=text("E"))
    add_panel(board.owner, board.dashboard, spec=text("F", width=3, height=2), after=board["A"])
    copy = duplicate_panel(board.owner, board.dashboard, panel=board["F"])

    assert board.order == "AFFBCDE"
    assert (copy.width, copy.height, copy.version) == (3, 2, 1)


def test_removed_panel_comes_back_to_its_place(board: Board) -> None:
    removed = remove_panel(board.owner, board.dashboard, panel=board["B"])
    assert board.order == "ACD"

    restore_panel(board.owner, board.dashboard, panel=removed)
    restore_panel(board.owner, board.dashboard, panel=removed)

    assert board.order == "ABCD"


def test_what_two_people_change_about_one_panel_adds_up(board: Board) -> None:
    panel = board["A"]
    seen = seen_of(panel)
    resize_panel(board.owner, board.dashboard, panel=panel, width=4, seen=12)

    change_panel(board.owner, board.dashboard, panel=panel, spec=text("New", width=12), version=1, seen=seen)

    changed = board["New"]
    assert (changed.title, changed.width, changed.version) == ("New", 4, 3)


def test_both_changed_the_same_is_a_conflict_and_changes_nothing(board: Board) -> None:
    panel = board["A"]
    seen = seen_of(panel)
    change_panel(board.owner, board.dashboard, panel=panel, spec=text("Theirs"), version=1, seen=seen)

    with pytest.raises(PanelConflict) as refused:
        change_panel(board.owner, board.dashboard, panel=panel, spec=text("Mine"), version=1, seen=seen)
    assert refused.value.fields == ["title"]
    assert board["Theirs"].version == 2
    change_panel(board.owner, board.dashboard, panel=panel, spec=text("Mine"), version=2)
    assert board["Mine"].version == 3


def test_kind_and_its_settings_are_one_thing(board: Board) -> None:
    panel = board["A"]
    seen = seen_of(panel)
    change_panel(
        board.owner, board.dashboard, panel=panel, spec=text("A", settings={"text": "Hello"}), version=1, seen=seen
    )
    dataset = make_dataset(board.owner, board.organization)
    kpi = make_kpi(board.owner, board.organization, dataset=dataset, aggregation="count")

    with pytest.raises(PanelConflict):
        change_panel(
            board.owner,
            board.dashboard,
            panel=panel,
            spec=PanelSpec(kpi, title="A", width=12, height=1),
            version=1,
            seen=seen,
        )

    assert board["A"].settings == {"text": "Hello"}


def test_width_that_somebody_else_set_is_not_overwritten(board: Board) -> None:
    resize_panel(board.owner, board.dashboard, panel=board["A"], width=4, seen=12)

    with pytest.raises(PanelConflict):
        resize_panel(board.owner, board.dashboard, panel=board["A"], width=8, seen=12)
    with pytest.raises(BadDefinition):
        resize_panel(board.owner, board.dashboard, panel=board["A"], width=5)

    assert board["A"].width == 4


def test_changing_a_removed_panel_says_so(board: Board) -> None:
    panel = remove_panel(board.owner, board.dashboard, panel=board["A"])

    with pytest.raises(StateConflict):
        change_panel(board.owner, board.dashboard, panel=panel, spec=text("New"), version=1)
    with pytest.raises(NotVisible):
        move_panel(board.owner, board.dashboard, panel=panel, after=None)


def test_a_dashboard_holds_at_most_forty_panels(board: Board) -> None:
    for _ in range(36):
        add_panel(board.owner, board.dashboard, spec=text("X"))

    with pytest.raises(BadDefinition):
        add_panel(board.owner, board.dashboard, spec=text("Y"))

    assert DashboardPanel.objects.filter(dashboard=board.dashboard).count() == 40


def test_o4_shifting_passes_over_panels_that_the_editor_does_not_see(board: Board) -> None:
    department = create_department(board.owner, board.organization, name="Sales", code="S")
    other = create_department(board.owner, board.organization, name="Stock", code="T")
    dataset = make_dataset(board.owner, board.organization)
    hidden = make_kpi(board.owner, board.organization, dataset=dataset, aggregation="count", department=other)
    add_panel(board.owner, board.dashboard, spec=PanelSpec(hidden, title="H"), after=board["A"])
    staff = actor_of(make_member("staff", department=department))
    Dashboard.objects.filter(pk=board.dashboard.pk).update(owner=staff.member_id)
    mine = Dashboard.objects.get(pk=board.dashboard.pk)

    shift_panel(staff, mine, panel=board["B"], steps=-1)

    assert board.order == "BAHCD"
    assert not Kpi.objects.visible_to(staff).filter(pk=hidden.pk).exists()
    with pytest.raises(NotVisible):
        shift_panel(staff, mine, panel=board["H"], steps=1)


def test_o4_who_may_not_change_the_dashboard_changes_no_panel(board: Board) -> None:
    auditor = make_actor("auditor")
    acts = [
        lambda: add_panel(auditor, board.dashboard, spec=text("E")),
        lambda: move_panel(auditor, board.dashboard, panel=board["A"], after=None),
        lambda: remove_panel(auditor, board.dashboard, panel=board["A"]),
        lambda: resize_panel(auditor, board.dashboard, panel=board["A"], width=3),
    ]

    for act in acts:
        with pytest.raises(NotAllowed):
            act()

    assert board.order == "ABCD"
    assert board["A"].width == 12
