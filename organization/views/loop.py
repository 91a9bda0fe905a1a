"""The chain around an object as one picture, and tying it to another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ops_platform.web.htmx import redirect_page, render_page
from organization.choices import LinkVerb
from organization.errors import DomainError, NotAllowed, NotVisible
from organization.queries.chains import chain
from organization.queries.kinds import kind_of, visible_object
from organization.queries.links import loop_panel
from organization.queries.search import search
from organization.services import links
from organization.views.base import PageView

EACH = 5


class LoopView(PageView):
    """What led to an object and what came of it. POST ties it to another one."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest, label: str, pk: int) -> HttpResponse:
        subject = self._object(label, pk)
        kind = kind_of(label)
        assert kind is not None
        found = kind.found(subject)
        text = request.GET.get("q", "")
        groups = search(self.actor, text, EACH) if self.actor.holds("organization.link.edit") else []
        here = f"{label}:{pk}"
        context = {
            "found": found,
            "chain": chain(self.actor, subject),
            "panel": loop_panel(self.actor, subject),
            "text": text,
            "choices": [one for group in groups for one in group.results if one.key and one.key != here],
            "verbs": LinkVerb.choices,
            "may_link": self.actor.holds("organization.link.edit"),
        }
        return render_page(request, "organization/loop.html", context, fragment="choices")

    def post(self, request: HttpRequest, label: str, pk: int) -> HttpResponse:
        subject = self._object(label, pk)
        given = request.POST
        other_label, _colon, number = given.get("other", "").partition(":")
        other = self._object(
            other_label, int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
        )
        verb, _colon, way = given.get("verb", "").partition(":")
        if verb not in LinkVerb.values:
            raise NotVisible
        source, target = (other, subject) if way == "from" else (subject, other)
        try:
            links.link(self.actor, source, verb=LinkVerb(verb), target=target)
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The link is made."))
        return redirect_page(request, reverse("organization:loop", args=[label, pk]))

    def _object(self, label: str, pk: int) -> Any:
        found = visible_object(self.actor, label, pk)
        if found is None:
            raise NotVisible
        return found
