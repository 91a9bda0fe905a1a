"""Addresses of floor 0."""

from __future__ import annotations

from django.urls import path

from organization.views import home

app_name = "organization"

urlpatterns = [
    path("choose/", home.ChooseOrganizationView.as_view(), name="choose"),
]
