"""Addresses of metrics."""

from __future__ import annotations

from django.urls import include, path

from metrics.views import imports, kits

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

urlpatterns = [
    path("imports/", include(import_urls)),
    path("datasets/<int:pk>/kits/<slug:kit>/", kits.KitApplyView.as_view(), name="kit-apply"),
]
