"""Addresses of processes."""

from __future__ import annotations

from django.urls import path

from processes.views import runs, sops

app_name = "processes"

urlpatterns = [
    path("sops/", sops.SopListView.as_view(), name="sop-list"),
    path("sops/<int:pk>/", sops.SopDetailView.as_view(), name="sop-detail"),
    path("versions/<int:pk>/", sops.VersionDetailView.as_view(), name="version-detail"),
    path("runs/", runs.RunListView.as_view(), name="run-list"),
    path("runs/<int:pk>/", runs.RunDetailView.as_view(), name="run-detail"),
    path("steps/<int:pk>/", runs.StepDetailView.as_view(), name="step-detail"),
]
