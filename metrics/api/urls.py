"""The API's addresses of metrics, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from metrics.api.datasets import DatasetListView
from metrics.api.kpis import KpiDetailView, KpiListView, KpiSeriesView
from metrics.api.observations import ObservationsView, RemovalsView

urlpatterns = [
    path("datasets/", DatasetListView.as_view(), name="dataset-list"),
    path("observations/", ObservationsView.as_view(), name="observations"),
    path("observations/removals/", RemovalsView.as_view(), name="observation-removals"),
    path("kpis/", KpiListView.as_view(), name="kpi-list"),
    path("kpis/<slug:key>/", KpiDetailView.as_view(), name="kpi-detail"),
    path("kpis/<slug:key>/series/", KpiSeriesView.as_view(), name="kpi-series"),
]
