"""Saving, changing and placing the views of lists; taking back what was just done."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import redirect_page
from organization.access import Actor
from organization.errors import DomainError, NotVisible
from organization.forms.saved_views import NewViewForm, ViewForm
from organization.models import SavedView
from organization.queries.saved_views import settled_query, visible_views
from organization.services import saved_views
from organization.undo import reverses, take_back, undo_url
from organization.views.base import ActionView, PageView, visible_or_404
from organization.views.editing import list_view

REMOVED = "organization.view.removed"


def list_url(view: SavedView) -> str:
    """The list as the view shows it."""
    return f"{reverse(view.list_name)}?{view.query}{'&' if view.query else ''}view={view.pk}"


@reverses(REMOVED)
def _bring_back(actor: Actor, facts: dict[str, Any]) -> None:
    saved_views.restore_view(actor, visible_or_404(SavedView.objects.all(), pk=facts["pk"]))


class ViewAction(ActionView):
    """A button about one view of a list."""

    permission = "organization.home.view"

    def view_of(self, **kwargs: Any) -> SavedView:
        """The view that the address names."""
        found: SavedView = visible_or_404(visible_views(self.actor), pk=kwargs["pk"])
        return found

    def refused_url(self, **kwargs: Any) -> str:
        return list_url(self.view_of(**kwargs))


class ViewNewView(ActionView):
    """Save the list as it stands."""

    permission = "organization.home.view"
    message = _("The view is saved.")

    def act(self, **kwargs: Any) -> str:
        form = NewViewForm(self.request.POST)
        if not form.is_valid():
            raise DomainError(_("Give the view a name."))
        facts = form.cleaned_data
        try:
            list_view(facts["list_name"])
        except KeyError as error:
            raise NotVisible from error
        facts["query"] = settled_query(QueryDict(facts["query"]))
        return list_url(saved_views.save_view(self.actor, self.request.organization, **facts))

    def refused_url(self, **kwargs: Any) -> str:
        name = self.request.POST.get("list_name", "")
        try:
            list_view(name)
        except KeyError:
            return reverse("home")
        return f"{reverse(name)}?{settled_query(QueryDict(self.request.POST.get('query', '')))}"


class ViewChangeView(ViewAction):
    """Another name, another circle, or the list as it stands now."""

    message = _("The view is saved.")

    def act(self, **kwargs: Any) -> str:
        view = self.view_of(**kwargs)
        if "query" in self.request.POST:
            values: dict[str, Any] = {"query": settled_query(QueryDict(self.request.POST["query"]))}
        else:
            form = ViewForm(self.request.POST)
            if not form.is_valid():
                raise DomainError(_("Give the view a name."))
            values = form.cleaned_data
        return list_url(saved_views.change_view(self.actor, view, **values))


class ViewPlaceView(ViewAction):
    """A tab or not; opened first or not."""

    message = _("The view has its place.")

    def act(self, **kwargs: Any) -> str:
        view = self.view_of(**kwargs)
        wanted = {name: self.request.POST.get(name) for name in ("is_pinned", "is_default")}
        saved_views.place_view(
            self.actor, view, **{name: value == "1" for name, value in wanted.items() if value in ("0", "1")}
        )
        return list_url(view)


class ViewRemoveView(ViewAction):
    """Remove a view; ten seconds to take it back."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        view = self.view_of(**kwargs)
        saved_views.remove_view(self.actor, view, at=timezone.now())
        undo = undo_url(self.actor, REMOVED, pk=view.pk)
        messages.success(request, str(_("The view “%(name)s” is removed.") % {"name": view.name}), extra_tags=undo)
        return redirect_page(request, f"{reverse(view.list_name)}?view=all")


class UndoView(PageView):
    """Take back what a toast still offers."""

    permission = "organization.home.view"
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, note: str) -> HttpResponse:
        try:
            take_back(self.actor, note)
        except NotVisible:
            raise
        except DomainError as error:
            return HttpResponse(status=409, headers={"X-Reason": quote(str(error))})
        return HttpResponse(status=204)
