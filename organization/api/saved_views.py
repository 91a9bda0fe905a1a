"""Saved views: those of the caller, and those shared with everybody."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.lists import ListApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ItemView, ReadItem, RemoveItem
from organization.models import SavedView
from organization.queries.saved_views import removed_views, visible_views
from organization.serializers.views import PlaceShape, SavedViewShape, SentView, SentViewChanges, SentViewPlace
from organization.services import saved_views

HOME = "organization.home.view"
TAG = "views"


class SavedViewListApi(ListApiView):
    permission = HOME
    tag = TAG
    shape = SavedViewShape
    operations = {
        "GET": listed("list_views", _("Saved views"), SavedViewShape, has_shown=False, is_exported=False),
        "POST": Operation("save_view", _("Save a view of a list"), body=SentView, answer=SavedViewShape, status=201),
    }

    def rows(self) -> Any:
        return visible_views(self.actor)

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Of your own; shared, for everybody."""
        facts = self.sent(SentView)
        organization = self.request.organization
        return self.answer_once(
            lambda: (201, SavedViewShape(saved_views.save_view(self.actor, organization, **facts)).data)
        )


class SavedViewApi(ReadItem, RemoveItem):
    permission = HOME
    tag = TAG
    shape = SavedViewShape
    operations = {
        "GET": Operation("get_view", _("A saved view"), answer=SavedViewShape),
        "PATCH": Operation("change_view", _("Change a saved view"), body=SentViewChanges, answer=SavedViewShape),
        "DELETE": Operation("remove_view", _("Remove a saved view"), status=204),
    }

    def rows(self) -> Any:
        return visible_views(self.actor)

    def patch(self, request: Request, **kwargs: Any) -> Response:
        """What is not named stays."""
        row = self.row()
        facts = self.sent(SentViewChanges)
        return self.write(row, lambda: saved_views.change_view(self.actor, row, **facts))

    def remove(self, row: SavedView) -> None:
        saved_views.remove_view(self.actor, row, at=timezone.now())


class SavedViewRestoreApi(ActionItem):
    permission = HOME
    tag = TAG
    shape = SavedViewShape
    operations = {"POST": Operation("restore_view", _("Bring a removed view back"), answer=SavedViewShape)}

    def rows(self) -> Any:
        return removed_views(self.actor)

    def again(self, row: SavedView) -> Any:
        return self.shown(visible_views(self.actor).get(pk=row.pk))

    def act(self, row: SavedView, facts: dict[str, Any]) -> SavedView:
        return saved_views.restore_view(self.actor, row)


class SavedViewPlaceApi(ItemView):
    permission = HOME
    tag = TAG
    operations = {"PUT": Operation("place_view", _("Where you keep a view"), body=SentViewPlace, answer=PlaceShape)}

    def rows(self) -> Any:
        return visible_views(self.actor)

    def put(self, request: Request, **kwargs: Any) -> Response:
        """What is not named stays."""
        row = self.row()
        facts = self.sent(SentViewPlace)
        return self.answer_once(lambda: (200, PlaceShape(saved_views.place_view(self.actor, row, **facts)).data))
