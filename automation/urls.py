"""Addresses of automation."""

from __future__ import annotations

from django.urls import path

from automation.views import reports

app_name = "automation"

urlpatterns = [
    path("reports/", reports.ReportListView.as_view(), name="report-list"),
    path("reports/new/", reports.ReportNewView.as_view(), name="report-new"),
    path("reports/<int:pk>/", reports.ReportDetailView.as_view(), name="report-detail"),
    path("reports/<int:pk>/edit/", reports.ReportEditView.as_view(), name="report-edit"),
    path("reports/<int:pk>/delete/", reports.ReportDeleteView.as_view(), name="report-delete"),
    path("reports/<int:pk>/send/", reports.ReportSendView.as_view(), name="report-send"),
    path("reports/<int:pk>/pause/", reports.ReportPauseView.as_view(), name="report-pause"),
    path("reports/<int:pk>/resume/", reports.ReportResumeView.as_view(), name="report-resume"),
    path("reports/<int:pk>/runs/<int:run>/", reports.ReportRunView.as_view(), name="report-run"),
]
