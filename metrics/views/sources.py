"""Pages of sources: the list, one with its deliveries, its buttons."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from metrics.choices import DeliveryStatus, SourceKind
from metrics.engine.signatures import new_secret
from metrics.engine.source_plan import plan_of
from metrics.models import DataSource, SourceDelivery
from metrics.queries.source_words import EVENT_KINDS
from metrics.queries.sources import deliveries_of, old_secret_left, refusals_of, refused_rows, source_rows, status_of
from metrics.services import sources
from ops_platform.web.addresses import address
from ops_platform.web.columns import Column, Table
from ops_platform.web.exports import csv_lines
from ops_platform.web.formats import absolute
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Level, Status
from organization.access import can
from organization.forms.confirm import ConfirmForm
from organization.queries.notice_channels import watch_of, with_watch
from organization.services.reads import note_download
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.lists import ListView

MANAGE = "metrics.source.manage"
LEVELS: dict[str, Level] = {DeliveryStatus.DONE: "good", DeliveryStatus.FAILED: "bad", DeliveryStatus.RUNNING: "info"}
COUNTS = (
    Column("rows_read", _("Rows read"), kind="number"),
    Column("rows_created", _("New"), kind="number"),
    Column("rows_updated", _("Corrected"), kind="number"),
    Column("rows_unchanged", _("Unchanged"), kind="number"),
    Column("rows_refused", _("Refused"), kind="number"),
)
REFUSED_COLUMNS = (Column("row", _("Row")), Column("reason", _("Reason")), Column("sent", _("As it was sent")))


def source_url(source: DataSource) -> str:
    """The page of a source: its columns while they are open, else what it did."""
    return address("metrics:source-detail" if source.plan else "metrics:source-plan", source.pk)


def hook_address(request: HttpRequest, source: DataSource) -> str:
    """The whole address to which deliveries of a webhook go; "" for other sources."""
    if source.kind != SourceKind.WEBHOOK:
        return ""
    return request.build_absolute_uri(reverse("hook", args=[f"{source.organization_id}-{source.address}"]))


def delivery_status(delivery: SourceDelivery) -> Status:
    """What became of a delivery, as shape and word."""
    return Status(LEVELS[delivery.status], str(DeliveryStatus(delivery.status).label))


def delivery_name(delivery: SourceDelivery) -> str:
    """The sender's own id of a delivery; of a run when it was due."""
    return delivery.key if delivery.source.kind == SourceKind.WEBHOOK else cursor_text(delivery.key)


def cursor_text(cursor: str) -> str:
    """A date or time as runs keep it, in the organization's time; one without a zone as it stands."""
    found = parse_datetime(cursor) if "T" in cursor else None
    if found is None:
        return cursor
    return absolute(found) if timezone.is_aware(found) else f"{found:%Y-%m-%d %H:%M:%S}"


def _delivery_url(delivery: SourceDelivery) -> str:
    return address("metrics:source-delivery", delivery.source_id, delivery.pk)


def _list_step() -> tuple[Any, str]:
    return (_("Data sources"), reverse("metrics:source-list"))


class SourceListView(ListView):
    """What feeds datasets by itself."""

    permission = "metrics.source.view"
    template = "metrics/source_list.html"
    empty_template = "metrics/_empty_sources.html"
    title = _("Data sources")
    order = Order("name", ("name_key", "pk"))
    columns = (
        Column("name", _("Data source"), "display_name", sort=("name_key", "pk"), href=source_url, is_wide=True),
        Column("kind", _("Kind"), lambda row: SourceKind(row.kind).label, folded="bare"),
        Column("dataset", _("Dataset"), lambda row: row.dataset.display_name if row.dataset else ""),
        Column("state", _("State"), status_of, kind="status"),
        Column("last", _("Last delivery"), "last_run_at", kind="instant"),
        Column("next", _("Next run"), "next_run_at", kind="instant"),
    )

    def rows(self) -> Any:
        return source_rows(self.actor)

    def context(self) -> dict[str, Any]:
        return {"may_manage": self.actor.holds(MANAGE)}


class SourceDetailView(PageView):
    """How a source stands, what it was sent, and its buttons."""

    permission = "metrics.source.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = visible_or_404(with_watch(source_rows(self.actor), self.actor), pk=pk)
        deliveries = deliveries_of(source)
        plan = plan_of(source.plan)
        columns = (
            Column("begun_at", _("When"), kind="instant", folded="last"),
            Column("key", _("Delivery"), delivery_name, href=_delivery_url, is_wide=True, folded="title"),
            Column("state", _("State"), delivery_status, kind="status", folded="end"),
            *COUNTS,
        )
        context = {
            "source": source,
            "state": status_of(source),
            "plan": plan,
            "address": hook_address(request, source),
            "old_secret_until": old_secret_left(source),
            "continues_from": cursor_text(source.cursor),
            "event_names": [
                str(EVENT_KINDS[name]) for name in source.settings.get("events", ()) if name in EVENT_KINDS
            ],
            "table": Table(columns, deliveries, _now("The newest deliveries"), layout="folds") if deliveries else None,
            "may_manage": bool(can(self.actor, MANAGE, source)),
            "steps": [_list_step()],
            "watch": watch_of(source),
        }
        return render_page(request, "metrics/source_detail.html", context)


class DeliveryView(PageView):
    """A page about one delivery."""

    permission = "metrics.source.view"

    def delivery(self, pk: int, delivery: int) -> SourceDelivery:
        """The delivery, where its source is visible."""
        source = visible_or_404(source_rows(self.actor), pk=pk)
        found = SourceDelivery.objects.filter(source=source).select_related("batch")
        row: SourceDelivery = visible_or_404(found, pk=delivery)
        row.source = source
        return row


class DeliveryDetailView(DeliveryView):
    """What a delivery brought, and what of it was refused."""

    def get(self, request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
        found = self.delivery(pk, delivery)
        context = {
            "delivery": found,
            "name": delivery_name(found),
            "source": found.source,
            "state": delivery_status(found),
            "refusals": refusals_of(found)[:100],
            "kept": len(found.refusals),
            "steps": [_list_step(), (found.source.display_name, source_url(found.source))],
        }
        return render_page(request, "metrics/source_delivery.html", context)


class DeliveryRefusedView(DeliveryView):
    """The refused rows as a file, with their reasons."""

    def get(self, request: HttpRequest, pk: int, delivery: int) -> StreamingHttpResponse:
        found = self.delivery(pk, delivery)
        lines = list(csv_lines(REFUSED_COLUMNS, refused_rows(found)))
        note_download(self.actor, found.source, refused=found.rows_refused)
        answer = StreamingHttpResponse(iter(lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{found.source.reference}-refused.csv"'
        answer["Cache-Control"] = "private, no-store"
        return answer


class SourceActionView(ActionView):
    """A button on the page of a source."""

    permission = MANAGE

    def change(self, source: DataSource) -> Any:
        """Call the service."""
        raise NotImplementedError

    def act(self, **kwargs: Any) -> str:
        source = self.subject(source_rows(self.actor), pk=kwargs["pk"])
        self.change(source)
        return self.refused_url(**kwargs)

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("metrics:source-detail", args=[kwargs["pk"]])


class SourceRunView(SourceActionView):
    """Ask now."""

    message = _("The source is asked now. What it brings stands here in a moment.")

    def change(self, source: DataSource) -> Any:
        sources.run_now(self.actor, source)


class SourceSwitchView(SourceActionView):
    """On or off: `is_enabled` says which."""

    def change(self, source: DataSource) -> Any:
        is_enabled = self.request.POST.get("is_enabled") == "1"
        sources.switch_source(self.actor, source, is_enabled=is_enabled)
        self.message = _("The source is on.") if is_enabled else _("The source is off. What it brought stays.")


class SourceLookView(SourceActionView):
    """Look at the query's first rows again."""

    message = _("A worker looks at the query.")

    def change(self, source: DataSource) -> Any:
        sources.look_again(self.actor, source)

    def refused_url(self, **kwargs: Any) -> str:
        return reverse("metrics:source-plan", args=[kwargs["pk"]])


class SourceSecretView(PageView):
    """Another secret for a webhook; it is on the answer and nowhere else."""

    permission = MANAGE
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self.subject(source_rows(self.actor), pk=pk)
        secret = new_secret()
        source = sources.rotate_secret(self.actor, source, secret=secret)
        return show_secret(request, source, secret)


def show_secret(request: HttpRequest, source: DataSource, secret: str) -> HttpResponse:
    """The page with the secret, once."""
    context = {
        "source": source,
        "secret": secret,
        "address": hook_address(request, source),
        "old_until": old_secret_left(source),
        "next_url": source_url(source),
        "steps": [_list_step()],
    }
    answer = render_page(request, "metrics/source_secret.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


class SourceRemoveView(FormPageView):
    """Taking a source away; its rows stay."""

    permission = MANAGE
    template = "organization/confirm.html"
    title = _("Remove the source")
    submit_label = _("Remove for good")
    message = _("The source is removed. The rows that it brought are still there.")

    def prepare(self, **kwargs: Any) -> None:
        self.source = self.subject(source_rows(self.actor), pk=kwargs["pk"])

    def form(self, data: Any = None, files: Any = None) -> ConfirmForm:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        sources.remove_source(self.actor, self.source)
        return reverse("metrics:source-list")

    def context(self) -> dict[str, Any]:
        return {"steps": [_list_step(), (self.source.display_name, source_url(self.source))]}
