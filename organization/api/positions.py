"""Positions: what people are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.api.lists import MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ChangeItem, ReadItem, RemoveItem
from organization.forms.positions import ChangePositionForm, MergePositionForm, PositionForm
from organization.models import Position
from organization.queries.positions import positions as visible_positions
from organization.serializers.people import PositionShape
from organization.services import positions
from organization.views.positions import PositionListView

VIEW, EDIT = "organization.position.view", "organization.position.edit"
TAG = "positions"


class PositionListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = PositionListView
    shape = PositionShape
    form = PositionForm
    operations = {
        "GET": listed("list_positions", _("Positions, by name"), PositionShape),
        "POST": Operation("create_position", _("A new position"), body=PositionForm, answer=PositionShape, status=201),
    }

    def fresh(self) -> Any:
        return visible_positions(self.actor)

    def make(self, facts: dict[str, Any]) -> Position:
        return positions.create_position(self.actor, self.request.organization, **facts)


class PositionApi(ReadItem, ChangeItem, RemoveItem):
    permission = {"GET": VIEW, "PATCH": EDIT, "DELETE": EDIT}
    tag = TAG
    shape = PositionShape
    change_form = ChangePositionForm
    operations = {
        "GET": Operation("get_position", _("A position"), answer=PositionShape),
        "PATCH": Operation(
            "change_position",
            _("Change a position for everybody who holds it"),
            body=ChangePositionForm,
            answer=PositionShape,
            is_versioned=True,
        ),
        "DELETE": Operation("delete_position", _("Put a position that nobody holds into the bin"), status=204),
    }

    def rows(self) -> Any:
        return visible_positions(self.actor)

    def change(self, row: Position, facts: dict[str, Any]) -> Position:
        return positions.change_position(self.actor, row, **facts)

    def remove(self, row: Position) -> None:
        positions.delete_position(self.actor, row)


class PositionMergeApi(ActionItem):
    permission = EDIT
    tag = TAG
    shape = PositionShape
    form = MergePositionForm
    operations = {
        "POST": Operation(
            "merge_position",
            _("Let another position take the place of this one"),
            body=MergePositionForm,
            answer=PositionShape,
            is_versioned=True,
        )
    }

    def rows(self) -> Any:
        return visible_positions(self.actor)

    def form_options(self, row: Position) -> dict[str, Any]:
        return {"actor": self.actor, "position": row}

    def act(self, row: Position, facts: dict[str, Any]) -> Position:
        return positions.merge_position(self.actor, row, **facts)


class PositionRestoreApi(ActionItem):
    permission = EDIT
    tag = TAG
    shape = PositionShape
    operations = {"POST": Operation("restore_position", _("Take a position out of the bin"), answer=PositionShape)}

    def rows(self) -> Any:
        return visible_positions(self.actor)

    def act(self, row: Position, facts: dict[str, Any]) -> Position:
        return positions.restore_position(self.actor, row)
