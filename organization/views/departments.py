"""Pages of the department tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.htmx import redirect_page, render_page
from ops_platform.web.paging import Order, Page
from organization.access import Actor, can
from organization.errors import DomainError, NotAllowed, NotVisible, StateConflict
from organization.forms.base import INDENT
from organization.forms.confirm import ConfirmForm
from organization.forms.departments import (
    ChangeDepartmentForm,
    DepartmentFilters,
    DropForm,
    DutyFormSet,
    MoveDepartmentForm,
    NewDepartmentForm,
    SeenForm,
)
from organization.models import Department
from organization.queries.activity import may_see_activity
from organization.queries.attachments import attachments_of
from organization.queries.calendars import calendar_row
from organization.queries.department_moves import MoveEffects, move_effects
from organization.queries.departments import (
    DepartmentRow,
    ancestors_of,
    department_tree,
    duties_of,
    members_in,
)
from organization.queries.links import loop_panel
from organization.queries.notice_channels import watch_of, with_watch
from organization.services import departments
from organization.undo import reverses, undo_url
from organization.views.base import FormPageView, PageView, visible_or_404
from organization.views.lists import ListView

MOST_SHOWN = 50
MOVED = "organization.department.moved"


def _url(department: Department) -> str:
    return address("organization:department-detail", department.pk)


class DepartmentListView(ListView):
    """The tree, with heads and numbers of members."""

    permission = "organization.department.view"
    template = "organization/department_list.html"
    title = _("Departments")
    empty_template = "organization/_empty_departments.html"
    order = Order("tree", ("path",))
    filter_form = DepartmentFilters
    columns = (
        Column(
            "name",
            _("Department"),
            lambda row: f"{INDENT * row.depth}{row.department.display_name}",
            kind="link",
            href=lambda row: _url(row.department),
            is_wide=True,
            drawn=lambda row: _drawn_name(row),
        ),
        Column("code", _("Code"), "department__code", folded="end"),
        Column("head", _("Head"), "department__head"),
        Column("members", _("Members"), "member_count", kind="number"),
        Column("state", _("State"), lambda row: "" if row.department.is_active else _("Not in use"), folded="bare"),
    )

    def page(self, order: Order) -> Page[Any]:
        rows = list(self.all_rows(order))
        return Page(rows, count=str(len(rows)))

    def all_rows(self, order: Order) -> Iterable[DepartmentRow]:
        text = self.filters.get("q", "").lower()
        for row in department_tree(self.actor):
            names = (row.department.name, row.department.name_zh, row.department.code)
            if any(text in name.lower() for name in names):
                yield row

    def model(self) -> Any:
        return Department

    def context(self) -> dict[str, Any]:
        return {
            "may_create": self.actor.holds("organization.department.edit"),
            "may_drag": self.actor.holds("organization.department.edit"),
            "may_top": self.actor.holds_everywhere("organization.department.edit"),
        }


def _drawn_name(row: DepartmentRow) -> SafeString:
    """The name by its place in the tree, with the handle by which it is dragged where the actor may."""
    department = row.department
    indent, link = INDENT * row.depth, format_html('<a href="{}">{}</a>', _url(department), department.display_name)
    if not row.may_move:
        return format_html("{}{}", indent, link)
    return format_html(
        '{9}<span class="tree-name"><button class="button button--quiet button--icon board__handle" type="button" '
        'id="handle-{0}" data-tree-handle data-id="{0}" data-name="{1}" data-version="{2}" data-path="{3}" '
        'data-parent="{4}" data-move="{5}" aria-describedby="tree-help" aria-label="{6}">'
        '<svg class="icon" aria-hidden="true"><use href="{7}#grip-vertical"></use></svg></button>{8}</span>',
        department.pk,
        department.display_name,
        department.version,
        department.path,
        department.parent_id or "",
        address("organization:department-move", department.pk),
        gettext("Move “%(title)s”") % {"title": department.display_name},
        static("icons.svg"),
        link,
        indent,
    )


class DepartmentDetailView(PageView):
    """What a department is there for, who leads it, who is in it, when it works."""

    permission = "organization.department.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = Department.objects.visible_to(self.actor).select_related("head", "parent")
        department = visible_or_404(with_watch(found, self.actor), pk=pk)
        below = Department.objects.visible_to(self.actor).filter(parent=department).order_by("code")
        context = {
            "department": department,
            "ancestors": ancestors_of(self.actor, department),
            "children": list(below),
            "duties": list(duties_of(department)),
            "members": list(members_in(self.actor, department)[:MOST_SHOWN]),
            "calendar": calendar_row(department),
            "may_see_calendar": self.actor.holds("organization.calendar.view"),
            "may_edit": bool(can(self.actor, "organization.department.edit", department)),
            "watch": watch_of(department),
            "may_see_activity": may_see_activity(self.actor, department),
            "loop": loop_panel(self.actor, department),
            "attachments": list(attachments_of(department)),
            "attach_url": reverse("organization:attachment-add", args=["organization.department", department.pk]),
        }
        return render_page(request, "organization/department_detail.html", context)


class DepartmentNewView(FormPageView):
    """A new department."""

    permission = "organization.department.edit"
    title = _("New department")
    submit_label = _("Create the department")
    message = _("The department is created.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return NewDepartmentForm(data, actor=self.actor, initial={"parent": self.request.GET.get("parent")})

    def save(self, facts: dict[str, Any]) -> str:
        return _url(departments.create_department(self.actor, self.request.organization, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Departments"), reverse("organization:department-list"))]}


class DepartmentFormView(FormPageView):
    """A form about one department."""

    permission = "organization.department.edit"

    def prepare(self, **kwargs: Any) -> None:
        self.department = self.subject(Department.objects.visible_to(self.actor), pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        list_step = (_("Departments"), reverse("organization:department-list"))
        return {"steps": [list_step, (self.department.display_name, _url(self.department))]}


class DepartmentEditView(DepartmentFormView):
    """Name, code, head, calendar."""

    title = _("Edit department")
    submit_label = _("Save")
    message = _("The department is saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("name", "name_zh", "code", "head", "calendar", "is_active", "version")
        return ChangeDepartmentForm(
            data, actor=self.actor, initial={name: getattr(self.department, name) for name in names}
        )

    def save(self, facts: dict[str, Any]) -> str:
        return _url(departments.change_department(self.actor, self.department, **facts))


class DepartmentMoveView(DepartmentFormView):
    """Another place in the tree, with all that is below."""

    template = "organization/department_move.html"
    title = _("Move department")
    effects: MoveEffects | None = None
    undo = ""
    submit_label = _("Move")
    message = _("The department has moved, with all that is below it.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        initial = {"parent": self.department.parent, "version": self.department.version}
        return MoveDepartmentForm(data, actor=self.actor, department=self.department, initial=initial)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Who would see more or less is shown first; sent again with it on the screen, it is done."""
        self.prepare(**kwargs)
        if "application/json" in request.headers.get("Accept", ""):
            return self.drop(DropForm(request.POST, actor=self.actor, department=self.department))
        form = self.form(request.POST)
        if "sure" not in request.POST and form.is_valid():
            self.effects = move_effects(self.department, form.cleaned_data["parent"])
            if self.effects.touches:
                return self.show(form)
        return super().post(request, **kwargs)

    def drop(self, form: DropForm) -> HttpResponse:
        """It was dragged: the question whom it touches, or what has come of it, for the script of the tree."""
        if not form.is_valid():
            raise NotVisible
        parent = form.cleaned_data["parent"]
        is_circle = parent is not None and parent.path.startswith(self.department.path)
        if "sure" not in self.request.POST and not is_circle:
            effects = move_effects(self.department, parent)
            if effects.touches:
                return JsonResponse({"asks": effects.sentences})
        try:
            self.save(form.cleaned_data)
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            return JsonResponse({"says": str(error)}, status=409)
        return JsonResponse({"says": str(self.message), "undo": self.undo})

    def save(self, facts: dict[str, Any]) -> str:
        before = self.department.parent_id
        moved = departments.change_department(self.actor, self.department, **facts)
        self.undo = undo_url(self.actor, MOVED, pk=moved.pk, parent=before, version=moved.version)
        return _url(moved)

    def saved(self, url: str) -> HttpResponse:
        messages.success(self.request, str(self.message), extra_tags=self.undo)
        return redirect_page(self.request, url)

    def context(self) -> dict[str, Any]:
        return super().context() | {"effects": self.effects}


@reverses(MOVED)
def _move_back(actor: Actor, facts: dict[str, Any]) -> None:
    visible = Department.objects.visible_to(actor)
    parent = visible_or_404(visible, pk=facts["parent"]) if facts["parent"] else None
    moved = visible_or_404(visible, pk=facts["pk"])
    departments.change_department(actor, moved, version=facts["version"], parent=parent)


class DepartmentDutiesView(DepartmentFormView):
    """What the department answers for, line by line."""

    template = "organization/department_duties.html"
    title = _("Duties")
    message = _("The duties are saved.")
    problem = ""

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("name", "name_zh", "description", "owner")
        initial = [{name: getattr(duty, name) for name in names} for duty in duties_of(self.department)]
        return DutyFormSet(data, initial=initial, form_kwargs={"actor": self.actor, "use_required_attribute": False})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        forms, seen = self.form(request.POST), SeenForm(request.POST)
        if not forms.is_valid():
            return self.show(forms, status=422)
        lines = [line for line in forms.cleaned_data if line.get("name")]
        version = seen.cleaned_data["version"] if seen.is_valid() else 0  # which none has
        try:
            departments.set_duties(self.actor, self.department, duties=lines, version=version)
        except StateConflict as error:
            self.prepare(**kwargs)
            self.problem = str(error)
            self.conflicts = [(_("Duties"), ", ".join(duty.display_name for duty in duties_of(self.department)))]
            return self.show(forms, status=422)
        return self.saved(_url(self.department))

    def context(self) -> dict[str, Any]:
        seen = SeenForm(initial={"version": self.department.version})
        return super().context() | {"seen": seen, "problem": self.problem}


class DepartmentDeleteView(DepartmentFormView):
    """Removing an empty department, after a look at what goes."""

    template = "organization/confirm.html"
    title = _("Delete department")
    submit_label = _("Delete for good")
    message = _("The department is deleted.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        departments.delete_department(self.actor, self.department)
        return reverse("organization:department-list")
