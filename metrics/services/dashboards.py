"""Making and changing dashboards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, KpiKind, PanelKind
from metrics.engine.panel_settings import HEIGHTS, NEED_COLUMN, SIZES, WIDTHS, BadSettings, FunnelSettings, parse
from metrics.errors import BadDefinition
from metrics.events import DASHBOARD_CHANGED
from metrics.models import Dashboard, DashboardPanel, DatasetColumn, Kpi, KpiBreakdown
from organization.access import Actor, can
from organization.engine.audit_chain import changes
from organization.errors import OutOfReach, StateConflict
from organization.models import Organization
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import authorize, use_case

MOST_PANELS = 40
KEPT_IN_BIN = timedelta(days=30)


@dataclass(frozen=True)
class PanelSpec:
    """One panel: a KPI and how it is drawn, or a text without one.

    column: what a panel of parts splits by, None for the first there is. title: empty for the KPI's name. width, height:
    None for what suits the kind. settings: as `engine.panel_settings` has them for the kind.
    """

    kpi: Kpi | None
    kind: str = PanelKind.LINE
    column: DatasetColumn | None = None
    title: str = ""
    title_zh: str = ""
    width: int | None = None
    height: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, those of the kind where none are given."""
        width, height = SIZES.get(self.kind, (WIDTHS[-1], HEIGHTS[0]))
        return self.width or width, self.height or height


@use_case("metrics.dashboard.edit")
def create_dashboard(
    actor: Actor, organization: Organization, *, name: str, panels: Sequence[PanelSpec], **values: Any
) -> Dashboard:
    """A dashboard of these panels in this order. values: name_zh, owner, department, default_period, is_private.

    Who may change only their own makes only their own.
    """
    _check_owner(values.get("is_private", False), values.get("owner"))
    dashboard = Dashboard.objects.create(name=name, reference=next_reference("DB"), **values)
    if not can(actor, "metrics.dashboard.edit", dashboard):
        raise OutOfReach
    _set_panels(actor, dashboard, panels)
    audit.record(actor, "metrics.dashboard.created", dashboard)
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
    return dashboard


@use_case("metrics.dashboard.edit")
def change_dashboard(
    actor: Actor, dashboard: Dashboard, *, version: int, panels: Sequence[PanelSpec] | None = None, **values: Any
) -> Dashboard:
    """Change a dashboard. panels: all of them anew, None to leave them; those on KPIs that the actor may not see stay.

    version: what the editor saw. Raises StateConflict.
    """
    dashboard = Dashboard.objects.select_for_update(of=("self",)).get(pk=dashboard.pk)
    if dashboard.version != version:
        raise StateConflict
    changed = changes({name: getattr(dashboard, name) for name in values}, values)
    for name, value in values.items():
        setattr(dashboard, name, value)
    _check_owner(dashboard.is_private, dashboard.owner)
    dashboard.version += 1
    dashboard.save()
    facts: dict[str, Any] = {}
    if panels is not None:
        _set_panels(actor, dashboard, panels)
        facts["panels"] = [spec.kpi.pk for spec in panels if spec.kpi]
    audit.record(actor, "metrics.dashboard.changed", dashboard, changed=changed, **facts)
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
    return dashboard


@use_case("metrics.dashboard.view")
def copy_dashboard(actor: Actor, dashboard: Dashboard, *, name: str) -> Dashboard:
    """A dashboard of the actor's own with the panels that the actor sees. It is private until its owner says otherwise."""
    copy = Dashboard.objects.create(
        name=name,
        reference=next_reference("DB"),
        owner_id=actor.member_id,
        default_period=dashboard.default_period,
        is_private=actor.member_id is not None,
    )
    authorize(actor, "metrics.dashboard.edit", copy)
    panels = list(
        DashboardPanel.objects.filter(dashboard=dashboard, removed_at=None).filter(
            Q(kpi=None) | Q(kpi__in=Kpi.objects.visible_to(actor))
        )
    )
    for position, panel in enumerate(panels):
        panel.pk = None
        panel._state.adding = True
        panel.dashboard, panel.position, panel.version = copy, position, 1
    DashboardPanel.objects.bulk_create(panels)
    audit.record(actor, "metrics.dashboard.created", copy, copied_from=dashboard.pk)
    events.emit(actor, DASHBOARD_CHANGED, copy)
    return copy


@use_case("metrics.dashboard.edit")
def delete_dashboard(actor: Actor, dashboard: Dashboard) -> None:
    """Put a dashboard into the bin, where it waits thirty days for `restore_dashboard`; its KPIs stay."""
    now = timezone.now()
    Dashboard.objects.filter(removed_at__lt=now - KEPT_IN_BIN).delete()
    Dashboard.objects.filter(pk=dashboard.pk, removed_at=None).update(removed_at=now)
    audit.record(actor, "metrics.dashboard.deleted", dashboard, name=dashboard.name)
    events.emit(actor, DASHBOARD_CHANGED, dashboard)


@use_case("metrics.dashboard.edit")
def restore_dashboard(actor: Actor, dashboard: Dashboard) -> Dashboard:
    """Take a dashboard out of the bin, as it was."""
    dashboard.removed_at = None
    dashboard.save(update_fields=["removed_at", "updated_at"])
    audit.record(actor, "metrics.dashboard.restored", dashboard)
    events.emit(actor, DASHBOARD_CHANGED, dashboard)
    return dashboard


def _check_owner(is_private: bool, owner: Any) -> None:
    if is_private and owner is None:
        raise BadDefinition(_("A private dashboard needs an owner."), field="owner")


def _set_panels(actor: Actor, dashboard: Dashboard, panels: Sequence[PanelSpec]) -> None:
    if len(panels) > MOST_PANELS:
        raise BadDefinition(_("A dashboard holds at most %(limit)d panels.") % {"limit": MOST_PANELS})
    plain = [check_panel(actor, spec) for spec in panels]
    hidden = list(
        DashboardPanel.objects.filter(dashboard=dashboard, kpi__isnull=False)
        .exclude(kpi__in=Kpi.objects.visible_to(actor))
        .order_by("position")
    )
    DashboardPanel.objects.filter(dashboard=dashboard).exclude(pk__in=[panel.pk for panel in hidden]).delete()
    for position, panel in enumerate(hidden, len(panels)):
        panel.position = position
        panel.save(update_fields=["position"])
    DashboardPanel.objects.bulk_create(
        DashboardPanel(
            dashboard=dashboard,
            kpi=spec.kpi,
            kind=spec.kind,
            column=spec.column,
            title=spec.title,
            title_zh=spec.title_zh,
            width=spec.size[0],
            height=spec.size[1],
            settings=settings,
            position=position,
        )
        for position, (spec, settings) in enumerate(zip(panels, plain, strict=True))
    )


def check_panel(actor: Actor, spec: PanelSpec) -> dict[str, Any]:
    """The settings of the panel as they are stored. Raises BadDefinition, NotAllowed."""
    try:
        settings = parse(spec.kind, spec.settings)
    except BadSettings as error:
        raise BadDefinition(_(error.message) % error.params) from error
    width, height = spec.size
    if width not in WIDTHS or height not in HEIGHTS:
        raise BadDefinition(_("A panel is 3, 4, 6, 8 or 12 columns wide and 1 to 4 rows high."))
    if (spec.kpi is None) != (spec.kind == PanelKind.TEXT):
        raise BadDefinition(_("Every panel shows a KPI, save one of text."))
    if spec.kpi is not None:
        authorize(actor, "metrics.kpi.view", spec.kpi)
        _check_column(spec.kpi, spec)
    if isinstance(settings, FunnelSettings):
        _check_steps(actor, spec, settings)
    return settings.to_dict()


def _check_column(kpi: Kpi, spec: PanelSpec) -> None:
    column = spec.column
    if column is None:
        if spec.kind in NEED_COLUMN:
            raise BadDefinition(_("Choose the property that says whose rows these are."))
        return
    if spec.kind == PanelKind.COHORT:
        fits = column.role == ColumnRole.DIMENSION and _rests_on(kpi, column)
    else:
        fits = _may_split(kpi, column)
    if not fits:
        raise BadDefinition(
            _("%(kpi)s is not kept by %(property)s.") % {"kpi": kpi.display_name, "property": column.display_name}
        )


def _check_steps(actor: Actor, spec: PanelSpec, settings: FunnelSettings) -> None:
    if settings.steps and (settings.values or spec.column):
        raise BadDefinition(_("A funnel has either KPIs or values of one property as its steps, not both."))
    if not settings.steps and spec.column is None:
        raise BadDefinition(_("A funnel needs at least two steps."))
    visible = Kpi.objects.visible_to(actor).filter(key__in=settings.steps).values_list("key", flat=True)
    missing = [key for key in settings.steps if key not in set(visible)]
    if missing:
        raise BadDefinition(_("There is no KPI with the short name %(key)s.") % {"key": missing[0]})


def _rests_on(kpi: Kpi, column: DatasetColumn) -> bool:
    """Whether a version of the KPI counts rows of the column's dataset."""
    return kpi.versions.filter(dataset=column.dataset_id, kind=KpiKind.AGGREGATE).exists()


def _may_split(kpi: Kpi, column: DatasetColumn) -> bool:
    """Whether a version of the KPI, or of what its formulas use directly, is rolled up by the column."""
    uses = KpiBreakdown.objects.filter(first=column, second=None)
    return uses.filter(version__kpi=kpi).exists() or uses.filter(version__kpi__used_by__version__kpi=kpi).exists()
