"""Pages of positions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ops_platform.web.columns import Column
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Status
from organization.access import Actor
from organization.forms.cells import department_field
from organization.forms.confirm import ConfirmForm
from organization.forms.positions import ChangePositionForm, MergePositionForm, PositionFilters, PositionForm
from organization.models import Position
from organization.queries.activity import may_see_activity
from organization.queries.links import loop_panel
from organization.queries.matching import matching
from organization.queries.positions import holders_of
from organization.queries.positions import positions as visible_positions
from organization.services import positions
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.editing import BulkAct, Editable
from organization.views.lists import ListView

MOST_SHOWN = 50


def _url(position: Position) -> str:
    return reverse("organization:position-detail", args=[position.pk])


def _state(position: Position) -> Status:
    if position.deleted_at is None:
        return Status("good", gettext("In use"))
    return Status("neutral", gettext("Merged") if position.merged_into_id else gettext("In the bin"))


def _delete(actor: Actor, position: Position, facts: dict[str, Any]) -> object:
    return positions.delete_position(actor, position)


class PositionListView(ListView):
    """What people are, and how many are."""

    permission = "organization.position.view"
    template = "organization/position_list.html"
    title = _("Positions")
    empty_template = "organization/_empty_positions.html"
    order = Order("name", ("name_key", "pk"))
    filter_form = PositionFilters
    columns = (
        Column(
            "name",
            _("Position"),
            "display_name",
            kind="link",
            sort=("name_key", "pk"),
            href=_url,
            is_wide=True,
        ),
        Column(
            "department",
            _("Department"),
            lambda row: row.department.display_name if row.department else _("Any department"),
            folded="bare",
        ),
        Column("members", _("Members"), "member_count", kind="number"),
        Column("description", _("Description"), "description", is_wide=True, is_extra=True),
        Column("state", _("State"), _state, kind="status", folded="end"),
    )
    editables = (
        Editable(
            "department",
            "department",
            _("Department"),
            "organization.position.edit",
            department_field,
            positions.change_position,
            icon="hierarchy",
        ),
    )
    bulk_acts = (
        BulkAct("delete", _("Put into the bin"), "trash", "organization.position.edit", _delete, is_danger=True),
    )

    @staticmethod
    def one_row(actor: Actor, pk: int) -> Position:
        position: Position = visible_or_404(visible_positions(actor), pk=pk)
        return position

    def rows(self) -> TenantQuerySet:
        filters = self.filters
        found = matching(visible_positions(self.actor), filters.get("q", ""))
        if department := filters.get("department"):
            found = found.filter(department=department)
        state = filters.get("state")
        return found if state == "all" else found.filter(deleted_at__isnull=state != "bin")

    def context(self) -> dict[str, Any]:
        return {"may_create": self.actor.holds("organization.position.edit")}


class PositionDetailView(PageView):
    """What a position is, and who holds it."""

    permission = "organization.position.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        position = visible_or_404(visible_positions(self.actor), pk=pk)
        context = {
            "position": position,
            "state": _state(position),
            "members": list(holders_of(self.actor, position)[:MOST_SHOWN]),
            "merged": list(position.merged.order_by("pk")),
            "may_edit": self.actor.holds("organization.position.edit"),
            "may_see_activity": may_see_activity(self.actor, position),
            "loop": loop_panel(self.actor, position),
        }
        return render_page(request, "organization/position_detail.html", context)


class PositionNewView(FormPageView):
    """A new position."""

    permission = "organization.position.edit"
    title = _("New position")
    submit_label = _("Create the position")
    message = _("The position is created.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return PositionForm(data, actor=self.actor, initial={"department": self.request.GET.get("department")})

    def save(self, facts: dict[str, Any]) -> str:
        return _url(positions.create_position(self.actor, self.request.organization, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Positions"), reverse("organization:position-list"))]}


class PositionFormView(FormPageView):
    """A form about one position."""

    permission = "organization.position.edit"

    def prepare(self, **kwargs: Any) -> None:
        self.position = self.subject(visible_positions(self.actor), pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        list_step = (_("Positions"), reverse("organization:position-list"))
        return {"steps": [list_step, (self.position.display_name, _url(self.position))]}


class PositionEditView(PositionFormView):
    """Its names, for everybody who holds it."""

    title = _("Edit position")
    submit_label = _("Save")
    message = _("The position is saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("name", "name_zh", "department", "description", "version")
        initial = {name: getattr(self.position, name) for name in names}
        return ChangePositionForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        return _url(positions.change_position(self.actor, self.position, **facts))


class PositionMergeView(PositionFormView):
    """Two positions that mean the same become one."""

    template = "organization/act.html"
    title = _("Merge position")
    submit_label = _("Merge")

    def form(self, data: Any = None, files: Any = None) -> Any:
        initial = {"version": self.position.version}
        return MergePositionForm(data, actor=self.actor, position=self.position, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        into = positions.merge_position(self.actor, self.position, **facts)
        self.message = _("%(position)s is merged into %(into)s.") % {"position": self.position, "into": into}
        return _url(into)

    def context(self) -> dict[str, Any]:
        count = self.position.member_count
        nobody = gettext("Nobody has this position. It goes into the bin; the audit trail keeps its name.")
        sentence = ngettext(
            "%(count)d member gets the position that you choose. This one goes into the bin; the audit trail keeps its name.",
            "%(count)d members get the position that you choose. This one goes into the bin; the audit trail keeps its name.",
            count,
        )
        return super().context() | {"question": sentence % {"count": count} if count else nobody}


class PositionDeleteView(PositionFormView):
    """Into the bin, after a look at what goes."""

    template = "organization/act.html"
    title = _("Put the position into the bin")
    submit_label = _("Put into the bin")
    message = _("The position is in the bin.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        positions.delete_position(self.actor, self.position)
        return reverse("organization:position-list")

    def context(self) -> dict[str, Any]:
        question = _("It is no longer offered. You can bring it back from the bin at any time.")
        return super().context() | {"question": question}


class PositionRestoreView(ActionView):
    """Out of the bin."""

    permission = "organization.position.edit"
    message = _("The position is back.")

    def act(self, **kwargs: Any) -> str:
        position = self.subject(visible_positions(self.actor), pk=kwargs["pk"])
        return _url(positions.restore_position(self.actor, position))

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("organization:position-detail", args=[kwargs["pk"]])
