"""What every page's frame needs. Fires no query: the view has loaded the member already."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from metrics.queries.at_hand import pinned_dashboards
from ops_platform.navigation import count_text, first_places, folded_sections, navigation, place_in
from organization.queries.actors import seen_as


def shell(request: HttpRequest) -> dict[str, Any]:
    """actor, organization, navigation, first_places and unread of the running page; empty for public pages.

    seen and place are the keys under which parts of the frame are kept: all that was read of the member, and what of
    the menu depends on the request.
    """
    actor = getattr(request, "actor", None)
    member = getattr(request, "member", None)
    counts = {name: getattr(member, name, 0) for name in ("owed", "unread")}
    organization = getattr(request, "organization", None)
    menu = []
    if actor and organization:
        pinned = pinned_dashboards(actor, getattr(member, "at_hand", None))
        menu = navigation(actor, request.path, counts, organization.hidden_pillars, folded_sections(request), pinned)
    return {
        "actor": actor,
        "member": member,
        "seen": seen_as(member) if member is not None else "",
        "place": place_in(menu),
        "unread": count_text(counts["unread"]),
        "organization": organization,
        "sso_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "navigation": menu,
        "first_places": first_places(menu),
    }
