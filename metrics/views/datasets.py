"""Pages of datasets."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from metrics.choices import ColumnRole
from metrics.errors import BadExpression
from metrics.forms.dashboards import SearchFilters
from metrics.forms.datasets import DeriveForm
from metrics.forms.kpis import pointer
from metrics.models import Dataset, DataSource
from metrics.queries.datasets import dataset_page, dataset_rows, unit_label
from metrics.queries.definitions import row_types
from metrics.queries.sources import sources_of, status_of
from metrics.services import datasets
from metrics.services.datasets import ColumnSpec
from metrics.services.kits import suggest_kits
from ops_platform.web.addresses import address
from ops_platform.web.columns import Column, Table
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from organization.access import can
from organization.queries.links import loop_panel
from organization.queries.notice_channels import watch_of, with_watch
from organization.tenancy import TenantQuerySet
from organization.views.base import FormPageView, PageView, visible_or_404
from organization.views.lists import ListView


def dataset_url(dataset: Dataset) -> str:
    """The page of a dataset."""
    return address("metrics:dataset-detail", dataset.pk)


def _first_day(dataset: Dataset) -> date | None:
    return dataset.first_at and timezone.localdate(dataset.first_at)


class DatasetListView(ListView):
    """The tables that the organization feeds."""

    permission = "metrics.dataset.view"
    template = "metrics/dataset_list.html"
    empty_template = "metrics/_empty_datasets.html"
    title = _("Datasets")
    order = Order("name", ("name_key", "pk"))
    filter_form = SearchFilters
    columns = (
        Column("name", _("Dataset"), "display_name", sort=("name_key", "pk"), href=dataset_url, is_wide=True),
        Column("rows", _("Rows"), "row_count", kind="number", sort=("row_count", "pk")),
        Column("first", _("First"), _first_day, kind="date", folded="gone"),
        Column("last", _("Newest"), "last_at", kind="instant", sort=("last_at", "pk"), is_nullable=True),
        Column("kpis", _("KPIs"), "kpi_count", kind="number"),
        Column(
            "loaded",
            _("Last load"),
            "loaded_at",
            kind="instant",
            sort=("loaded_at", "pk"),
            is_nullable=True,
            folded="gone",
        ),
        Column("owner", _("Owner"), "owner__name", folded="gone"),
        Column("department", _("Department"), "department__display_name", folded="bare"),
    )

    def rows(self) -> TenantQuerySet:
        return dataset_rows(self.actor, **self.filters)

    def context(self) -> dict[str, Any]:
        return {
            "may_import": self.actor.holds("metrics.import.run"),
        }


class DatasetDetailView(PageView):
    """Columns, extent, newest rows, and what is counted from a dataset."""

    permission = "metrics.dataset.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = Dataset.objects.visible_to(self.actor).select_related("owner", "department")
        dataset = visible_or_404(with_watch(found, self.actor), pk=pk)
        page = dataset_page(self.actor, dataset, currency=self.request.organization.currency)
        may_define = bool(can(self.actor, "metrics.kpi.edit", dataset))
        context = {
            "page": page,
            "dataset": dataset,
            "columns": [(column, unit_label(column), ColumnRole(column.role).label) for column in page.columns],
            "table": Table(page.row_columns, page.rows, gettext("The newest rows, decoded"), layout="data")
            if page.rows
            else None,
            "may_edit": bool(can(self.actor, "metrics.dataset.edit", dataset)),
            "may_define": may_define,
            "sources": [(source, status_of(source)) for source in sources_of(self.actor, dataset)],
            "may_feed": bool(can(self.actor, "metrics.source.manage", DataSource(dataset=dataset))),
            "kits": suggest_kits(dataset) if may_define else [],
            "watch": watch_of(dataset),
            "loop": loop_panel(self.actor, dataset),
        }
        return render_page(request, "metrics/dataset_detail.html", context)


class DatasetDeriveView(FormPageView):
    """A measure computed from others of the same row."""

    permission = "metrics.dataset.edit"
    template = "metrics/dataset_derive.html"
    title = _("New derived measure")
    submit_label = _("Add the measure")
    message = _("The measure is there. KPIs can count it now.")

    def prepare(self, **kwargs: Any) -> None:
        found = Dataset.objects.visible_to(self.actor).select_related("department")
        self.dataset = self.subject(found, pk=kwargs["pk"])
        self.pointer: Any = None

    def form(self, data: Any = None, files: Any = None) -> DeriveForm:
        return DeriveForm(data, actor=self.actor, dataset=self.dataset)

    def save(self, facts: dict[str, Any]) -> str:
        column = ColumnSpec(
            facts["key"],
            ColumnRole.MEASURE,
            name=facts["name"],
            name_zh=facts["name_zh"],
            unit=facts["unit"],
            expression=facts["expression"].strip(),
        )
        try:
            return dataset_url(datasets.extend_dataset(self.actor, self.dataset, columns=[column]))
        except BadExpression as error:
            self.pointer = pointer(column.expression, error.start, error.end)
            raise

    def context(self) -> dict[str, Any]:
        columns = list(self.dataset.columns.all())
        types = row_types(columns)
        names = [(column.key, types[column.key], column.display_name) for column in columns if column.key in types]
        steps = [
            (_("Datasets"), reverse("metrics:dataset-list")),
            (self.dataset.display_name, dataset_url(self.dataset)),
        ]
        return {"steps": steps, "names": names, "pointer": self.pointer}
