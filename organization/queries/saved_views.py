"""The saved views of a list, as one member has arranged them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.db.models import F, FilteredRelation, Q
from django.http import QueryDict

from organization.access import Actor
from organization.models import SavedView
from organization.tenancy import TenantQuerySet

SHARE = "organization.view.share"
# What an address says of the moment, not of the view
PASSING = frozenset({"cursor", "view", "export", "edit", "row"})


def views_of(actor: Actor, list_name: str) -> TenantQuerySet:
    """Own and shared views of a list with `is_pinned` and `is_default` of the member, by name; one statement."""
    return (
        visible_views(actor)
        .filter(list_name=list_name)
        .alias(place=FilteredRelation("places", condition=Q(places__member=actor.member_id)))
        .annotate(is_pinned=F("place__is_pinned"), is_default=F("place__is_default"))
        .order_by("name", "pk")
    )


def visible_views(actor: Actor) -> TenantQuerySet:
    """What the member made or somebody shared, save what was removed."""
    return SavedView.objects.filter(Q(owner=actor.member_id) | Q(is_shared=True), removed_at=None)


def removed_views(actor: Actor) -> TenantQuerySet:
    """What was removed of the member's own and of the shared ones."""
    return SavedView.objects.filter(Q(owner=actor.member_id) | Q(is_shared=True), removed_at__isnull=False)


def settled_query(given: QueryDict | Mapping[str, str]) -> str:
    """What of an address makes a view: filters, order and columns, always written the same way."""
    pairs = given.lists() if isinstance(given, QueryDict) else ((name, [value]) for name, value in given.items())
    kept = [(name, value) for name, values in pairs for value in values if value and name not in PASSING]
    return urlencode(sorted(kept))


def may_change(actor: Actor, view: SavedView) -> bool:
    """Whether the member may rename, overwrite and remove the view."""
    return view.owner_id == actor.member_id or (view.is_shared and actor.holds(SHARE))
