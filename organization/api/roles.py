"""Roles, their rights, and the rights there are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.lists import MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ApiView, ChangeItem, ItemView, ReadItem, RemoveItem
from organization.forms.roles import ChangeRoleForm, RoleForm
from organization.models import Role
from organization.permissions import all_permissions
from organization.queries.roles import grants_of
from organization.serializers.roles import PermissionShape, RoleDetailShape, RoleShape, SentGrants, SentSecondFactor
from organization.services import roles
from organization.views.roles import RoleListView

VIEW, EDIT = "organization.role.view", "organization.role.edit"
TAG = "roles"


class PermissionsShape(serializers.Serializer):
    """All rights there are, in the order of the matrix."""

    results = PermissionShape(many=True)


class PermissionListApi(ApiView):
    permission = VIEW
    tag = TAG
    operations = {"GET": Operation("list_permissions", _("The rights there are"), answer=PermissionsShape)}

    def get(self, request: Request) -> Response:
        """In the order of the matrix."""
        return Response(PermissionsShape({"results": all_permissions()}).data)


class RoleListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = RoleListView
    shape = RoleShape
    form = RoleForm
    operations = {
        "GET": listed("list_roles", _("Roles"), RoleShape),
        "POST": Operation(
            "create_role", _("A new role, with no rights yet"), body=RoleForm, answer=RoleShape, status=201
        ),
    }

    def make(self, facts: dict[str, Any]) -> Role:
        return roles.create_role(self.actor, self.request.organization, **facts)


class RoleItem(ItemView):
    """One role with its rights."""

    shape = RoleDetailShape

    def rows(self) -> Any:
        return Role.objects.visible_to(self.actor)

    def shape_context(self, row: Role) -> dict[str, Any]:
        return {"grants": grants_of(row)}


class RoleApi(RoleItem, ReadItem, ChangeItem, RemoveItem):
    permission = {"GET": VIEW, "PATCH": EDIT, "DELETE": EDIT}
    tag = TAG
    change_form = ChangeRoleForm
    operations = {
        "GET": Operation("get_role", _("A role with its rights"), answer=RoleDetailShape),
        "PATCH": Operation(
            "rename_role", _("Rename a role"), body=ChangeRoleForm, answer=RoleDetailShape, is_versioned=True
        ),
        "DELETE": Operation("delete_role", _("Delete a role that nobody bears"), status=204),
    }

    def change(self, row: Role, facts: dict[str, Any]) -> Role:
        names = {name: getattr(row, name) for name in ("name", "name_zh", "description")}
        return roles.rename_role(self.actor, row, **(names | facts))

    def remove(self, row: Role) -> None:
        roles.delete_role(self.actor, row)


class RoleGrantsApi(RoleItem):
    permission = EDIT
    tag = TAG
    operations = {
        "PATCH": Operation(
            "set_grants",
            _("Set rights of a role; those not named stay"),
            body=SentGrants,
            answer=RoleDetailShape,
            is_versioned=True,
        )
    }

    def patch(self, request: Request, **kwargs: Any) -> Response:
        """A scope for each, or null for no right."""
        row = self.row()
        facts = self.sent(SentGrants, is_versioned=True)
        return self.write(row, lambda: roles.set_grants(self.actor, row, **facts))


class RoleSecondFactorApi(RoleItem):
    permission = EDIT
    tag = TAG
    operations = {
        "PUT": Operation(
            "ask_second_factor",
            _("Whether who bears a role needs a second factor"),
            body=SentSecondFactor,
            answer=RoleDetailShape,
        )
    }

    def put(self, request: Request, **kwargs: Any) -> Response:
        """Built-in roles too."""
        row = self.row()
        facts = self.sent(SentSecondFactor)
        return self.write(row, lambda: roles.ask_second_factor(self.actor, row, **facts))
