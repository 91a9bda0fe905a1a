"""Pages of the people in an organization."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Status
from organization.access import Actor, can
from organization.engine.local_time import local_day
from organization.forms.cells import active_field, day_field, department_field, position_field, role_form
from organization.forms.confirm import ConfirmForm
from organization.forms.members import AssignRoleForm, ChangeMemberForm, MemberFilters, NewMemberForm
from organization.mails import factor_reset_mail, send_beside
from organization.models import Department, Member, Position
from organization.queries.absences import absences_of, away_words, with_absences
from organization.queries.activity import may_see_activity
from organization.queries.departments import visible_members
from organization.queries.links import loop_panel
from organization.queries.notice_channels import watch_of, with_watch
from organization.queries.roles import assignments_of
from organization.queries.search import matching_members
from organization.queries.sign_ins import safety_of
from organization.services import members, roles, sessions
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.editing import BulkAct, Editable, Switch
from organization.views.lists import ListView

# Of each row: what is drawn, what decides what may be done to it, and what an action changes it by
SHOWN = (
    *("organization", "name", "name_pinyin", "is_active", "joined_on", "version"),
    *(f"{place}__{name}" for place in ("department", "position") for name in ("organization", "name", "name_zh")),
    "department__path",
)


def _url(member: Member) -> str:
    return address("organization:member-detail", member.pk)


ACTIVE, OFF = Status("good", _("Active")), Status("neutral", _("Switched off"))


def _state(member: Member) -> Status:
    return ACTIVE if member.is_active else OFF


def _give_role(actor: Actor, member: Member, facts: dict[str, Any]) -> object:
    return roles.assign_role(actor, member, **facts)


class MemberListView(ListView):
    """Everybody the actor may see, by pinyin."""

    permission = "organization.member.view"
    template = "organization/member_list.html"
    title = _("Members")
    empty_template = "organization/_empty_members.html"
    order = Order("name", ("name_pinyin", "pk"))
    filter_form = MemberFilters
    columns = (
        Column(
            "name",
            pgettext_lazy("person", "Name"),
            "name",
            kind="link",
            sort=("name_pinyin", "pk"),
            href=_url,
            is_wide=True,
        ),
        Column(
            "position",
            _("Position"),
            lambda row: row.position.display_name if row.position else "",
            folded="bare",
        ),
        Column(
            "department",
            _("Department"),
            lambda row: row.department.display_name if row.department else "",
            folded="bare",
        ),
        Column("email", _("E-mail"), "email", is_wide=True, folded="gone"),
        Column(
            "joined",
            _("Joined on"),
            "joined_on",
            kind="date",
            sort=("joined_on", "pk"),
            is_nullable=True,
            folded="gone",
        ),
        Column("away", _("Away"), lambda row: away_words(row.away, row.today) if row.away else "", folded="bare"),
        Column("state", _("State"), _state, kind="status", folded="end"),
    )
    editables = (
        Editable(
            "department",
            "department",
            _("Department"),
            "organization.member.edit",
            department_field,
            members.change_member,
            icon="hierarchy",
        ),
        Editable(
            "position",
            "position",
            _("Position"),
            "organization.member.edit",
            position_field,
            members.change_member,
            icon="id",
        ),
        Editable("joined", "joined_on", _("Joined on"), "organization.member.edit", day_field, members.change_member),
        Editable(
            "state",
            "is_active",
            _("State"),
            "organization.member.edit",
            active_field,
            members.change_member,
            switches=(Switch(False, _("Switch off"), "user-off"), Switch(True, _("Switch on"), "user-check")),
        ),
    )
    tools_follow = (Department, Position)
    bulk_acts = (BulkAct("role", _("Give a role"), "shield-check", "organization.role.edit", _give_role, role_form),)

    @staticmethod
    def one_row(actor: Actor, pk: int) -> Member:
        member: Member = visible_or_404(visible_members(actor), pk=pk)
        return member

    @property
    def today(self) -> date:
        """The day of the organization's zone."""
        return local_day(timezone.now(), self.request.organization.timezone)

    def dressed(self, rows: list[Any]) -> list[Any]:
        return with_absences(rows, on=self.today, is_anybody=self.request.member.anybody_away)  # type: ignore[attr-defined]  # by `enter`

    def all_rows(self, order: Order) -> Iterable[Any]:
        return with_absences(list(super().all_rows(order)), on=self.today)

    def rows(self) -> TenantQuerySet:
        filters = self.filters
        # The e-mail alone: a whole person for each row costs more than all else that is read of it
        everybody = visible_members(self.actor).select_related(None).select_related("department", "position")
        found = matching_members(everybody, filters.get("q", "")).annotate(email=F("user__email")).only(*SHOWN)
        if department := filters.get("department"):
            found = found.filter(department=department)
        if position := filters.get("position"):
            found = found.filter(position=position)
        state = filters.get("state")
        return found if state == "all" else found.filter(is_active=state != "inactive")

    def context(self) -> dict[str, Any]:
        return {"may_create": self.actor.holds("organization.member.edit")}


class MemberDetailView(PageView):
    """Who somebody is, where they work, which roles they bear."""

    permission = "organization.member.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        member = visible_or_404(with_watch(visible_members(self.actor), self.actor), pk=pk)
        day = local_day(timezone.now(), self.request.organization.timezone)
        planned = list(absences_of(member, since=day))
        context = {
            "subject": member,
            "state": _state(member),
            "assignments": list(assignments_of(member)),
            "may_edit": bool(can(self.actor, "organization.member.edit", member)),
            "absences": planned,
            "may_set_absence": bool(can(self.actor, "organization.absence.edit", member)),
            "away": next((away_words(one, day) for one in planned if one.covers(day)), ""),
            "may_see_positions": self.actor.holds("organization.position.view"),
            "may_see_rights": self.actor.holds("organization.role.view"),
            "may_edit_roles": self.actor.holds("organization.role.edit"),
            "may_erase": member.erased_at is None and self.actor.holds("organization.member.erase"),
            "safety": safety_of(member) if can(self.actor, "organization.member.edit", member) else None,
            "watch": watch_of(member),
            "may_see_activity": may_see_activity(self.actor, member),
            "loop": loop_panel(self.actor, member),
        }
        return render_page(request, "organization/member_detail.html", context)


class MemberNewView(FormPageView):
    """Somebody joins."""

    permission = "organization.member.edit"
    title = _("Add member")
    submit_label = _("Add the member")
    message = _("The member is added. Give them a role, so that they can work.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return NewMemberForm(data, actor=self.actor, initial={"department": self.request.GET.get("department")})

    def save(self, facts: dict[str, Any]) -> str:
        return _url(members.add_member(self.actor, self.request.organization, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Members"), reverse("organization:member-list"))]}


class MemberFormView(FormPageView):
    """A form about one member."""

    permission = "organization.member.edit"

    def prepare(self, **kwargs: Any) -> None:
        self.member = self.subject(visible_members(self.actor), pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Members"), reverse("organization:member-list")), (self.member.name, _url(self.member))]}


class MemberEditView(MemberFormView):
    """Name, position, department, and whether they are still here."""

    title = _("Edit member")
    submit_label = _("Save")
    message = _("The member is saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("name", "department", "position", "joined_on", "is_active", "version")
        return ChangeMemberForm(data, actor=self.actor, initial={name: getattr(self.member, name) for name in names})

    def save(self, facts: dict[str, Any]) -> str:
        return _url(members.change_member(self.actor, self.member, **facts))


class MemberSignOutView(ActionView):
    """End all sign-ins of a member, as for a lost laptop."""

    permission = "organization.member.edit"

    def act(self, **kwargs: Any) -> str:
        member = self.subject(visible_members(self.actor), pk=kwargs["pk"])
        count = sessions.end_sign_ins(self.actor, member)
        sentence = ngettext("Signed out in %(count)d browser.", "Signed out in %(count)d browsers.", count)
        self.message = sentence % {"count": count}
        return _url(member)


class MemberSecondFactorView(MemberFormView):
    """Take the second factor away from somebody who has lost it."""

    template = "organization/act.html"
    title = _("Reset the second factor")
    submit_label = _("Reset it")
    message = _(
        "The second factor is reset, and the member told by mail. They sign in by password and set up a new one."
    )

    def form(self, data: Any = None, files: Any = None) -> Any:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        sessions.reset_second_factor(self.actor, self.member)
        send_beside(factor_reset_mail(self.member, self.request.organization))
        return _url(self.member)

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "question": _(
                "Passkeys, app and recovery codes of this person will be gone, and they are signed out everywhere. Do it "
                "only when you are sure who asks: call them back."
            )
        }


class MemberRolesView(MemberFormView):
    """The roles of a member: give one, take one."""

    permission = "organization.role.edit"
    template = "organization/member_roles.html"
    title = _("Roles of a member")
    submit_label = _("Give the role")
    message = _("The role is given.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return AssignRoleForm(data, actor=self.actor)

    def save(self, facts: dict[str, Any]) -> str:
        roles.assign_role(self.actor, self.member, **facts)
        return reverse("organization:member-roles", args=[self.member.pk])

    def context(self) -> dict[str, Any]:
        return super().context() | {"subject": self.member, "assignments": list(assignments_of(self.member))}


class MemberRoleWithdrawView(ActionView):
    """Take a role from a member."""

    permission = "organization.role.edit"
    message = _("The role is withdrawn.")

    def act(self, **kwargs: Any) -> str:
        member = self.subject(visible_members(self.actor), pk=kwargs["pk"])
        assignment = visible_or_404(assignments_of(member), pk=kwargs["assignment"])
        roles.withdraw_role(self.actor, member, assignment=assignment)
        return self.refused_url(**kwargs)

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("organization:member-roles", args=[kwargs["pk"]])
