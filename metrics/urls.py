"""Addresses of metrics."""

from __future__ import annotations

from django.urls import include, path

from metrics.views import dashboards, datasets, imports, kits, kpi_forms, kpis, targets

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
    path("<int:pk>/values/", dashboards.DashboardValuesView.as_view(), name="dashboard-values"),
]
dataset_urls = [
    path("", datasets.DatasetListView.as_view(), name="dataset-list"),
    path("<int:pk>/", datasets.DatasetDetailView.as_view(), name="dataset-detail"),
    path("<int:pk>/derive/", datasets.DatasetDeriveView.as_view(), name="dataset-derive"),
]

urlpatterns = [
    path("kpis/", include(kpi_urls)),
    path("dashboards/", include(dashboard_urls)),
    path("datasets/", include(dataset_urls)),
    path("imports/", include(import_urls)),
    path("datasets/<int:pk>/kits/<slug:kit>/", kits.KitApplyView.as_view(), name="kit-apply"),
]
