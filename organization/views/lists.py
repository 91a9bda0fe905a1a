"""The base of every list: filters in the address, keyset pages, CSV and XLSX of exactly what is filtered."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils import timezone

from ops_platform.web.columns import Column, Table, order_from
from ops_platform.web.exports import About, csv_lines, write_xlsx
from ops_platform.web.htmx import is_swap, render_page
from ops_platform.web.paging import Order, Page, keyset_page
from organization.models.base import name_key
from organization.services import reads
from organization.tenancy import TenantQuerySet
from organization.views.base import PageView

MOST_EXPORTED = 100_000
CHUNK = 1_000
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ListView(PageView):
    """A list. Subclasses declare `template`, `title`, `empty_template`, `columns`, `order`, `rows()`.

    rows() starts from `visible_to` and applies `self.filters`, the cleaned `filter_form` (None where there is none).
    An order by `name_key` is by the names of the reader's language.
    The template extends organization/list.html, whose partial `rows` answers swaps. `?export=csv|xlsx` sends the file.
    """

    template: str
    title: Any
    empty_template: str
    columns: Sequence[Column] = ()
    order: Order
    filter_form: Any = None
    page_size = 50
    target = "rows"
    rows_template = (
        "organization/list.html"  # a partial is found where it stands, not through a template that extends it
    )

    def rows(self) -> TenantQuerySet:
        """The filtered rows that the actor may see."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the page shows beside the list."""
        return {}

    def page(self, order: Order) -> Page[Any]:
        """The rows of this page."""
        found = keyset_page(self.rows(), order, cursor=self.request.GET.get("cursor", ""), size=self.page_size)
        return replace(found, rows=self.dressed(found.rows))

    def dressed(self, rows: list[Any]) -> list[Any]:
        """The rows of a page as the columns take them."""
        return rows

    def all_rows(self, order: Order) -> Iterable[Any]:
        """The rows for a file."""
        return self.rows().order_by(*order.expressions())[:MOST_EXPORTED].iterator(chunk_size=CHUNK)

    def model(self) -> Any:
        """What the rows are of, for the trail."""
        return self.rows().model

    @property
    def filters(self) -> dict[str, Any]:
        """The filters of the address that make sense; one that does not is shown with its error and ignored."""
        if self.filter_form is None:
            return {}
        form = self.bound_filters
        form.is_valid()
        return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}

    @property
    def bound_filters(self) -> Any:
        """The filter form with the address's values, made once for the request."""
        if not hasattr(self, "_bound_filters"):
            self._bound_filters = self.filter_form(self.request.GET or None, actor=self.actor)
            if not self._bound_filters.is_bound:
                self._bound_filters.cleaned_data = {}
        return self._bound_filters

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        order = in_language(order_from(self.columns, request.GET.get("sort", ""), self.order))
        export = request.GET.get("export")
        if export in ("csv", "xlsx"):
            return self.export(order, export)
        page = self.page(order)
        table = Table(self.columns, page.rows, str(self.title), order, self.target, layout="folds")
        context = {
            "page_title": self.title,
            "page": page,
            "table": table,
            "filter_form": self.bound_filters if self.filter_form else None,
            "is_filtered": bool(self.filters),
            "empty_template": self.empty_template,
            "export_kinds": (("csv", "CSV"), ("xlsx", "XLSX")),
        } | self.context()
        template = self.rows_template if is_swap(request) else self.template
        return render_page(request, template, context, fragment="rows")

    def export(self, order: Order, kind: str) -> HttpResponseBase:
        """The filtered rows in their order as a file."""
        zone = ZoneInfo(self.request.organization.timezone)
        about = About(str(self.title), timezone.now(), zone, self._filters_in_words())
        file = tempfile.TemporaryFile()  # noqa: SIM115  # FileResponse closes it
        counted = Counted(self.all_rows(order))
        if kind == "csv":
            file.writelines(line.encode() for line in csv_lines(self.columns, counted, about))
        else:
            write_xlsx(file, self.columns, counted, about)
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
