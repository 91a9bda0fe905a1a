"""The look of an organization: the form, and the two addresses that every page takes it from."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from ops_platform.database.scope import organization_var
from organization.engine.accents import THEMES, Shades, shades, sheet_name, stylesheet
from organization.forms.looks import LookForm
from organization.models import Organization
from organization.queries.looks import logo_file
from organization.services.looks import change_look
from organization.views.attachments import SANDBOX
from organization.views.base import FormPageView

FOR_GOOD = "public, max-age=31536000, immutable"
KINDS = {".png": "image/png", ".jpg": "image/jpeg"}
THEME_NAMES = {"light": _("Light"), "dark": _("Dark")}


class LookOfOrganizationView(FormPageView):
    """Name, logo and colour for everybody."""

    permission = "organization.settings.edit"
    template = "organization/look.html"
    title = _("Look of the organization")
    submit_label = _("Save the look")
    message = _("The look is saved.")

    def prepare(self, **kwargs: Any) -> None:
        self.current = Organization.objects.get(pk=self.request.organization.pk)

    def form(self, data: Any = None, files: Any = None) -> LookForm:
        initial = {name: getattr(self.current, name) for name in ("brand_name", "accent", "version")}
        form = LookForm(data, files, initial=initial)
        if not self.current.logo:
            del form.fields["without_logo"]
        return form

    def save(self, facts: dict[str, Any]) -> str:
        change_look(self.actor, self.request.organization, **facts)
        return reverse("organization:look-of-organization")

    def context(self) -> dict[str, Any]:
        return {
            "steps": [(_("Settings"), reverse("organization:settings"))],
            "current": self.current,
            "shown": [self._shown(theme) for theme in THEMES] if self.current.accent else [],
        }

    def _shown(self, theme: str) -> tuple[Any, Shades, bool, str]:
        """The theme in words, its shades, whether the accent is as chosen, and the ground it is shown on."""
        found = shades(self.current.accent, theme)
        return THEME_NAMES[theme], found, found.accent == self.current.accent, THEMES[theme].surface


class AccentView(View):
    """The stylesheet of a colour."""

    public = "A sheet of four colours, made of its own address: nothing of any organization is read."

    def get(self, request: HttpRequest, colour: str, digest: str) -> HttpResponse:
        if sheet_name(f"#{colour}") != f"{colour}-{digest}":
            raise Http404
        return HttpResponse(stylesheet(f"#{colour}"), content_type="text/css", headers={"Cache-Control": FOR_GOOD})


class LogoView(View):
    """The logo, for pages, the choice of organizations, and mails, whose readers have no session."""

    public = "A picture made to be seen, under an address that nobody can guess."

    def get(self, request: HttpRequest, organization: int, logo: str) -> HttpResponse:
        found = logo_file(logo) if organization_var.get() is not None else None
        if found is None or not str(found.file.name).endswith(logo[logo.rindex(".") :]):
            raise Http404
        with found.file.open("rb") as file:
            # By its address: a row that came with an archive may say anything
            answer = HttpResponse(file.read(), content_type=KINDS[logo[logo.rindex(".") :]])
        answer["Cache-Control"] = FOR_GOOD
        answer["Content-Security-Policy"] = SANDBOX
        return answer
