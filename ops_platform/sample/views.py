"""Leaving the sample company behind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ops_platform.sample.removal import remove
from ops_platform.web.htmx import redirect_page
from organization.errors import DomainError, NotVisible
from organization.middleware import SESSION_KEY
from organization.models import User
from organization.views.base import FormPageView


class RemoveForm(forms.Form):
    """The short name, typed."""

    slug = forms.CharField(
        label=_("Short name of the sample company"), max_length=50, widget=forms.TextInput({"autocomplete": "off"})
    )


class OtherName(DomainError):
    """What was typed names another company."""

    message = _("This is not the short name of the sample company.")
    field = "slug"


class RemoveSampleView(FormPageView):
    """The sample with its people, figures and files, gone without a trace once its short name is typed."""

    permission = "organization.settings.edit"
    template = "organization/sample_removal.html"
    title = _("Remove the sample company")
    submit_label = _("Remove everything")

    def prepare(self, **kwargs: Any) -> None:
        if not self.request.organization.is_sample:
            raise NotVisible

    def form(self, data: Any = None, files: Any = None) -> Any:
        return RemoveForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        slug = self.request.organization.slug
        if facts["slug"].strip() != slug:
            raise OtherName
        remove(slug)
        return "/"

    def saved(self, url: str) -> HttpResponse:
        request: HttpRequest = self.request
        assert request.user.pk is not None  # a member is signed in
        if User.objects.filter(pk=request.user.pk).exists():
            request.session.pop(SESSION_KEY, None)
        else:  # the sample's own account is gone with it
            logout(request)
        return redirect_page(request, url)

    def context(self) -> dict[str, Any]:
        steps = [(_("Settings"), reverse("organization:settings"))]
        return {"steps": steps, "slug": self.request.organization.slug}
