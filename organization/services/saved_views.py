"""Saving how a list is looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.errors import DomainError, NotAllowed, NotVisible
from organization.models import Organization, SavedView, ViewPlace
from organization.queries.saved_views import SHARE, may_change, views_of
from organization.services import audit
from organization.usecases import use_case

MOST_VIEWS = 50
LONGEST_QUERY = 2000


class TooManyViews(DomainError):
    """A list with more views than anybody finds their way in."""

    message = _("This list has many views already. Remove one that is not used any more.")
    field = "name"


class TooMuchInView(DomainError):
    """The address of the list is longer than a view keeps."""

    message = _("This view holds more than can be saved. Use fewer filters.")
    field = "name"


@use_case("organization.home.view")
def save_view(
    actor: Actor, organization: Organization, *, list_name: str, name: str, query: str, is_shared: bool = False
) -> SavedView:
    """A view of the member's own, a tab of the list from now on; shared, it is a team's. Raises NotAllowed, TooManyViews."""
    if is_shared:
        _refuse_sharing(actor)
    if len(query) > LONGEST_QUERY:
        raise TooMuchInView
    if views_of(actor, list_name).count() >= MOST_VIEWS:
        raise TooManyViews
    view = SavedView.objects.create(
        list_name=list_name, name=name, query=query, owner_id=actor.member_id, is_shared=is_shared
    )
    ViewPlace.objects.create(member_id=actor.member_id, view=view, is_pinned=True)
    audit.record(actor, "organization.view.saved", view, list=list_name, is_shared=is_shared)
    return view


@use_case("organization.home.view")
def change_view(actor: Actor, view: SavedView, **values: Any) -> SavedView:
    """Change name, query or is_shared of a view that is the member's own, or a team's by right. Raises NotAllowed."""
    view = _changeable(actor, view)
    if values.get("is_shared") and not view.is_shared:
        _refuse_sharing(actor)
    if len(values.get("query", "")) > LONGEST_QUERY:
        raise TooMuchInView
    for name, value in values.items():
        setattr(view, name, value)
    view.save()
    audit.record(actor, "organization.view.changed", view, fields=sorted(values))
    return view


@use_case("organization.home.view")
def remove_view(actor: Actor, view: SavedView, *, at: datetime) -> None:
    """Take a view away; `restore_view` brings it back with its places."""
    view = _changeable(actor, view)
    view.removed_at = at
    view.save(update_fields=["removed_at", "updated_at"])
    audit.record(actor, "organization.view.removed", view)


@use_case("organization.home.view")
def restore_view(actor: Actor, view: SavedView) -> SavedView:
    """Bring a removed view back."""
    view = _changeable(actor, view)
    view.removed_at = None
    view.save(update_fields=["removed_at", "updated_at"])
    audit.record(actor, "organization.view.restored", view)
    return view


@use_case("organization.home.view")
def place_view(
    actor: Actor, view: SavedView, *, is_pinned: bool | None = None, is_default: bool | None = None
) -> ViewPlace:
    """Where the member keeps the view: as a tab of its list, opened first. None leaves it. One view of a list is first."""
    if view.owner_id != actor.member_id and not view.is_shared:
        raise NotVisible
    if is_default:
        others = ViewPlace.objects.filter(member=actor.member_id, view__list_name=view.list_name)
        others.update(is_default=False)
    place, _made = ViewPlace.objects.get_or_create(member_id=actor.member_id, view=view)
    if is_pinned is not None:
        place.is_pinned = is_pinned
    if is_default is not None:
        place.is_default = is_default
    place.save()
    return place


def _changeable(actor: Actor, view: SavedView) -> SavedView:
    view = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    if view.owner_id != actor.member_id and not view.is_shared:
        raise NotVisible
    if not may_change(actor, view):
        raise NotAllowed
    return view


def _refuse_sharing(actor: Actor) -> None:
    if not actor.holds(SHARE):
        raise NotAllowed
