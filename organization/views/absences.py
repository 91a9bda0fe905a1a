"""Pages of absences: who is away, until when, and who stands in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops_platform.web.columns import Column
from ops_platform.web.paging import Order
from ops_platform.web.status import Status
from organization.forms.absences import AbsenceFilters, AbsenceForm, ChangeAbsenceForm
from organization.models import Absence, RoleAssignment
from organization.queries.absences import today, visible_absences
from organization.queries.departments import visible_members
from organization.services import absences
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView
from organization.views.lists import ListView

EDIT = "organization.absence.edit"


def _member_url(absence: Absence) -> str:
    return reverse("organization:member-detail", args=[absence.member_id])


class AbsenceListView(ListView):
    """Who is away, the soonest back first."""

    permission = "organization.member.view"
    template = "organization/absence_list.html"
    title = _("Absences")
    empty_template = "organization/_empty_absences.html"
    order = Order("until", ("ends_on", "pk"))
    filter_form = AbsenceFilters
    columns = (
        Column("member", _("Member"), "member__name", kind="link", href=_member_url, is_wide=True),
        Column(
            "department",
            _("Department"),
            lambda row: row.member.department.display_name if row.member.department else "",
            folded="bare",
        ),
        Column("from", _("From"), "starts_on", kind="date"),
        Column("until", _("Until"), "ends_on", kind="date", sort=("ends_on", "pk")),
        Column("deputy", _("Deputy"), lambda row: row.deputy.name if row.deputy else "", folded="bare"),
        Column("state", _("State"), lambda row: _state(row), kind="status", folded="end"),
    )

    def rows(self) -> TenantQuerySet:
        day, found = today(), visible_absences(self.actor)
        match self.filters.get("state"):
            case "now":
                found = found.filter(starts_on__lte=day, ends_on__gte=day)
            case "past":
                found = found.filter(ends_on__lt=day)
            case _all:
                found = found.filter(ends_on__gte=day)
        return found

    def dressed(self, rows: list[Any]) -> list[Any]:
        day = today()
        for row in rows:
            row.is_now, row.is_over = row.covers(day), row.ends_on < day
        return rows

    def all_rows(self, order: Order) -> Any:
        return self.dressed(list(super().all_rows(order)))

    def context(self) -> dict[str, Any]:
        return {"may_create": self.actor.holds(EDIT), "own": self.actor.member_id}


def _state(absence: Any) -> Status:
    if absence.is_over:
        return Status("neutral", gettext("Over"))
    return Status("watch", gettext("Away")) if absence.is_now else Status("neutral", gettext("To come"))


class AbsenceNewView(FormPageView):
    """A member will be away."""

    permission = EDIT
    title = _("Absence")
    submit_label = _("Set the absence")
    message = _("The absence is set, and the deputy told.")

    def prepare(self, **kwargs: Any) -> None:
        self.member = self.subject(visible_members(self.actor), pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> Any:
        day = today()
        return AbsenceForm(data, actor=self.actor, member=self.member, initial={"starts_on": day, "ends_on": day})

    def save(self, facts: dict[str, Any]) -> str:
        absence = absences.set_absence(self.actor, self.member, **facts)
        if absence.deputy is None:
            self.message = _("The absence is set. Nobody stands in.")
        return _member_url(absence)

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Members"), reverse("organization:member-list")), _step(self.member)]}


class AbsenceEditView(FormPageView):
    """Other days, another deputy."""

    permission = EDIT
    title = _("Change the absence")
    submit_label = _("Save")
    message = _("The absence is saved.")

    def prepare(self, **kwargs: Any) -> None:
        self.absence = self.subject(visible_absences(self.actor), pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("starts_on", "ends_on", "deputy", "reason", "version")
        lent = list(RoleAssignment.objects.filter(pk__in=self.absence.lent.values("assignment")))
        initial = {name: getattr(self.absence, name) for name in names} | {"roles": lent}
        return ChangeAbsenceForm(data, actor=self.actor, member=self.absence.member, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        return _member_url(absences.change_absence(self.actor, self.absence, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Members"), reverse("organization:member-list")), _step(self.absence.member)]}


class AbsenceEndView(ActionView):
    """Back earlier, or not away at all."""

    permission = EDIT
    message = _("The absence is over.")

    def act(self, **kwargs: Any) -> str:
        absence = self.subject(visible_absences(self.actor), pk=kwargs["pk"])
        absences.end_absence(self.actor, absence)
        return _member_url(absence)


def _step(member: Any) -> tuple[str, str]:
    return member.name, reverse("organization:member-detail", args=[member.pk])
