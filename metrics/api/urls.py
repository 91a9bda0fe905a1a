"""The API's addresses of metrics, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from metrics.api import datasets, kpis
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
]
