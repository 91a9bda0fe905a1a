"""The first page, choosing an organization, and the language."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View

from organization.errors import NotVisible
from organization.middleware import SESSION_KEY
from organization.queries.memberships import organizations_of
from organization.views.base import PageView


class HomeView(PageView):
    """Leads to what a person most likely came for."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.request.actor.holds("metrics.dashboard.view"):
            return redirect("metrics:dashboard-home")
        return redirect("organization:department-list")


@method_decorator(login_required, name="dispatch")
class ChooseOrganizationView(View):
    """Which organization to work in. With one there is nothing to choose."""

    public = "Shows a signed-in person their own memberships only."

    def get(self, request: HttpRequest) -> HttpResponse:
        organizations = organizations_of(request.user.pk)
        if len(organizations) == 1 and request.session.get(SESSION_KEY) != organizations[0].pk:
            request.session[SESSION_KEY] = organizations[0].pk
            return redirect("home")
        return render(request, "organization/choose.html", {"organizations": organizations})

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = request.POST.get("organization", "")
        if chosen not in {str(organization.pk) for organization in organizations_of(request.user.pk)}:
            raise Http404(str(NotVisible.message))
        request.session[SESSION_KEY] = int(chosen)
        return redirect("home")
