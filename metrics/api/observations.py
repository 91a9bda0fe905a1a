"""Sending observations, and taking them out again."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.models import Dataset
from metrics.serializers.observations import MOST_ROWS, Received, Removed, SentKeys, SentObservations
from metrics.services.observations import record_observations, remove_observations
from organization.api.schema import problems
from organization.api.views import ApiView
from organization.errors import NotVisible

WRITE = "metrics.observation.write"


class ObservationsView(ApiView):
    permission = WRITE

    @extend_schema(
        operation_id="send_observations",
        summary="Store up to 10,000 rows of a dataset, all or none",
        tags=["observations"],
        request=SentObservations,
        responses={201: Received, **problems(400, 404, 409, 413, 422)},
    )
    def post(self, request: Request) -> Response:
        """Rows that are stored already change nothing. The rollups of the touched periods follow within seconds."""
        name, rows = _sent(request.data, "rows")

        def work() -> tuple[int, Any]:
            recorded = record_observations(self.actor, _dataset(self.actor, name), rows=rows)
            return 201, Received({"batch": recorded.batch, **vars(recorded.counts)}).data

        return self.answer_once(work)


class RemovalsView(ApiView):
    permission = WRITE

    @extend_schema(
        operation_id="remove_observations",
        summary="Take rows out by their keys",
        tags=["observations"],
        request=SentKeys,
        responses={200: Removed, **problems(400, 404, 409, 413, 422)},
    )
    def post(self, request: Request) -> Response:
        """The rows are kept aside: undoing the batch brings them back."""
        name, keys = _sent(request.data, "keys")

        def work() -> tuple[int, Any]:
            batch, removed = remove_observations(self.actor, _dataset(self.actor, name), row_keys=keys)
            return 200, Removed({"batch": batch, "removed": removed}).data

        return self.answer_once(work)


def _sent(data: Any, member: str) -> tuple[str, list[Any]]:
    """The dataset's name and the list. Raises ParseError; what is in the list is the service's matter."""
    if not isinstance(data, dict) or set(data) != {"dataset", member}:
        raise ParseError(
            _("The body is an object with “dataset” and “%(member)s”, and nothing else.") % {"member": member}
        )
    name, items = data["dataset"], data[member]
    if not isinstance(name, str):
        raise ParseError(_("“dataset” is the short name of a dataset."))
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ROWS:
        raise ParseError(_("“%(member)s” is a list of 1 to %(most)d.") % {"member": member, "most": MOST_ROWS})
    return name, items


def _dataset(actor: Any, key: str) -> Dataset:
    """The dataset, where the caller may see it or write to it; whether they may write is decided by the service."""
    for codename in (WRITE, Dataset.view_permission):
        dataset = Dataset.objects.visible_to(actor, codename).filter(key=key).select_related("department").first()
        if dataset is not None:
            return dataset
    raise NotVisible
