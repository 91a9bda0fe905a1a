"""All addresses. Each view declares its permission or says why it is public; a test walks them."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from ops_platform.health import healthz, readyz
from organization.views.home import HomeView

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", HomeView.as_view(), name="home"),
    path("accounts/", include("allauth.account.urls")),
    path("language/", set_language, name="set_language"),
    path("organization/", include("organization.urls")),
]
