"""Departments: the tree, and what each is there for."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ops_platform.web.paging import Order
from organization.api.lists import MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ChangeItem, ItemView, ReadItem, RemoveItem
from organization.forms.departments import ChangeDepartmentForm, MoveDepartmentForm, NewDepartmentForm
from organization.models import Department, Member
from organization.queries.departments import DepartmentRow, duties_of
from organization.serializers.base import Sent
from organization.serializers.people import DepartmentShape, DutiesShape
from organization.services import departments
from organization.views.departments import DepartmentListView

VIEW, EDIT = "organization.department.view", "organization.department.edit"
TAG = "departments"


class SentDuty(Sent):
    """Something that the department answers for."""

    name = serializers.CharField(max_length=200)
    name_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    owner = serializers.IntegerField(required=False, allow_null=True)


class SentDuties(Sent):
    """All duties, in their order."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    duties = serializers.ListField(child=SentDuty(), max_length=100)


class DepartmentListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = DepartmentListView
    shape = DepartmentShape
    form = NewDepartmentForm
    operations = {
        "GET": listed("list_departments", _("Departments, in the order of the tree"), DepartmentShape),
        "POST": Operation(
            "create_department", _("A new department"), body=NewDepartmentForm, answer=DepartmentShape, status=201
        ),
    }

    def rows(self) -> Any:
        found = Department.objects.visible_to(self.actor)
        if text := self.shared.filters.get("q"):
            found = found.filter(Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(code__icontains=text))
        return found

    def columned(self, rows: list[Any]) -> list[Any]:
        counted = Count("members", filter=Q(members__is_active=True))
        found = Department.objects.visible_to(self.actor).filter(pk__in=[row.pk for row in rows])
        by_id = {row.pk: row for row in found.select_related("head").annotate(member_count=counted)}
        return [DepartmentRow(by_id[row.pk], row.depth, by_id[row.pk].member_count) for row in rows]

    def _order(self) -> Order:
        return Order("tree", ("path",))

    def fresh(self) -> Any:
        return Department.objects.visible_to(self.actor)

    def make(self, facts: dict[str, Any]) -> Department:
        return departments.create_department(self.actor, self.request.organization, **facts)


class DepartmentApi(ReadItem, ChangeItem, RemoveItem):
    permission = {"GET": VIEW, "PATCH": EDIT, "DELETE": EDIT}
    tag = TAG
    shape = DepartmentShape
    change_form = ChangeDepartmentForm
    operations = {
        "GET": Operation("get_department", _("A department"), answer=DepartmentShape),
        "PATCH": Operation(
            "change_department",
            _("Change a department"),
            body=ChangeDepartmentForm,
            answer=DepartmentShape,
            is_versioned=True,
        ),
        "DELETE": Operation("delete_department", _("Delete an empty department"), status=204),
    }

    def rows(self) -> Any:
        return Department.objects.visible_to(self.actor)

    def change(self, row: Department, facts: dict[str, Any]) -> Department:
        return departments.change_department(self.actor, row, **facts)

    def remove(self, row: Department) -> None:
        departments.delete_department(self.actor, row)


class DepartmentMoveApi(ActionItem):
    permission = EDIT
    tag = TAG
    shape = DepartmentShape
    form = MoveDepartmentForm
    operations = {
        "POST": Operation(
            "move_department",
            _("Move a department, with all that is below it"),
            body=MoveDepartmentForm,
            answer=DepartmentShape,
            is_versioned=True,
        )
    }

    def rows(self) -> Any:
        return Department.objects.visible_to(self.actor)

    def form_options(self, row: Department) -> dict[str, Any]:
        return {"actor": self.actor, "department": row}

    def act(self, row: Department, facts: dict[str, Any]) -> Department:
        return departments.change_department(self.actor, row, **facts)


class DepartmentDutiesApi(ItemView):
    permission = {"GET": VIEW, "PUT": EDIT}
    tag = TAG
    shape = DutiesShape
    operations = {
        "GET": Operation("get_duties", _("What a department answers for"), answer=DutiesShape),
        "PUT": Operation(
            "set_duties",
            _("Replace what a department answers for"),
            body=SentDuties,
            answer=DutiesShape,
            is_versioned=True,
        ),
    }

    def rows(self) -> Any:
        return Department.objects.visible_to(self.actor)

    def shown(self, row: Department) -> Any:
        return DutiesShape({"version": row.version, "duties": list(duties_of(row))}).data

    def get(self, request: Request, **kwargs: Any) -> Response:
        """All of them."""
        return Response(self.shown(self.row()))

    def put(self, request: Request, **kwargs: Any) -> Response:
        """All of them anew."""
        row = self.row()
        facts = self.sent(SentDuties, is_versioned=True)
        wanted = {duty["owner"] for duty in facts["duties"] if duty.get("owner") is not None}
        owners = {member.pk: member for member in Member.objects.visible_to(self.actor).filter(pk__in=wanted)}
        if missing := sorted(wanted - set(owners)):
            raise serializers.ValidationError({"duties": [_("There is no member %(id)s.") % {"id": missing[0]}]})
        duties = [dict(duty) | {"owner": owners.get(duty.get("owner"))} for duty in facts["duties"]]
        return self.write(row, lambda: departments.set_duties(self.actor, row, duties=duties, version=facts["version"]))
