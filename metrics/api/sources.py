"""Sources: how they stand, what they brought, and their switches. Secrets and settings never leave."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.models import DataSource, SourceDelivery
from metrics.queries.sources import source_rows
from metrics.serializers.feeding import SentSwitch, SourceRunShape, SourceShape
from metrics.services import sources
from metrics.views.sources import SourceListView
from ops_platform.web.paging import Order
from organization.api.lists import ListApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ItemView, ReadItem
from organization.errors import NotVisible

VIEW, MANAGE = "metrics.source.view", "metrics.source.manage"
TAG = "sources"


class SourceListApi(ListApiView):
    permission = VIEW
    tag = TAG
    page = SourceListView
    shape = SourceShape
    operations = {"GET": listed("list_sources", _("Data sources"), SourceShape)}


class SourceItem(ItemView):
    """One source."""

    shape = SourceShape

    def rows(self) -> Any:
        return source_rows(self.actor)


class SourceApi(SourceItem, ReadItem):
    permission = VIEW
    tag = TAG
    operations = {"GET": Operation("get_source", _("A data source"), answer=SourceShape)}


class SourceRunListApi(ListApiView):
    permission = VIEW
    tag = TAG
    shape = SourceRunShape
    order = Order("newest", ("begun_at", "pk"), is_descending=True)
    operations = {
        "GET": listed(
            "list_source_runs",
            _("What a source brought, the newest first"),
            SourceRunShape,
            has_shown=False,
            is_exported=False,
        )
    }

    def rows(self) -> Any:
        source = source_rows(self.actor).filter(pk=self.kwargs["pk"]).first()
        if source is None:
            raise NotVisible
        found = SourceDelivery.objects.filter(source=source).select_related("batch")
        return found.defer("refusals", "answer")


class SourceRunApi(SourceItem, ActionItem):
    permission = MANAGE
    tag = TAG
    operations = {"POST": Operation("run_source", _("Ask a source now"), answer=SourceShape)}

    def act(self, row: DataSource, facts: dict[str, Any]) -> DataSource:
        return sources.run_now(self.actor, row)


class SourceSwitchApi(SourceItem):
    permission = MANAGE
    tag = TAG
    operations = {
        "PUT": Operation("switch_source", _("Switch a source on or off"), body=SentSwitch, answer=SourceShape)
    }

    def put(self, request: Request, **kwargs: Any) -> Response:
        """What it brought stays."""
        row = self.row()
        facts = self.sent(SentSwitch)
        return self.write(row, lambda: sources.switch_source(self.actor, row, **facts))
