"""Absences and deputies."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.lists import ListApiView, MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ChangeItem, ReadItem, RemoveItem
from organization.errors import NotVisible
from organization.forms.absences import AbsenceForm, ChangeAbsenceForm
from organization.models import Absence, Member
from organization.queries.absences import visible_absences
from organization.queries.departments import visible_members
from organization.serializers.people import AbsenceShape
from organization.services import absences
from organization.views.absences import AbsenceListView

VIEW, EDIT = "organization.member.view", "organization.absence.edit"
TAG = "absences"


class AbsenceListApi(ListApiView):
    permission = VIEW
    tag = TAG
    page = AbsenceListView
    shape = AbsenceShape
    operations = {"GET": listed("list_absences", _("Who is away, and who stands in"), AbsenceShape)}


class MemberAbsenceListApi(MakeApiView):
    """The absences of one member."""

    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    shape = AbsenceShape
    form = AbsenceForm
    operations = {
        "GET": listed(
            "list_member_absences", _("When a member is away"), AbsenceShape, has_shown=False, is_exported=False
        ),
        "POST": Operation("set_absence", _("Set an absence"), body=AbsenceForm, answer=AbsenceShape, status=201),
    }

    def member(self) -> Member:
        """The member that the address names. Raises NotVisible."""
        found: Member | None = visible_members(self.actor).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def rows(self) -> Any:
        return visible_absences(self.actor).filter(member=self.member())

    def form_options(self) -> dict[str, Any]:
        return {"actor": self.actor, "member": self.member()}

    def post(self, request: Request, **kwargs: Any) -> Response:
        self.member()
        return super().post(request, **kwargs)

    def make(self, facts: dict[str, Any]) -> Absence:
        return absences.set_absence(self.actor, self.member(), **facts)


class AbsenceApi(ReadItem, ChangeItem, RemoveItem):
    permission = {"GET": VIEW, "PATCH": EDIT, "DELETE": EDIT}
    tag = TAG
    shape = AbsenceShape
    change_form = ChangeAbsenceForm
    operations = {
        "GET": Operation("get_absence", _("An absence"), answer=AbsenceShape),
        "PATCH": Operation(
            "change_absence", _("Change an absence"), body=ChangeAbsenceForm, answer=AbsenceShape, is_versioned=True
        ),
        "DELETE": Operation("end_absence", _("End an absence today, or take it back"), status=204),
    }

    def rows(self) -> Any:
        return visible_absences(self.actor)

    def form_options(self, row: Absence) -> dict[str, Any]:
        return {"actor": self.actor, "member": row.member}

    def change(self, row: Absence, facts: dict[str, Any]) -> Absence:
        return absences.change_absence(self.actor, row, **facts)

    def remove(self, row: Absence) -> None:
        absences.end_absence(self.actor, row)
