"""All addresses. Each view declares its permission or says why it is public; a test walks them."""

from __future__ import annotations

from django.urls import include, path

from automation.api import urls as automation_api
from metrics.api import urls as metrics_api
from metrics.api.hooks import HookView
from ops_platform.api_docs import DocsView, SchemaView
from ops_platform.pages import GalleryView, PaletteView
from ops_platform.sample.views import RemoveSampleView
from organization.api import urls as organization_api
from organization.views.accounts import ChangeEmailView, SecondFactorView, SignInsView, SignOutView
from organization.views.home import HomeView, LanguageView

handler400 = "ops_platform.errors.bad_request"
handler403 = "ops_platform.errors.permission_denied"
handler404 = "ops_platform.errors.page_not_found"
handler500 = "ops_platform.errors.server_error"
handler429 = "ops_platform.errors.too_many_requests"

# One name space over the floors: links between calls need not know which app answers
api_patterns = [*organization_api.urlpatterns, *metrics_api.urlpatterns, *automation_api.urlpatterns]

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("accounts/logout/", SignOutView.as_view(), name="account_logout"),
    path("accounts/email/", ChangeEmailView.as_view(), name="account_email"),
    path("accounts/sign-ins/", SignInsView.as_view(), name="sign-ins"),
    path("accounts/two-factor/", SecondFactorView.as_view(), name="mfa_index"),
    path("accounts/two-factor/", include("allauth.mfa.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("accounts/single-sign-on/", include("allauth.socialaccount.urls")),
    path("language/", LanguageView.as_view(), name="set_language"),
    path("", include("organization.urls")),
    path("metrics/", include("metrics.urls")),
    path("processes/", include("processes.urls")),
    path("automation/", include("automation.urls")),
    path("hooks/<str:address>/", HookView.as_view(), name="hook"),
    path("hooks/<str:address>", HookView.as_view()),  # a redirect would lose the delivery
    path("api/v1/", include((api_patterns, "api"))),
    path("api/v1/schema/", SchemaView.as_view(), name="schema"),
    path("api/v1/docs/", DocsView.as_view(), name="api-docs"),
    path("palette/", PaletteView.as_view(), name="palette"),
    path("organization/settings/sample/", RemoveSampleView.as_view(), name="sample-remove"),
    path("gallery/", GalleryView.as_view(), name="gallery"),
]
