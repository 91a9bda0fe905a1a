"""What every page's frame needs. Fires no query: the view has loaded the member already."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from ops_platform.navigation import navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    """actor, organization, navigation and language of the running page; empty for public pages."""
    actor = getattr(request, "actor", None)
    return {
        "actor": actor,
        "member": getattr(request, "member", None),
        "organization": getattr(request, "organization", None),
        "navigation": navigation(actor, request.path) if actor else [],
    }
