"""A dashboard for a screen on the wall: no frame, large type, asked again by itself, several in turn."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from metrics.models import Dashboard
from metrics.queries.dashboard_list import among
from metrics.views.dashboards import dashboard_url
from ops_platform.web.htmx import render_page
from organization.views.base import PageView, visible_or_404

SECONDS, SHORTEST, LONGEST = 60, 30, 3_600
MOST_SCREENS = 20


class DashboardWallView(PageView):
    """The frame; what it shows is the dashboard's own page without its frame, asked for again every `?every=` seconds.

    `?with=` names further dashboards, by their numbers, that take turns; what else stands in the address goes to them all.
    """

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        dashboard = visible_or_404(Dashboard.objects.visible_to(self.actor), pk=pk)
        asked = [
            (name, value) for name, values in request.GET.lists() if name not in ("with", "every") for value in values
        ]
        query = f"?{urlencode(asked)}" if asked else ""
        screens = [dashboard, *among(self.actor, _numbers(request.GET.get("with", "")), without=pk)]
        context: dict[str, Any] = {
            "dashboard": dashboard,
            "page_theme": "light" if request.GET.get("theme") == "light" else "dark",
            "screens": [{"title": one.display_name, "url": f"{dashboard_url(one)}{query}"} for one in screens],
            "seconds": _seconds(request.GET.get("every", "")),
            "back_url": f"{reverse('metrics:dashboard-detail', args=[pk])}{query}",
        }
        return render_page(request, "metrics/dashboard_wall.html", context)


def _numbers(text: str) -> list[int]:
    parts = [part for part in text[:400].split(",") if part.isascii() and part.isdigit()]
    return [int(part[:18]) for part in parts[: MOST_SCREENS - 1]]


def _seconds(text: str) -> int:
    """How long a screen stands: never so short that the server is asked all the time."""
    return min(max(int(text[:6]), SHORTEST), LONGEST) if text.isascii() and text.isdigit() else SECONDS
