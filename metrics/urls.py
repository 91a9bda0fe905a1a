"""Addresses of metrics."""

from __future__ import annotations

from django.urls import path

from metrics.views import kits

app_name = "metrics"

urlpatterns = [
    path("datasets/<int:pk>/kits/<slug:kit>/", kits.KitApplyView.as_view(), name="kit-apply"),
]
