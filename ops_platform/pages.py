"""Pages of the roof."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ops_platform.palette import palette
from ops_platform.web.gallery import gallery
from organization.views.base import PageView


class GalleryView(PageView):
    """All components on one page, for those who build screens."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        return gallery(request)


class PaletteView(PageView):
    """The lines of the command palette for what was typed so far. Without a script people use the search page."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")
        recent = request.GET["recent"].split(",") if request.GET.get("recent") else []
        parts = palette(self.actor, text, recent, self.request.organization.hidden_pillars)
        count = sum(len(part.choices) for part in parts)
        return render(request, "components/palette_parts.html", {"parts": parts, "text": text, "count": count})
