"""Datasets: what can be sent, and where to."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.models import Dataset
from metrics.serializers.dashboards import DashboardShape
from metrics.serializers.datasets import DatasetShape, KitsShape, SentColumns, SentDataset, SentKit
from metrics.services import datasets, kits
from metrics.services.datasets import ColumnSpec
from metrics.views.datasets import DatasetListView
from organization.api.lists import MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ItemView, ReadItem
from organization.errors import NotVisible
from organization.models import Department, Member

VIEW, EDIT = "metrics.dataset.view", "metrics.dataset.edit"
TAG = "datasets"


class DatasetListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = DatasetListView
    shape = DatasetShape
    operations = {
        "GET": listed("list_datasets", _("Datasets with their columns"), DatasetShape),
        "POST": Operation(
            "create_dataset",
            _("A new dataset with its columns"),
            body=SentDataset,
            answer=DatasetShape,
            status=201,
            problems=(404,),
        ),
    }

    def rows(self) -> Any:
        return super().rows().prefetch_related("columns")

    def fresh(self) -> Any:
        return Dataset.objects.visible_to(self.actor).prefetch_related("columns")

    def post(self, request: Request, **kwargs: Any) -> Response:
        facts = self.sent(SentDataset)
        facts["columns"] = [ColumnSpec(**column) for column in facts["columns"]]
        related = (("owner", Member), ("department", Department))
        facts |= {name: visible(self.actor, model, facts[name]) for name, model in related if name in facts}
        return self.answer_once(
            lambda: (201, self.made(datasets.create_dataset(self.actor, self.request.organization, **facts)))
        )


class DatasetItem(ItemView):
    """One dataset, by its short name."""

    shape = DatasetShape
    lookup = "key"

    def rows(self) -> Any:
        return Dataset.objects.visible_to(self.actor).select_related("department").prefetch_related("columns")


class DatasetApi(DatasetItem, ReadItem):
    permission = VIEW
    tag = TAG
    operations = {"GET": Operation("get_dataset", _("A dataset with its columns"), answer=DatasetShape)}


class DatasetColumnsApi(DatasetItem):
    permission = EDIT
    tag = TAG
    operations = {
        "POST": Operation(
            "extend_dataset", _("Add columns to a dataset"), body=SentColumns, answer=DatasetShape, status=201
        )
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Also measures computed from others."""
        row = self.row()
        columns = [ColumnSpec(**column) for column in self.sent(SentColumns)["columns"]]
        return self.write(row, lambda: datasets.extend_dataset(self.actor, row, columns=columns), code=201)


class DatasetKitsApi(DatasetItem):
    permission = {"GET": VIEW, "POST": "metrics.kpi.edit"}
    tag = TAG
    operations = {
        "GET": Operation("list_kits", _("The starter kits that fit a dataset"), answer=KitsShape),
        "POST": Operation(
            "apply_kit",
            _("Define a kit's KPIs and a dashboard that shows them"),
            body=SentKit,
            answer=DashboardShape,
            status=201,
        ),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """By the names of its columns."""
        return Response(KitsShape({"results": kits.suggest_kits(self.row())}).data)

    def post(self, request: Request, **kwargs: Any) -> Response:
        """The new dashboard."""
        row = self.row()
        facts = self.sent(SentKit)
        return self.answer_once(lambda: (201, DashboardShape(kits.apply_kit(self.actor, row, **facts)).data))


def visible(actor: Any, model: Any, pk: int | None) -> Any:
    """The row of that id, None for none. Raises NotVisible."""
    if pk is None:
        return None
    found = model.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotVisible
    return found
