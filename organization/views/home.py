"""The first page, choosing an organization, the language, and search."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.i18n import set_language

from ops_platform.web.htmx import render_page
from organization.errors import NotVisible
from organization.middleware import SESSION_KEY
from organization.queries.memberships import organizations_of
from organization.queries.onboarding import first_steps
from organization.queries.search import search
from organization.services import organizations
from organization.services.people import choose_language
from organization.views.base import ActionView, PageView


class HomeView(PageView):
    """Leads to what a person most likely came for; in a new organization, to its first steps."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        if steps := first_steps(self.actor, self.request.organization):
            return render_page(request, "organization/first_steps.html", {"steps": steps})
        if self.request.actor.holds("metrics.dashboard.view"):
            return redirect("metrics:dashboard-home")
        return redirect("organization:department-list")


class FirstStepsCloseView(ActionView):
    """The first steps are not wanted any more."""

    permission = "organization.settings.edit"
    message = _("The first steps are put away.")

    def act(self, **kwargs: Any) -> str:
        organizations.close_onboarding(self.actor, self.request.organization, at=timezone.now())
        return reverse("home")


class SearchView(PageView):
    """What has the words in it, of all that the person may see."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")
        context = {"text": text, "groups": search(self.actor, text)}
        return render_page(request, "organization/search.html", context, fragment="results")


@method_decorator(login_required, name="dispatch")
class ChooseOrganizationView(View):
    """Which organization to work in. With one there is nothing to choose."""

    public = "Shows a signed-in person their own memberships only."

    def get(self, request: HttpRequest) -> HttpResponse:
        organizations = organizations_of(_person(request))
        if len(organizations) == 1 and request.session.get(SESSION_KEY) != organizations[0].pk:
            request.session[SESSION_KEY] = organizations[0].pk
            return redirect(_next(request, request.GET.get("next", "")))
        context = {
            "organizations": organizations,
            "current_id": request.session.get(SESSION_KEY),
            "next": request.GET.get("next", ""),
        }
        return render(request, "organization/choose.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = request.POST.get("organization", "")
        if chosen not in {str(organization.pk) for organization in organizations_of(_person(request))}:
            raise Http404(str(NotVisible.message))
        request.session[SESSION_KEY] = int(chosen)
        return redirect(_next(request, request.POST.get("next", "")))


class LanguageView(View):
    """Django's switch of the language, which also remembers it for the person, for mails and other devices."""

    public = "Changes a cookie, and the language of the signed-in person alone."

    def post(self, request: HttpRequest) -> HttpResponse:
        answer = set_language(request)
        code = request.POST.get("language", "")
        if request.user.is_authenticated and code in dict(settings.LANGUAGES):
            choose_language(request.user.pk, code)
            activate(code)
        return answer


def _person(request: HttpRequest) -> int:
    assert request.user.pk is not None  # login_required
    return request.user.pk


def _next(request: HttpRequest, url: str) -> str:
    """The page that was asked for before, when it is one of ours. A bare word would be taken for the name of a view."""
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours and url.startswith("/") else "home"
