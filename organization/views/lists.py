"""The base of every list: filters in the address, keyset pages, CSV and XLSX of exactly what is filtered, saved views,
chosen columns, cells changed in their place, and actions on many rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.html import conditional_escape
from django.utils.translation import gettext as _

from ops_platform.web.columns import CellEdit, Column, Table, chosen_columns, file_columns, order_from
from ops_platform.web.exports import About, csv_lines, write_xlsx
from ops_platform.web.htmx import announce, is_swap, render_page
from ops_platform.web.paging import Order, Page, keyset_page
from organization.access import Actor, reach
from organization.errors import DomainError, NotVisible, StateConflict
from organization.models.base import name_key
from organization.queries.list_tools import state_of_tools
from organization.queries.saved_views import SHARE, may_change, settled_query, views_of
from organization.services import reads
from organization.services.bulk_runs import start_bulk
from organization.tenancy import TenantQuerySet
from organization.usecases import authorize
from organization.views.base import PageView
from organization.views.editing import (
    BulkAct,
    CellForm,
    Editable,
    acts_of,
    apply_to_all,
    change_cell,
    outcome_words,
    remember_run,
    running,
)

MOST_EXPORTED = 100_000
MOMENTARY = frozenset({"cursor", "columns", "sort"})
MOST_AT_ONCE = 500
MOST_IN_BACKGROUND = 50_000
CHUNK = 1_000
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ListView(PageView):
    """A list. Subclasses declare `template`, `title`, `empty_template`, `columns`, `order`, `rows()`.

    rows() starts from `visible_to` and applies `self.filters`, the cleaned `filter_form` (None where there is none).
    An order by `name_key` is by the names of the reader's language.
    The template extends organization/list.html, whose partial `rows` answers swaps. `?export=csv|xlsx` sends the file,
    `?columns=` names the columns (several times), `?view=` a saved view, `?view=all` none.

    editables: fields that are changed in their cells and in bulk; bulk_acts: more that is done with many rows. A list
    with either gives `one_row`; where rows are wrapped for the screen, `dressed` and `subject_of` go both ways.

    tools_follow: the models of the (short) tables whose rows the filters offer, for a list whose filters, columns and
    actions follow from them, the member and the address alone: they are then drawn once for the plain list.
    """

    template: str
    title: Any
    empty_template: str
    columns: Sequence[Column] = ()
    order: Order
    filter_form: Any = None
    target = "rows"
    rows_template = (
        "organization/list.html"  # a partial is found where it stands, not through a template that extends it
    )
    editables: Sequence[Editable] = ()
    bulk_acts: Sequence[BulkAct] = ()
    tools_follow: Sequence[Any] | None = None

    def rows(self) -> TenantQuerySet:
        """The filtered rows that the actor may see."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the page shows beside the list."""
        return {}

    def page(self, order: Order) -> Page[Any]:
        """The rows of this page."""
        cursor = self.request.GET.get("cursor", "")
        found = keyset_page(self.rows(), order, cursor=cursor, size=self.page_size, counted_as=self._counted_as)
        return replace(found, rows=self.dressed(found.rows))

    def all_rows(self, order: Order) -> Iterable[Any]:
        """The rows for a file."""
        return self.rows().order_by(*order.expressions())[:MOST_EXPORTED].iterator(chunk_size=CHUNK)

    def model(self) -> Any:
        """What the rows are of, for the trail."""
        return self.rows().model

    @staticmethod
    def one_row(_actor: Actor, _pk: int, /) -> Any:
        """One row that the actor may see, whatever the filters say. Raises NotVisible."""
        raise NotVisible

    def dressed(self, rows: list[Any]) -> list[Any]:
        """The rows as the columns take them."""
        return rows

    def subject_of(self, row: Any) -> Any:
        """The object behind a row as the columns take it."""
        return row

    @property
    def page_size(self) -> int:
        """As many rows as the person wants."""
        return int(self.request.user.rows_per_page)  # type: ignore[union-attr]  # a member is signed in

    @property
    def filters(self) -> dict[str, Any]:
        """The filters of the address that make sense; one that does not is shown with its error and ignored."""
        if self.filter_form is None or not self.request.GET:
            return {}
        form = self.bound_filters
        form.is_valid()
        return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}

    @cached_property
    def bound_filters(self) -> Any:
        """The filter form with the address's values, made once for the request."""
        form = self.filter_form(self.request.GET or None, actor=self.actor)
        if not form.is_bound:
            form.cleaned_data = {}
        return form

    @property
    def _counted_as(self) -> tuple[object, ...]:
        """What decides which rows the list has: who looks with which rights, at which address, through which filters."""
        given = [(name, *values) for name, values in self.request.GET.lists() if name not in MOMENTARY]
        member = self.request.member
        place = member.department.path if member.department is not None else ""
        rights = (self.actor.organization_id, member.pk, member.granted, place)  # type: ignore[attr-defined]  # by `enter`
        return (*rights, self.request.path, *sorted(given))

    @cached_property
    def acts(self) -> list[BulkAct]:
        """What the actor may do with many rows of this list."""
        return acts_of(self.editables, self.bulk_acts, self.actor)

    @property
    def list_name(self) -> str:
        """The name of the list's address, by which saved views know it."""
        return str(self.request.resolver_match.view_name)  # type: ignore[union-attr]  # a resolved request

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if "edit" in request.GET and self.editables:
            return self.show_cell(request)
        order = in_language(order_from(self.columns, request.GET.get("sort", ""), self.order))
        export = request.GET.get("export")
        if export in ("csv", "xlsx"):
            return self.export(order, export)
        tools = self._tools_state()
        if not tools and not request.GET and not is_swap(request):
            first = next((view for view in self._seen_views if view.is_default), None)
            if first is not None:
                return HttpResponseRedirect(self._view_url(first))
        page = self.page(order)
        context = {
            "page_title": self.title,
            "page": page,
            "table": self.table(page.rows, order),
            "has_filters": self.filter_form is not None,
            "filter_form": SimpleLazyObject(lambda: self.bound_filters if self.filter_form else None),
            "is_filtered": bool(self.filters),
            "empty_template": self.empty_template,
            "export_kinds": (("csv", "CSV"), ("xlsx", "XLSX")),
            "acts": self.acts,
            "running": running(request.session, self.actor, self.list_name) if self.acts else None,
            "tools": tools and f"{tools} {settled_query(request.GET)} {bool(page.rows)}",
            **self._views(),
            **self._columns(),
        } | self.context()
        template = self.rows_template if is_swap(request) else self.template
        return render_page(request, template, context, fragment="rows")

    def table(self, rows: list[Any], order: Order | None = None) -> Table:
        """The rows in the chosen columns."""
        chosen = chosen_columns(self.columns, self.request.GET.getlist("columns"))
        picks = self._pick if self.acts else None
        edits = {one.column: self._edits(one) for one in self.editables if self.actor.holds(one.permission)}
        return Table(chosen, rows, str(self.title), order, self.target, layout="folds", picks=picks, edits=edits)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """A cell that was changed, or an action on many rows."""
        if "edit" in request.GET and self.editables:
            return self.save_cell(request)
        return self.act_on_many(request)

    # Cells

    def show_cell(self, request: HttpRequest) -> HttpResponse:
        """The form of a cell, or with `shown` the cell again."""
        editable, row = self._cell()
        if "shown" in request.GET:
            return self._shown(editable, row)
        return self._ask(CellForm(editable, self.actor, row), editable, row)

    def save_cell(self, request: HttpRequest) -> HttpResponse:
        """Save one cell. When somebody was faster, both values are shown and the person decides."""
        editable, row = self._cell()
        form = CellForm(editable, self.actor, row, request.POST)
        if not form.is_valid():
            return self._ask(form, editable, row, status=422)
        try:
            undo = change_cell(
                self.actor,
                editable,
                row,
                form.cleaned_data["version"],
                form.cleaned_data["value"],
                self.list_name,
            )
        except StateConflict:
            data = request.POST.copy()
            data["version"] = str(row.version)
            again = CellForm(editable, self.actor, row, data)
            again.is_valid()
            return self._ask(again, editable, row, status=422, is_conflict=True)
        except DomainError as error:
            form.add_error("value", str(error))
            return self._ask(form, editable, row, status=422)
        answer = self._shown(editable, self.one_row(self.actor, row.pk))
        return announce(answer, _("%(what)s is changed.") % {"what": editable.label}, undo_url=undo)

    def _cell(self) -> tuple[Editable, Any]:
        given = self.request.GET
        editable = next((one for one in self.editables if one.column == given["edit"]), None)
        number = given.get("row", "")
        if editable is None or not (number.isascii() and number.isdigit() and len(number) < 19):
            raise NotVisible
        row = self.one_row(self.actor, int(number))
        authorize(self.actor, editable.permission, row)
        return editable, row

    def _ask(
        self, form: CellForm, editable: Editable, row: Any, *, status: int = 200, is_conflict: bool = False
    ) -> HttpResponse:
        [column] = [column for column in self.columns if column.key == editable.column]
        shown = Table((), (), "").inside(column, self.dressed([row])[0]) if is_conflict else ""
        url = f"{self.request.path}?{urlencode({'edit': editable.column, 'row': row.pk})}"
        context = {"form": form, "url": url, "is_conflict": is_conflict, "current": shown, "name": str(row)}
        return render_page(self.request, "organization/_cell_form.html", context, status=status)

    def _shown(self, editable: Editable, row: Any) -> HttpResponse:
        [column] = [column for column in self.columns if column.key == editable.column]
        dressed = self.dressed([row])[0]

        edit = self._edits(editable)(dressed)
        edits = {column.key: lambda _row: edit._replace(is_focused=True)} if edit else {}
        table = replace(self.table([]), edits=edits)
        return HttpResponse(conditional_escape(table.inside(column, dressed)))

    def _edits(self, editable: Editable) -> Callable[[Any], CellEdit | None]:
        """What tells of each row how its cell is changed. What all rows share is made once."""
        address = f"{self.request.path}?{urlencode({'edit': editable.column})}&row="
        words, what = _("%(what)s of %(name)s: change"), str(editable.label)
        reaches = reach(self.actor, editable.permission)

        def edit(row: Any) -> CellEdit | None:
            subject = self.subject_of(row)
            if not reaches(subject):
                return None
            return CellEdit(f"{address}{subject.pk}", words % {"what": what, "name": subject})

        return edit

    def _pick(self, row: Any) -> tuple[int, str]:
        subject = self.subject_of(row)
        return subject.pk, str(subject)

    # Many rows

    def act_on_many(self, request: HttpRequest) -> HttpResponse:
        """First a step that says how many and asks what is needed; then each row by its own use case."""
        act = next((one for one in self.acts if one.key == request.POST.get("act")), None)
        if act is None:
            raise NotVisible
        everything = request.POST.get("everything") == "1"
        meant = self._meant(request, everything)
        count = meant.count()
        form = act.form(self.actor, request.POST if "sure" in request.POST else None) if act.form else None
        back = f"{request.path}?{settled_query(request.GET) or 'view=all'}"
        names = [str(row) for row in meant[:8]]
        context = {
            "page_title": act.label,
            "steps": [(self.title, back)],
            "act": act,
            "form": form,
            "count": count,
            "names": names,
            "more": count - len(names),
            "picked": [] if everything else list(meant.values_list("pk", flat=True)),
            "everything": everything,
            "most": MOST_IN_BACKGROUND,
            "is_too_many": count > MOST_IN_BACKGROUND,
            "is_large": count > MOST_AT_ONCE,
        }
        if context["is_too_many"] or not count or "sure" not in request.POST or (form and not form.is_valid()):
            status = 422 if form is not None and form.errors else 200
            return render_page(request, "organization/bulk.html", context, status=status)
        if context["is_large"]:
            return self._act_later(request, act, meant)
        outcome = apply_to_all(self.actor, act, list(meant), form.cleaned_data if form else {}, self.list_name)
        if outcome.refused:
            return render_page(request, "organization/bulk_result.html", context | {"outcome": outcome})
        messages.success(request, outcome_words(outcome), extra_tags=outcome.undo)
        return HttpResponseRedirect(back)

    def _act_later(self, request: HttpRequest, act: BulkAct, meant: TenantQuerySet) -> HttpResponse:
        """More rows than a request may take: a worker does them, and the person may leave."""
        asked = {"act", "sure", "everything", "pick", "csrfmiddlewaretoken"}
        run = start_bulk(
            self.actor,
            self.request.organization,
            list_name=self.list_name,
            act=act.key,
            label=f"{self.title}: {act.label}",
            query=settled_query(request.GET),
            facts={name: values for name, values in request.POST.lists() if name not in asked},
            row_ids=list(meant.values_list("pk", flat=True)),
        )
        remember_run(request.session, run)
        return HttpResponseRedirect(reverse("organization:bulk-detail", args=[run.pk]))

    def _meant(self, request: HttpRequest, everything: bool) -> TenantQuerySet:
        """The rows that are picked, or all that match, in the order of the list."""
        found = self.rows()
        if not everything:
            picked = request.POST.getlist("pick")[:MOST_AT_ONCE]
            found = found.filter(pk__in=[int(pk) for pk in picked if pk.isascii() and pk.isdigit() and len(pk) < 19])
        ordered: TenantQuerySet = found.order_by(*in_language(self.order).expressions())
        return ordered

    # Views and columns

    def _tools_state(self) -> str:
        """What the tools of the plain list are made from; empty where they are drawn for this page alone."""
        if self.tools_follow is None or self.actor.member_id is None or set(self.request.GET) - {"cursor", "sort"}:
            return ""
        return state_of_tools(self.tools_follow, list_name=self.list_name, member_id=self.actor.member_id)

    @cached_property
    def _seen_views(self) -> list[Any]:
        return list(views_of(self.actor, self.list_name)) if self.actor.member_id else []

    @cached_property
    def _current_view(self) -> Any:
        named = self.request.GET.get("view", "")
        return next((view for view in self._seen_views if str(view.pk) == named), None) if named else None

    def _views(self) -> dict[str, Any]:
        """What the template reads only where the tools are not kept is made when it is read."""
        current, query = self._current_view, settled_query(self.request.GET)

        def shown(*, all_of_them: bool) -> list[tuple[Any, str, bool]]:
            found = [view for view in self._seen_views if all_of_them or view.is_pinned or view is current]
            return [(view, self._view_url(view), view is current) for view in found]

        return {
            "list_name": self.list_name,
            "views": SimpleLazyObject(partial(shown, all_of_them=True)),
            "tabs": SimpleLazyObject(partial(shown, all_of_them=False)),
            "current_view": current,
            "may_change_view": current is not None and may_change(self.actor, current),
            "is_view_changed": current is not None and current.query != query,
            "may_share_views": self.actor.holds(SHARE),
            "settled_query": query,
        }

    def _view_url(self, view: Any) -> str:
        return f"{self.request.path}?{view.query}{'&' if view.query else ''}view={view.pk}"

    def _columns(self) -> dict[str, Any]:
        chosen = {column.key for column in chosen_columns(self.columns, self.request.GET.getlist("columns"))}
        kept = [(name, value) for name, values in self.request.GET.lists() for value in values]
        return {
            "offered_columns": [(column, column.key in chosen) for column in self.columns[1:]],
            "first_column": self.columns[0] if self.columns else None,
            "kept_elsewhere": [pair for pair in kept if pair[0] not in ("columns", "cursor")],
            "kept_beside_filters": [pair for pair in kept if pair[0] in ("columns", "sort", "view")],
            "are_columns_chosen": "columns" in self.request.GET,
        }

    # Files

    def export(self, order: Order, kind: str) -> HttpResponseBase:
        """The filtered rows in their order as a file, with the chosen columns."""
        zone = ZoneInfo(timezone.get_current_timezone_name())
        about = About(str(self.title), timezone.now(), zone, self._filters_in_words())
        columns = file_columns(self.columns, self.request.GET.getlist("columns"))
        file = tempfile.TemporaryFile()  # noqa: SIM115  # FileResponse closes it
        counted = Counted(self.all_rows(order))
        if kind == "csv":
            file.writelines(line.encode() for line in csv_lines(columns, counted, about))
        else:
            write_xlsx(file, columns, counted, about)
        file.seek(0)
        reads.note_export(self.actor, self.model(), kind=kind, rows=counted.count, filters=sorted(self.filters))
        name = f"{self.request.resolver_match.url_name}.{kind}"  # type: ignore[union-attr]  # a resolved request
        return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind])

    def _filters_in_words(self) -> list[tuple[str, str]]:
        if self.filter_form is None:
            return []
        fields = self.bound_filters.fields
        return [(str(fields[name].label or name), str(value)) for name, value in self.filters.items()]


class Counted:
    """Rows that are counted as they go by."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self._rows:
            self.count += 1
            yield row


def in_language(order: Order) -> Order:
    """The order with `name_key` put by the names of the reader's language."""
    return replace(order, fields=tuple(name_key() if field == "name_key" else field for field in order.fields))
