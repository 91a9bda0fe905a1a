"""Addresses of processes."""

from __future__ import annotations

from django.urls import path

from processes.views import authoring, runs, sops

app_name = "processes"

urlpatterns = [
    path("sops/", sops.SopListView.as_view(), name="sop-list"),
    path("sops/<int:pk>/", sops.SopDetailView.as_view(), name="sop-detail"),
    path("versions/<int:pk>/", sops.VersionDetailView.as_view(), name="version-detail"),
    path("versions/<int:pk>/edit/", authoring.EditorView.as_view(), name="version-edit"),
    path("versions/<int:pk>/edit/frame/", authoring.FrameFormView.as_view(), name="frame-edit"),
    path("versions/<int:pk>/edit/add/", authoring.PartAddView.as_view(), name="part-add"),
    path("versions/<int:pk>/edit/bin/<str:token>/", authoring.PartRestoreView.as_view(), name="part-restore"),
    path("versions/<int:pk>/edit/<str:key>/", authoring.PartFormView.as_view(), name="part-edit"),
    path("versions/<int:pk>/edit/<str:key>/up/", authoring.PartShiftView.as_view(), {"by": -1}, name="part-up"),
    path("versions/<int:pk>/edit/<str:key>/down/", authoring.PartShiftView.as_view(), {"by": 1}, name="part-down"),
    path("versions/<int:pk>/edit/<str:key>/move/", authoring.PartMoveView.as_view(), name="part-move"),
    path("versions/<int:pk>/edit/<str:key>/copy/", authoring.PartDuplicateView.as_view(), name="part-duplicate"),
    path("versions/<int:pk>/edit/<str:key>/remove/", authoring.PartRemoveView.as_view(), name="part-remove"),
    path("runs/", runs.RunListView.as_view(), name="run-list"),
    path("runs/<int:pk>/", runs.RunDetailView.as_view(), name="run-detail"),
    path("steps/<int:pk>/", runs.StepDetailView.as_view(), name="step-detail"),
]
