"""Addresses of metrics."""

from __future__ import annotations

from django.urls import include, path

from metrics.views import (
    dashboard_pdf,
    dashboards,
    datasets,
    imports,
    kits,
    kpi_forms,
    kpis,
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
    path("<int:pk>/targets/", targets.TargetGridView.as_view(), name="kpi-targets"),
]
dashboard_urls = [
    path("", dashboards.DashboardListView.as_view(), name="dashboard-list"),
    path("home/", dashboards.DashboardHomeView.as_view(), name="dashboard-home"),
    path("new/", dashboards.DashboardNewView.as_view(), name="dashboard-new"),
    path("<int:pk>/", dashboards.DashboardDetailView.as_view(), name="dashboard-detail"),
    path("<int:pk>/edit/", dashboards.DashboardEditView.as_view(), name="dashboard-edit"),
    path("<int:pk>/delete/", dashboards.DashboardDeleteView.as_view(), name="dashboard-delete"),
    path("<int:pk>/pdf/", dashboard_pdf.DashboardPdfView.as_view(), name="dashboard-pdf"),
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

urlpatterns = [
    path("kpis/", include(kpi_urls)),
    path("dashboards/", include(dashboard_urls)),
    path("datasets/", include(dataset_urls)),
    path("imports/", include(import_urls)),
    path("sources/", include(source_urls)),
    path("datasets/<int:pk>/kits/<slug:kit>/", kits.KitApplyView.as_view(), name="kit-apply"),
]
