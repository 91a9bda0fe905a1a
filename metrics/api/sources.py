"""Sources: how they stand, what they brought, and their switches. Secrets and settings never leave."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.choices import SourceKind
from metrics.engine.signatures import new_secret
from metrics.engine.source_plan import SourceColumn, SourcePlan
from metrics.forms.sources import (
    CHANGE_FORMS,
    EventsForm,
    QueryForm,
    SampleForm,
    SourceForm,
    WebhookForm,
    source_facts,
)
from metrics.models import DataSource, SourceDelivery
from metrics.queries.sources import IGNORED, proposed_plan, source_rows
from metrics.serializers.feeding import (
    MadeSourceShape,
    SecretShape,
    SentSourcePlan,
    SentSwitch,
    SourcePlanShape,
    SourceRunShape,
    SourceShape,
)
from metrics.services import sources
from metrics.views.sources import SourceListView, hook_address
from ops_platform.web.paging import Order
from organization.api.bodies import body_schema
from organization.api.lists import ListApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ApiView, ItemView, ReadItem, RemoveItem
from organization.errors import NotVisible
from organization.usecases import authorize

VIEW, MANAGE = "metrics.source.view", "metrics.source.manage"
TAG = "sources"
CHANGES = {
    "type": "object",
    "properties": {
        name: part
        for form in CHANGE_FORMS.values()
        for name, part in body_schema(form, is_partial=True)["properties"].items()
    },
    "additionalProperties": False,
}


class SourceListApi(ListApiView):
    permission = VIEW
    tag = TAG
    page = SourceListView
    shape = SourceShape
    operations = {"GET": listed("list_sources", _("Data sources"), SourceShape)}


class SourceNew(ApiView):
    """A new source of one kind. Subclasses declare `form`."""

    permission: str | dict[str, str] = MANAGE
    tag = TAG
    form: type[SourceForm]

    def post(self, request: Request) -> Response:
        """It takes nothing before its columns are settled; own events begin at once."""
        facts = source_facts(self.facts(self.form, actor=self.actor)) | {"kind": self.form.kind}
        if self.form.kind == SourceKind.WEBHOOK:
            facts["secret"] = new_secret()

        def work() -> tuple[int, Any]:
            made = sources.create_source(self.actor, self.request.organization, **facts)
            row = source_rows(self.actor).get(pk=made.pk)
            secret = facts["secret"] if made.kind == SourceKind.WEBHOOK else None
            told = {"address": hook_address(self.request._request, made), "secret": secret}
            return 201, SourceShape(row).data | told

        return self.answer_once(work, told_once="secret")


class WebhookNewApi(SourceNew):
    form = WebhookForm
    operations = {
        "POST": Operation(
            "create_webhook",
            _("A new webhook; its secret is told once"),
            body=WebhookForm,
            answer=MadeSourceShape,
            status=201,
            problems=(404,),
        )
    }


class QueryNewApi(SourceNew):
    form = QueryForm
    operations = {
        "POST": Operation(
            "create_query",
            _("A query that is asked of a database again and again"),
            body=QueryForm,
            answer=MadeSourceShape,
            status=201,
            problems=(404,),
        )
    }


class EventsNewApi(SourceNew):
    form = EventsForm
    operations = {
        "POST": Operation(
            "count_events",
            _("Count the organization's own events"),
            body=EventsForm,
            answer=MadeSourceShape,
            status=201,
        )
    }


class SourceItem(ItemView):
    """One source."""

    shape = SourceShape

    def rows(self) -> Any:
        return source_rows(self.actor)


class SourceApi(SourceItem, ReadItem, RemoveItem):
    permission = {"GET": VIEW, "PATCH": MANAGE, "DELETE": MANAGE}
    tag = TAG
    operations = {
        "GET": Operation("get_source", _("A data source"), answer=SourceShape),
        "PATCH": Operation(
            "change_source", _("Change a source; the members are those of its kind"), body=CHANGES, answer=SourceShape
        ),
        "DELETE": Operation("remove_source", _("Remove a source; the rows that it brought stay"), status=204),
    }

    def patch(self, request: Request, **kwargs: Any) -> Response:
        """An empty password keeps the one there is."""
        row = self.row()
        said = self.facts(CHANGE_FORMS[row.kind], row=row, actor=self.actor, source=row)
        kept = {"name": row.name, "name_zh": row.name_zh, "settings": row.settings}
        facts = source_facts(said)
        facts = kept | facts | {"settings": row.settings | facts["settings"]}
        return self.write(row, lambda: sources.change_source(self.actor, row, **facts))

    def remove(self, row: DataSource) -> None:
        sources.remove_source(self.actor, row)


class SourceLookApi(SourceItem, ActionItem):
    permission = MANAGE
    tag = TAG
    form = SampleForm
    operations = {
        "POST": Operation(
            "look_again",
            _("Settle the columns by another example: a body, or the query's rows of now"),
            body=SampleForm,
            answer=SourceShape,
        )
    }

    def form_options(self, row: Any) -> dict[str, Any]:
        return {}

    def act(self, row: DataSource, facts: dict[str, Any]) -> DataSource:
        return sources.look_again(self.actor, row, **facts)


class SourcePlanApi(SourceItem):
    permission = MANAGE
    tag = TAG
    operations = {
        "GET": Operation("get_source_plan", _("How the rows of a source are read"), answer=SourcePlanShape),
        "PUT": Operation(
            "settle_source",
            _("Settle the columns, and switch a source on"),
            body=SentSourcePlan,
            answer=SourceShape,
            problems=(404,),
        ),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Settled, or proposed by the sample."""
        row = self.row()
        authorize(self.actor, MANAGE, row)
        return Response(SourcePlanShape(proposed_plan(row)).data)

    def put(self, request: Request, **kwargs: Any) -> Response:
        """What is ignored is left out."""
        row = self.row()
        sent = self.sent(SentSourcePlan)
        columns = tuple(SourceColumn(**column) for column in sent["columns"] if column["role"] != IGNORED)
        plan = SourcePlan(columns, sent["rows_at"], sent["only_at"], tuple(sent["only"]))
        return self.write(row, lambda: sources.settle_plan(self.actor, row, plan=plan))


class SourceSecretApi(SourceItem):
    permission = MANAGE
    tag = TAG
    operations = {
        "POST": Operation(
            "change_secret", _("Another secret for a webhook; it is told once"), answer=SecretShape, status=201
        )
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """The old one is good for a day more."""
        row = self.row()
        secret = new_secret()

        def work() -> tuple[int, Any]:
            changed = sources.rotate_secret(self.actor, row, secret=secret)
            address = hook_address(self.request._request, changed)
            told = {"address": address, "secret": secret, "old_secret_until": changed.old_until}
            return 201, dict(SecretShape(told).data)

        return self.answer_once(work, told_once="secret")


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
