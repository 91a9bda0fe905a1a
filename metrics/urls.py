"""Addresses of metrics."""

from __future__ import annotations

from django.urls import include, path

from metrics.views import (
    chart_notes,
    dashboard_editing,
    dashboard_pdf,
    dashboard_sharing,
    dashboard_wall,
    dashboards,
    datasets,
    entries,
    entry_plans,
    imports,
    kits,
    kpi_forms,
    kpis,
    panel_editing,
    panels,
    source_forms,
    sources,
    targets,
)

app_name = "metrics"

import_urls = [
    path("", imports.ImportListView.as_view(), name="import-list"),
    path("new/", imports.ImportNewView.as_view(), name="import-new"),
    path("<int:pk>/", imports.ImportDetailView.as_view(), name="import-detail"),
    path("<int:pk>/columns/", imports.ImportMappingView.as_view(), name="import-mapping"),
    path("<int:pk>/confirm/", imports.ImportConfirmView.as_view(), name="import-confirm"),
    path("<int:pk>/progress/", imports.ImportProgressView.as_view(), name="import-progress"),
    path("<int:pk>/refused/", imports.ImportRefusedView.as_view(), name="import-refused"),
    path("<int:pk>/undo/", imports.ImportUndoView.as_view(), name="import-undo"),
]

kpi_urls = [
    path("", kpis.KpiListView.as_view(), name="kpi-list"),
    path("new/", kpi_forms.KpiNewView.as_view(), name="kpi-new"),
    path("check/", kpi_forms.KpiCheckView.as_view(), name="kpi-check"),
    path("<int:pk>/", kpis.KpiDetailView.as_view(), name="kpi-detail"),
    path("<int:pk>/edit/", kpi_forms.KpiEditView.as_view(), name="kpi-edit"),
    path("<int:pk>/redefine/", kpi_forms.KpiRedefineView.as_view(), name="kpi-redefine"),
    path("<int:pk>/rows/", kpis.KpiRowsView.as_view(), name="kpi-rows"),
    path("<int:pk>/notes/new/", chart_notes.NoteNewView.as_view(), name="note-new"),
    path("<int:pk>/targets/", targets.TargetGridView.as_view(), name="kpi-targets"),
]
dashboard_urls = [
    path("", dashboards.DashboardListView.as_view(), name="dashboard-list"),
    path("home/", dashboards.DashboardHomeView.as_view(), name="dashboard-home"),
    path("new/", dashboard_editing.DashboardNewView.as_view(), name="dashboard-new"),
    path("<int:pk>/", dashboards.DashboardDetailView.as_view(), name="dashboard-detail"),
    path("<int:pk>/pdf/", dashboard_pdf.DashboardPdfView.as_view(), name="dashboard-pdf"),
    path("<int:pk>/edit/", dashboard_editing.DashboardEditView.as_view(), name="dashboard-edit"),
    path("<int:pk>/settings/", dashboard_editing.DashboardSettingsView.as_view(), name="dashboard-settings"),
    path("<int:pk>/copy/", dashboard_editing.DashboardCopyView.as_view(), name="dashboard-copy"),
    path("<int:pk>/restore/", dashboard_editing.DashboardRestoreView.as_view(), name="dashboard-restore"),
    path("<int:pk>/share/", dashboard_sharing.DashboardShareView.as_view(), name="dashboard-share"),
    path(
        "<int:pk>/share/<int:share>/stop/", dashboard_sharing.DashboardUnshareView.as_view(), name="dashboard-unshare"
    ),
    path("<int:pk>/roles/", dashboard_sharing.DashboardFirstForRolesView.as_view(), name="dashboard-first-roles"),
    path("<int:pk>/wall/", dashboard_wall.DashboardWallView.as_view(), name="dashboard-wall"),
    path("<int:pk>/pin/", dashboard_sharing.DashboardPinView.as_view(), name="dashboard-pin"),
    path("<int:pk>/first/", dashboard_sharing.DashboardFirstView.as_view(), name="dashboard-first"),
    path("<int:pk>/panels/new/", panel_editing.PanelNewView.as_view(), name="panel-new"),
    path("<int:pk>/panels/<int:panel>/edit/", panel_editing.PanelEditView.as_view(), name="panel-edit"),
    path("<int:pk>/panels/<int:panel>/move/", panel_editing.PanelMoveView.as_view(), name="panel-move"),
    path("<int:pk>/panels/<int:panel>/resize/", panel_editing.PanelResizeView.as_view(), name="panel-resize"),
    path("<int:pk>/panels/<int:panel>/duplicate/", panel_editing.PanelDuplicateView.as_view(), name="panel-duplicate"),
    path("<int:pk>/panels/<int:panel>/remove/", panel_editing.PanelRemoveView.as_view(), name="panel-remove"),
    path("<int:pk>/panels/<int:panel>/restore/", panel_editing.PanelRestoreView.as_view(), name="panel-restore"),
    path("<int:pk>/delete/", dashboard_editing.DashboardDeleteView.as_view(), name="dashboard-delete"),
    path("<int:pk>/notes/new/", chart_notes.DashboardNoteNewView.as_view(), name="dashboard-note-new"),
    path("<int:pk>/values/", dashboards.DashboardValuesView.as_view(), name="dashboard-values"),
    path("<int:pk>/panels/<int:panel>/", panels.PanelDetailView.as_view(), name="panel-detail"),
    path("<int:pk>/panels/<int:panel>/data/", panels.PanelDataView.as_view(), name="panel-data"),
]
dataset_urls = [
    path("", datasets.DatasetListView.as_view(), name="dataset-list"),
    path("<int:pk>/", datasets.DatasetDetailView.as_view(), name="dataset-detail"),
    path("<int:pk>/derive/", datasets.DatasetDeriveView.as_view(), name="dataset-derive"),
]
source_urls = [
    path("", sources.SourceListView.as_view(), name="source-list"),
    path("new/webhook/", source_forms.SourceNewView.as_view(kind="webhook"), name="source-new-webhook"),
    path("new/sql/", source_forms.SourceNewView.as_view(kind="sql"), name="source-new-sql"),
    path("new/events/", source_forms.SourceNewView.as_view(kind="events"), name="source-new-events"),
    path("<int:pk>/", sources.SourceDetailView.as_view(), name="source-detail"),
    path("<int:pk>/edit/", source_forms.SourceEditView.as_view(), name="source-edit"),
    path("<int:pk>/columns/", source_forms.SourcePlanView.as_view(), name="source-plan"),
    path("<int:pk>/progress/", source_forms.SourceProgressView.as_view(), name="source-progress"),
    path("<int:pk>/look/", sources.SourceLookView.as_view(), name="source-look"),
    path("<int:pk>/run/", sources.SourceRunView.as_view(), name="source-run"),
    path("<int:pk>/switch/", sources.SourceSwitchView.as_view(), name="source-switch"),
    path("<int:pk>/secret/", sources.SourceSecretView.as_view(), name="source-secret"),
    path("<int:pk>/remove/", sources.SourceRemoveView.as_view(), name="source-remove"),
    path("<int:pk>/deliveries/<int:delivery>/", sources.DeliveryDetailView.as_view(), name="source-delivery"),
    path("<int:pk>/deliveries/<int:delivery>/refused/", sources.DeliveryRefusedView.as_view(), name="source-refused"),
]

note_urls = [
    path("<int:pk>/edit/", chart_notes.NoteEditView.as_view(), name="note-edit"),
    path("<int:pk>/remove/", chart_notes.NoteRemoveView.as_view(), name="note-remove"),
    path("<int:pk>/restore/", chart_notes.NoteRestoreView.as_view(), name="note-restore"),
]
entry_urls = [
    path("", entries.EntryListView.as_view(), name="entry-list"),
    path("new/", entry_plans.EntryKpiNewView.as_view(), name="entry-new"),
    path("<int:pk>/", entries.EntryGridView.as_view(), name="entry-grid"),
    path("<int:pk>/cells/", entries.EntryCellsView.as_view(), name="entry-cells"),
    path("<int:pk>/history/", entries.EntryHistoryView.as_view(), name="entry-history"),
    path("<int:pk>/waive/", entries.EntryWaiveView.as_view(), name="entry-waive"),
    path("<int:pk>/plan/", entry_plans.EntryPlanView.as_view(), name="entry-plan"),
]

urlpatterns = [
    path("entry/", include(entry_urls)),
    path("notes/", include(note_urls)),
    path("kpis/", include(kpi_urls)),
    path("dashboards/", include(dashboard_urls)),
    path("datasets/", include(dataset_urls)),
    path("imports/", include(import_urls)),
    path("sources/", include(source_urls)),
    path("datasets/<int:pk>/kits/<slug:kit>/", kits.KitApplyView.as_view(), name="kit-apply"),
]
