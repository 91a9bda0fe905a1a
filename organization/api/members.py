"""Members, and the roles that they bear."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.lists import SHOWN, MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ChangeItem, ItemView, ReadItem, RemoveItem
from organization.errors import NotVisible
from organization.forms.members import AssignRoleForm, ChangeMemberForm, NewMemberForm
from organization.models import Member, RoleAssignment
from organization.queries.departments import visible_members
from organization.queries.roles import assignments_of
from organization.serializers.people import MemberShape, SentErasure
from organization.serializers.roles import AssignmentShape
from organization.serializers.work import CountShape
from organization.services import erasure, members, roles, sessions
from organization.views.members import MemberListView

VIEW, EDIT = "organization.member.view", "organization.member.edit"
TAG = "members"
TOLD = (
    "version",
    "name",
    "name_pinyin",
    "position_id",
    "department_id",
    "joined_on",
    "is_active",
    "organization_id",
    "user__email",
)


class MemberListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = MemberListView
    shape = MemberShape
    form = NewMemberForm
    operations = {
        "GET": listed("list_members", _("Members, by name"), MemberShape),
        "POST": Operation("add_member", _("Add a member"), body=NewMemberForm, answer=MemberShape, status=201),
    }

    def rows(self) -> Any:
        """With no more than the shape tells, unless the columns of the page are asked for as well."""
        found = super().rows()
        if SHOWN in self.request.query_params.get("fields", ""):
            return found
        return found.select_related(None).select_related("user").only(*TOLD)

    def fresh(self) -> Any:
        return visible_members(self.actor)

    def make(self, facts: dict[str, Any]) -> Member:
        return members.add_member(self.actor, self.request.organization, **facts)


class MemberApi(ReadItem, ChangeItem):
    permission = {"GET": VIEW, "PATCH": EDIT}
    tag = TAG
    shape = MemberShape
    change_form = ChangeMemberForm
    operations = {
        "GET": Operation("get_member", _("A member"), answer=MemberShape),
        "PATCH": Operation(
            "change_member",
            _("Change a member, or switch them off"),
            body=ChangeMemberForm,
            answer=MemberShape,
            is_versioned=True,
        ),
    }

    def rows(self) -> Any:
        return visible_members(self.actor)

    def change(self, row: Member, facts: dict[str, Any]) -> Member:
        return members.change_member(self.actor, row, **facts)


class MemberEraseApi(ItemView):
    permission = "organization.member.erase"
    tag = TAG
    shape = MemberShape
    operations = {
        "POST": Operation(
            "erase_member",
            _("Erase who somebody is, for good; `typed` is their name"),
            body=SentErasure,
            answer=MemberShape,
            is_versioned=True,
        )
    }

    def rows(self) -> Any:
        return visible_members(self.actor).filter(erased_at=None)

    def again(self, row: Member) -> Any:
        return self.shown(visible_members(self.actor).get(pk=row.pk))

    def post(self, request: Request, **kwargs: Any) -> Response:
        """What they did stays, under a pseudonym."""
        row = self.row()
        facts = self.sent(SentErasure, is_versioned=True)
        return self.write(row, lambda: erasure.erase_person(self.actor, row, **facts, as_of=timezone.now()))


class MemberSignOutApi(ItemView):
    permission = EDIT
    tag = TAG
    operations = {
        "POST": Operation("sign_member_out", _("Sign a member out everywhere, as for a lost laptop"), answer=CountShape)
    }

    def rows(self) -> Any:
        return visible_members(self.actor)

    def post(self, request: Request, **kwargs: Any) -> Response:
        """In how many browsers they were."""
        row = self.row()
        return self.answer_once(lambda: (200, {"count": sessions.end_sign_ins(self.actor, row)}))


class MemberRoleListApi(MakeApiView):
    """The roles of one member."""

    permission = {"GET": VIEW, "POST": "organization.role.edit"}
    tag = TAG
    shape = AssignmentShape
    form = AssignRoleForm
    operations = {
        "GET": listed(
            "list_member_roles", _("The roles that a member bears"), AssignmentShape, has_shown=False, is_exported=False
        ),
        "POST": Operation("assign_role", _("Give a role"), body=AssignRoleForm, answer=AssignmentShape, status=201),
    }

    def member(self) -> Member:
        """The member that the address names. Raises NotVisible."""
        found: Member | None = visible_members(self.actor).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotVisible
        return found

    def rows(self) -> Any:
        return assignments_of(self.member())

    def post(self, request: Request, **kwargs: Any) -> Response:
        self.member()
        return super().post(request, **kwargs)

    def make(self, facts: dict[str, Any]) -> RoleAssignment:
        return roles.assign_role(self.actor, self.member(), **facts)


class MemberRoleApi(RemoveItem):
    """One role of one member."""

    permission = "organization.role.edit"
    tag = TAG
    lookup = "assignment"
    operations = {"DELETE": Operation("withdraw_role", _("Take a role away"), status=204)}

    def row(self) -> RoleAssignment:
        member = visible_members(self.actor).filter(pk=self.kwargs["pk"]).first()
        found = member and assignments_of(member).filter(pk=self.kwargs["assignment"]).first()
        if found is None:
            raise NotVisible
        found.member = member
        return found

    def remove(self, row: RoleAssignment) -> None:
        roles.withdraw_role(self.actor, row.member, assignment=row)
