"""The API's addresses of automation, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from automation.api import reports

urlpatterns = [
    path("reports/", reports.ReportListApi.as_view(), name="report-list"),
    path("reports/<int:pk>/", reports.ReportApi.as_view(), name="report"),
    path("reports/<int:pk>/switch/", reports.ReportSwitchApi.as_view(), name="report-switch"),
    path("reports/<int:pk>/send/", reports.ReportSendApi.as_view(), name="report-send"),
    path("reports/<int:pk>/runs/", reports.ReportRunListApi.as_view(), name="report-runs"),
    path("reports/<int:pk>/runs/<int:run>/copies/", reports.ReportCopyListApi.as_view(), name="report-copies"),
]
