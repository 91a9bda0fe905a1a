"""The API's addresses of metrics, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from metrics.api import dashboard_sharing, dashboards, datasets, entries, imports, kpi_notes, kpis, sources, targets
from metrics.api.observations import ObservationsView, RemovalsView

urlpatterns = [
    path("datasets/", datasets.DatasetListApi.as_view(), name="dataset-list"),
    path("datasets/<slug:key>/", datasets.DatasetApi.as_view(), name="dataset"),
    path("datasets/<slug:key>/columns/", datasets.DatasetColumnsApi.as_view(), name="dataset-columns"),
    path("observations/", ObservationsView.as_view(), name="observations"),
    path("observations/removals/", RemovalsView.as_view(), name="observation-removals"),
    path("kpis/", kpis.KpiListApi.as_view(), name="kpi-list"),
    path("kpis/<slug:key>/", kpis.KpiApi.as_view(), name="kpi-detail"),
    path("kpis/<slug:key>/versions/", kpis.KpiVersionsApi.as_view(), name="kpi-versions"),
    path("kpis/<slug:key>/series/", kpis.KpiSeriesApi.as_view(), name="kpi-series"),
    path("kpis/<slug:key>/targets/", targets.KpiTargetsApi.as_view(), name="kpi-targets"),
    path("kpis/<slug:key>/annotations/", kpi_notes.AnnotationListApi.as_view(), name="annotation-list"),
    path("kpis/<slug:key>/annotations/<int:annotation>/", kpi_notes.AnnotationApi.as_view(), name="annotation"),
    path("entry-plans/", entries.EntryPlanListApi.as_view(), name="entry-plan-list"),
    path("entry-plans/<int:pk>/figures/", entries.FiguresApi.as_view(), name="figures"),
    path("dashboards/", dashboards.DashboardListApi.as_view(), name="dashboard-list"),
    path("dashboards/<int:pk>/", dashboards.DashboardApi.as_view(), name="dashboard"),
    path("dashboards/<int:pk>/copy/", dashboards.DashboardCopyApi.as_view(), name="dashboard-copy"),
    path("dashboards/<int:pk>/panels/", dashboards.PanelListApi.as_view(), name="panel-list"),
    path("dashboards/<int:pk>/panels/<int:panel>/", dashboards.PanelApi.as_view(), name="panel"),
    path("dashboards/<int:pk>/panels/<int:panel>/move/", dashboards.PanelMoveApi.as_view(), name="panel-move"),
    path("dashboards/<int:pk>/restore/", dashboard_sharing.DashboardRestoreApi.as_view(), name="dashboard-restore"),
    path("dashboards/<int:pk>/shares/", dashboard_sharing.ShareListApi.as_view(), name="share-list"),
    path("dashboards/<int:pk>/shares/<int:share>/", dashboard_sharing.ShareApi.as_view(), name="share"),
    path("dashboards/<int:pk>/pin/", dashboard_sharing.DashboardPinApi.as_view(), name="dashboard-pin"),
    path("dashboards/<int:pk>/first/", dashboard_sharing.DashboardFirstApi.as_view(), name="dashboard-first"),
    path("dashboards/<int:pk>/first-roles/", dashboard_sharing.FirstRolesApi.as_view(), name="dashboard-first-roles"),
    path(
        "dashboards/<int:pk>/panels/<int:panel>/restore/",
        dashboard_sharing.PanelRestoreApi.as_view(),
        name="panel-restore",
    ),
    path("dashboards/<int:pk>/panels/<int:panel>/copy/", dashboards.PanelCopyApi.as_view(), name="panel-copy"),
    path(
        "kpis/<slug:key>/annotations/<int:annotation>/restore/",
        kpi_notes.AnnotationRestoreApi.as_view(),
        name="annotation-restore",
    ),
    path("imports/", imports.ImportListApi.as_view(), name="import-list"),
    path("imports/<int:pk>/", imports.ImportApi.as_view(), name="import"),
    path("imports/<int:pk>/plan/", imports.ImportPlanApi.as_view(), name="import-plan"),
    path("imports/<int:pk>/confirm/", imports.ImportConfirmApi.as_view(), name="import-confirm"),
    path("imports/<int:pk>/discard/", imports.ImportDiscardApi.as_view(), name="import-discard"),
    path("imports/<int:pk>/undo/", imports.ImportUndoApi.as_view(), name="import-undo"),
    path("imports/<int:pk>/refusals/", imports.ImportRefusalsApi.as_view(), name="import-refusals"),
    path("imports/<int:pk>/refused-rows/", imports.ImportRefusedApi.as_view(), name="import-refused"),
    path("sources/", sources.SourceListApi.as_view(), name="source-list"),
    path("sources/<int:pk>/", sources.SourceApi.as_view(), name="source"),
    path("sources/<int:pk>/runs/", sources.SourceRunListApi.as_view(), name="source-runs"),
    path("sources/<int:pk>/run/", sources.SourceRunApi.as_view(), name="source-run"),
    path("sources/<int:pk>/switch/", sources.SourceSwitchApi.as_view(), name="source-switch"),
]
