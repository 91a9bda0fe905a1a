"""How a person likes the screens, kept with the account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from organization.forms.preferences import LookForm, PreferencesForm
from organization.services.people import change_preferences
from organization.views.base import FormPageView, PageView

NAMES = ("language", "timezone", "theme", "density", "rows_per_page", "uses_keys")


class PreferencesView(FormPageView):
    """Language, time zone, theme, density, rows and keys."""

    permission = "organization.home.view"
    title = _("Preferences")
    submit_label = _("Save")
    message = _("Your preferences are saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        person: Any = self.request.user
        initial = {name: getattr(person, name) for name in NAMES}
        initial["language"] = person.language or self.request.LANGUAGE_CODE
        return PreferencesForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        change_preferences(self.actor, self.request.member, **facts)
        self.language = facts["language"]
        return reverse("organization:preferences")

    def saved(self, url: str) -> HttpResponse:
        with override(self.language):
            answer = super().saved(url)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, self.language, max_age=settings.LANGUAGE_COOKIE_AGE)
        return answer


class LookView(PageView):
    """What the menu of the frame chose: remembered without leaving the page."""

    permission = "organization.home.view"
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LookForm(request.POST)
        if not form.is_valid():
            return HttpResponseBadRequest()
        if chosen := form.chosen():
            change_preferences(self.actor, self.request.member, **chosen)
        return HttpResponse(status=204)
