"""Datasets: what can be sent, and where to."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.api.lists import PAGE_PARAMETERS, answer_page, page_of
from metrics.models import Dataset
from metrics.serializers import DatasetShape
from organization.api.schema import problems
from organization.api.views import ApiView


class DatasetListView(ApiView):
    permission = "metrics.dataset.view"
    parameters = ("cursor", "size")

    @extend_schema(
        operation_id="list_datasets",
        summary="Datasets with their columns",
        tags=["datasets"],
        parameters=[*PAGE_PARAMETERS],
        responses={200: page_of("DatasetPage", DatasetShape), **problems(400)},
    )
    def get(self, request: Request) -> Response:
        """Those that the caller may see."""
        rows = Dataset.objects.visible_to(self.actor).prefetch_related("columns")
        return answer_page(request, rows, DatasetShape)
