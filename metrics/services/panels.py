"""Panels of a dashboard, one act at a time: what two people do to different panels, or different things to one, adds up.

Each act holds the dashboard's row, so that the order stays one list; a panel's `version` rises with what it shows, not
with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.engine.panel_settings import WIDTHS
from metrics.errors import BadDefinition
from metrics.events import DASHBOARD_CHANGED
from metrics.models import Dashboard, DashboardPanel, Kpi
from metrics.services.dashboards import KEPT_IN_BIN, MOST_PANELS, PanelSpec, check_panel
from organization.access import Actor
from organization.engine.audit_chain import changes
from organization.errors import NotVisible, StateConflict
from organization.services import audit, events
from organization.usecases import use_case

FIELDS = ("kpi", "kind", "column", "title", "title_zh", "width", "height", "settings")
# What is one thing to people: settings belong to the kind, a property to the KPI
SUBJECTS = ({"kpi", "kind", "column", "settings"}, {"title"}, {"title_zh"}, {"width"}, {"height"})


class PanelConflict(StateConflict):
    """Somebody else changed the same about the panel. fields: their names."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(_("Somebody else changed this panel meanwhile. Choose what shall stand."))
        self.fields = fields


@use_case("metrics.dashboard.edit")
def add_panel(
    actor: Actor, dashboard: Dashboard, *, spec: PanelSpec, after: DashboardPanel | None = None
) -> DashboardPanel:
    """A further panel behind `after`, or at the end. Raises BadDefinition."""
    order = _locked_order(dashboard)
    settings = check_panel(actor, spec)
    width, height = spec.size
    panel = DashboardPanel.objects.create(
        dashboard=dashboard,
        kpi=spec.kpi,
        kind=spec.kind,
        column=spec.column,
        title=spec.title,
        title_zh=spec.title_zh,
        width=width,
        height=height,
        settings=settings,
        position=len(order),
    )
    place = len(order) if after is None else _place(order, after.pk) + 1
    _renumber([*order[:place], panel, *order[place:]])
    _note(actor, "added", dashboard, panel, kind=panel.kind, kpi=panel.kpi_id)
    return panel


@use_case("metrics.dashboard.edit")
def duplicate_panel(actor: Actor, dashboard: Dashboard, *, panel: DashboardPanel) -> DashboardPanel:
    """The same panel once more, right behind it."""
    return add_panel(actor, dashboard, spec=spec_of(panel), after=panel)


@use_case("metrics.dashboard.edit")
def change_panel(
    actor: Actor,
    dashboard: Dashboard,
    *,
    panel: DashboardPanel,
    spec: PanelSpec,
    version: int,
    seen: Mapping[str, Any] | None = None,
) -> DashboardPanel:
    """Show something else in a panel.

    version: of the panel as the editor saw it; seen: what stood in its `FIELDS` then, KPI and property by their ids. What
    the editor left as it was
    keeps what somebody else made of it meanwhile. Raises PanelConflict where both changed the same, or where the versions
    differ and nothing is known of what was seen; and BadDefinition.
    """
    _locked_order(dashboard)
    panel = _there(dashboard, panel)
    spec = replace(spec, settings=check_panel(actor, spec))
    if panel.version != version:
        spec = _merged(panel, spec, seen)
        check_panel(actor, spec)
    asked = values_of(spec)
    changed = changes(seen_of(panel), _plainly(asked))
    for name, value in asked.items():
        setattr(panel, name, value)
    panel.version += 1
    panel.save()
    _note(actor, "changed", dashboard, panel, changed=changed)
    return panel


@use_case("metrics.dashboard.edit")
def resize_panel(
    actor: Actor, dashboard: Dashboard, *, panel: DashboardPanel, width: int, seen: int | None = None
) -> DashboardPanel:
    """Another width. seen: the width that the editor saw; raises PanelConflict where somebody else set another one."""
    _locked_order(dashboard)
    panel = _there(dashboard, panel)
    if width not in WIDTHS:
        raise BadDefinition(_("A panel is 3, 4, 6, 8 or 12 columns wide and 1 to 4 rows high."))
    if seen is not None and panel.width not in (seen, width):
        raise PanelConflict(["width"])
    before, panel.width, panel.version = panel.width, width, panel.version + 1
    panel.save(update_fields=["width", "version"])
    _note(actor, "changed", dashboard, panel, changed={"width": [before, width]})
    return panel


@use_case("metrics.dashboard.edit")
def move_panel(
    actor: Actor, dashboard: Dashboard, *, panel: DashboardPanel, after: DashboardPanel | None
) -> DashboardPanel:
    """Put a panel right behind another one, or first. All others keep their order, whoever moves what at the same time."""
    order = _locked_order(dashboard)
    moved = next((one for one in order if one.pk == panel.pk), None)
    if moved is None:
        raise NotVisible
    others = [one for one in order if one.pk != panel.pk]
    place = 0 if after is None else _place(others, after.pk) + 1
    _renumber([*others[:place], moved, *others[place:]])
    _note(actor, "moved", dashboard, moved, after=after.pk if after else None)
    return moved


@use_case("metrics.dashboard.edit")
def shift_panel(actor: Actor, dashboard: Dashboard, *, panel: DashboardPanel, steps: int) -> DashboardPanel:
    """Move a panel by so many places among those that the actor sees, less than zero for earlier."""
    seen = [one.pk for one in _seen(actor, _locked_order(dashboard))]
    if panel.pk not in seen:
        raise NotVisible
    here = seen.index(panel.pk)
    others = [pk for pk in seen if pk != panel.pk]
    place = min(max(here + steps, 0), len(others))
    before = DashboardPanel.objects.get(pk=others[place - 1]) if place else None
    return move_panel(actor, dashboard, panel=panel, after=before)


@use_case("metrics.dashboard.edit")
def remove_panel(actor: Actor, dashboard: Dashboard, *, panel: DashboardPanel) -> DashboardPanel:
    """Take a panel off the dashboard; `restore_panel` puts it back where it was."""
    _locked_order(dashboard)
    panel = _there(dashboard, panel)
    now = timezone.now()
    DashboardPanel.objects.filter(dashboard=dashboard, removed_at__lt=now - KEPT_IN_BIN).delete()
    panel.removed_at = now
    panel.save(update_fields=["removed_at"])
    _note(actor, "removed", dashboard, panel, kind=panel.kind, kpi=panel.kpi_id)
    return panel


@use_case("metrics.dashboard.edit")
def restore_panel(actor: Actor, dashboard: Dashboard, *, panel: DashboardPanel) -> DashboardPanel:
    """Put a removed panel back into its place. A second time changes nothing."""
    order = _locked_order(dashboard)
    panel = DashboardPanel.objects.get(dashboard=dashboard, pk=panel.pk)
    if panel.removed_at is None:
        return panel
    panel.removed_at = None
    panel.save(update_fields=["removed_at"])
    place = sum(one.position < panel.position for one in order)
    _renumber([*order[:place], panel, *order[place:]])
    _note(actor, "restored", dashboard, panel)
    return panel


def spec_of(panel: DashboardPanel) -> PanelSpec:
    """What makes the panel again."""
    return PanelSpec(**{name: getattr(panel, name) for name in FIELDS})


def differing(
    panel: DashboardPanel, spec: PanelSpec, seen: Mapping[str, Any] | None
) -> tuple[set[str], set[str], set[str]]:
    """Names of what the editor changed, of what others changed since, and of what is torn between both."""
    asked, current, base = _plainly(values_of(spec)), seen_of(panel), seen or {}
    mine = {name for name in FIELDS if name not in base or base[name] != asked[name]}
    theirs = {name for name in FIELDS if name not in base or base[name] != current[name]}
    torn = {
        name
        for subject in SUBJECTS
        if subject & mine and subject & theirs
        for name in subject
        if asked[name] != current[name]
    }
    return mine, theirs, torn


def seen_of(panel: DashboardPanel) -> dict[str, Any]:
    """What stands in the panel's `FIELDS`, for `change_panel` to compare with later."""
    return {name: _plain(getattr(panel, name)) for name in FIELDS}


def _merged(panel: DashboardPanel, spec: PanelSpec, seen: Mapping[str, Any] | None) -> PanelSpec:
    """What the panel is to become where somebody else changed it since. Raises PanelConflict."""
    mine, _theirs, torn = differing(panel, spec, seen)
    if torn:
        raise PanelConflict([name for name in FIELDS if name in torn])
    asked = values_of(spec)
    return PanelSpec(**{name: asked[name] if name in mine else getattr(panel, name) for name in FIELDS})


def values_of(spec: PanelSpec) -> dict[str, Any]:
    """What the panel's `FIELDS` become."""
    width, height = spec.size
    own = {"width": width, "height": height, "settings": dict(spec.settings)}
    return {name: getattr(spec, name) for name in FIELDS} | own


def _locked_order(dashboard: Dashboard) -> list[DashboardPanel]:
    """The panels in their order, which stays as it is until the transaction ends."""
    Dashboard.objects.select_for_update(of=("self",)).get(pk=dashboard.pk)
    return list(DashboardPanel.objects.filter(dashboard=dashboard, removed_at=None).order_by("position", "pk"))


def _seen(actor: Actor, order: list[DashboardPanel]) -> list[DashboardPanel]:
    kpi_ids = set(
        Kpi.objects.visible_to(actor).filter(pk__in=[one.kpi_id for one in order]).values_list("pk", flat=True)
    )
    return [one for one in order if one.kpi_id is None or one.kpi_id in kpi_ids]


def _there(dashboard: Dashboard, panel: DashboardPanel) -> DashboardPanel:
    found = DashboardPanel.objects.select_related("kpi", "column").filter(dashboard=dashboard, removed_at=None)
    row = found.filter(pk=panel.pk).first()
    if row is None:
        raise StateConflict(_("Somebody else removed this panel meanwhile."))
    return row


def _place(order: list[DashboardPanel], pk: int) -> int:
    """Where the panel stands; the end for one that was removed meanwhile."""
    return next((place for place, one in enumerate(order) if one.pk == pk), len(order) - 1)


def _renumber(order: list[DashboardPanel]) -> None:
    if len(order) > MOST_PANELS:
        raise BadDefinition(_("A dashboard holds at most %(limit)d panels.") % {"limit": MOST_PANELS})
    for position, panel in enumerate(order):
        if panel.position != position:
            panel.position = position
            panel.save(update_fields=["position"])


def _plain(value: Any) -> Any:
    return getattr(value, "pk", value)


def _plainly(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _note(actor: Actor, act: str, dashboard: Dashboard, panel: DashboardPanel, **facts: Any) -> None:
    audit.record(actor, f"metrics.dashboard.panel_{act}", dashboard, panel=panel.pk, **facts)
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
