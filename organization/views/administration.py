"""Pages for administrators: trail, events, tokens, settings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Status
from organization.access import Actor
from organization.engine.audit_export import export_lines
from organization.forms.administration import AuditFilters, PeriodForm, SettingsForm, TokenForm
from organization.models import ApiToken, AuditEntry, EventDelivery, Organization
from organization.permissions import find_or_none
from organization.queries import audit, events
from organization.queries.kinds import visible_objects
from organization.queries.tokens import tokens as visible_tokens
from organization.services import organizations, outbox, reads, tokens
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.editing import BulkAct
from organization.views.lists import Counted, ListView


def _event_url(delivery: EventDelivery) -> str:
    return address("organization:event-detail", delivery.pk)


def _last_line(delivery: EventDelivery) -> str:
    return delivery.error.strip().rpartition("\n")[2]


def _token_url(token: ApiToken) -> str:
    return address("organization:token-detail", token.pk)


class AuditListView(ListView):
    """Who changed what, newest first."""

    permission = "organization.audit.view"
    template = "organization/audit_list.html"
    title = _("Audit trail")
    empty_template = "organization/_empty_audit.html"
    order = Order("newest", ("pk",), is_descending=True)
    filter_form = AuditFilters
    columns = (
        Column("at", _("When"), "at", kind="instant", folded="end"),
        Column("who", _("Who"), audit.who, folded="bare"),
        Column("object", pgettext_lazy("audit", "Of what"), audit.of_what, folded="title"),
        Column("what", _("What"), audit.what, folded="bare"),
        Column("details", _("Details"), audit.details, is_wide=True, folded="bare"),
        Column("address", pgettext_lazy("audit", "Address"), "address"),
        Column("before", _("Seal before"), "previous_hash", is_extra=True),
        Column("seal", _("Seal"), "hash", is_extra=True),
    )

    def rows(self) -> TenantQuerySet:
        return audit.audit_entries(self.actor, **self.filters, timezone=self.request.organization.timezone)

    def dressed(self, rows: list[Any]) -> list[Any]:
        return list(audit.with_names(self.actor, rows))

    def all_rows(self, order: Order) -> Iterable[Any]:
        return audit.with_names(self.actor, super().all_rows(order))


class AuditCheckView(PageView):
    """Recompute the chain, and say whether it holds."""

    permission = "organization.audit.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        check = audit.chain_check()
        return render_page(request, "organization/audit_check.html", {"check": check}, fragment="result")


class AuditExportView(PageView):
    """A stretch of the trail with its seals, as a file that can be checked anywhere."""

    permission = "organization.audit.view"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        period = PeriodForm(request.GET)
        days = period.cleaned_data if period.is_valid() else {}
        zone = self.request.organization.timezone
        entries = Counted(audit.stretch(self.actor, since=days.get("since"), until=days.get("until"), timezone=zone))
        about = {
            "organization": self.request.organization.name,
            "since": days.get("since"),
            "until": days.get("until"),
            "timezone": zone,
            "check": "python3 manage.py verify_audit FILE",
        }
        file = tempfile.TemporaryFile()  # noqa: SIM115  # FileResponse closes it
        file.writelines(line.encode() for line in export_lines(entries, about=about))
        file.seek(0)
        used = sorted(name for name, value in days.items() if value)
        reads.note_export(self.actor, AuditEntry, kind="jsonl", rows=entries.count, filters=used)
        return FileResponse(file, as_attachment=True, filename="audit-trail.jsonl", content_type="application/jsonl")


def _retry(actor: Actor, delivery: EventDelivery, facts: dict[str, Any]) -> EventDelivery:
    return outbox.retry_delivery(actor, delivery)


class EventListView(ListView):
    """Deliveries that were given up, for a person to look at."""

    permission = "organization.event.view"
    template = "organization/event_list.html"
    title = _("Events that could not be delivered")
    empty_template = "organization/_empty_events.html"
    order = Order("newest", ("pk",), is_descending=True)
    columns = (
        Column("event", _("Event"), "event__name", kind="link", href=_event_url, is_wide=True),
        Column("parked", _("Given up"), "parked_at", kind="instant", folded="end"),
        Column("handler", _("Handler"), "handler", folded="bare"),
        Column("attempts", _("Attempts"), "attempts", kind="number"),
        Column("error", _("Error"), _last_line, is_wide=True, folded="bare"),
    )

    bulk_acts = (BulkAct("retry", _("Deliver again"), "refresh", "organization.event.retry", _retry),)

    @staticmethod
    def one_row(actor: Actor, pk: int) -> EventDelivery:
        delivery: EventDelivery = visible_or_404(events.parked_deliveries(actor), pk=pk)
        return delivery

    def rows(self) -> TenantQuerySet:
        return events.parked_deliveries(self.actor)

    def context(self) -> dict[str, Any]:
        return {"waiting": events.waiting_count(self.actor)}


class EventDetailView(PageView):
    """What failed, with its traceback and the button that tries again."""

    permission = "organization.event.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        delivery = visible_or_404(events.parked_deliveries(self.actor), pk=pk)
        context = {
            "delivery": delivery,
            "subjects": visible_objects(self.actor, [(delivery.event.subject_type, delivery.event.subject_id)]),
            "may_retry": self.actor.holds("organization.event.retry"),
        }
        return render_page(request, "organization/event_detail.html", context)


class EventRetryView(ActionView):
    """Put a parked delivery back into the queue."""

    permission = "organization.event.retry"
    message = _("The event is delivered again. It disappears from this list when that succeeds.")

    def act(self, **kwargs: Any) -> str:
        delivery = self.subject(events.parked_deliveries(self.actor), pk=kwargs["pk"])
        outbox.retry_delivery(self.actor, delivery)
        return reverse("organization:event-list")


def _token_state(token: ApiToken) -> Status:
    if token.revoked_at:
        return Status("neutral", gettext("Revoked"))
    if token.expires_at <= timezone.now():
        return Status("neutral", gettext("Expired"))
    return Status("good", gettext("Valid"))


class TokenListView(ListView):
    """The keys of machines."""

    permission = "organization.token.edit"
    template = "organization/token_list.html"
    title = _("API tokens")
    empty_template = "organization/_empty_tokens.html"
    order = Order("newest", ("pk",), is_descending=True)
    columns = (
        Column("name", _("Name"), "display_name", kind="link", href=_token_url, is_wide=True),
        Column("member", _("Acts for"), "member__name"),
        Column("rights", _("Rights"), lambda row: len(row.codenames), kind="number"),
        Column("expires", _("Expires"), "expires_at", kind="instant"),
        Column("used", _("Last used"), "last_used_at", kind="instant"),
        Column("state", _("State"), _token_state, kind="status", folded="end"),
    )

    def rows(self) -> TenantQuerySet:
        return visible_tokens(self.actor)

    def context(self) -> dict[str, Any]:
        return {"may_create": True}  # whoever sees the list may add to it


class TokenDetailView(PageView):
    """What a token may do, and the button that ends it."""

    permission = "organization.token.edit"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = visible_or_404(visible_tokens(self.actor), pk=pk)
        rights = [permission for codename in token.codenames if (permission := find_or_none(codename))]
        context = {"token": token, "state": _token_state(token), "rights": rights}
        return render_page(request, "organization/token_detail.html", context)


class TokenNewView(FormPageView):
    """Make a token; its text is on the answer and nowhere else."""

    permission = "organization.token.edit"
    title = _("New API token")
    submit_label = _("Make the token")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return TokenForm(data, actor=self.actor)

    def save(self, facts: dict[str, Any]) -> str:
        raise NotImplementedError  # the answer is a page, since an address would show the text again

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            token, text = tokens.create_token(self.actor, self.request.organization, **form.facts)
        except tokens.BeyondOwnRights as error:
            form.add_error("codenames", str(error))
            return self.show(form, status=422)
        answer = render_page(request, "organization/token_made.html", {"token": token, "text": text})
        answer["Cache-Control"] = "no-store"
        return answer

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("API tokens"), reverse("organization:token-list"))]}


class TokenRevokeView(ActionView):
    """End a token at once."""

    permission = "organization.token.edit"
    message = _("The token is revoked. Calls with it are refused from now on.")

    def act(self, **kwargs: Any) -> str:
        token = self.subject(visible_tokens(self.actor), pk=kwargs["pk"])
        tokens.revoke_token(self.actor, token)
        return reverse("organization:token-list")


class SettingsView(FormPageView):
    """What the organization decides for everybody in it."""

    permission = "organization.settings.edit"
    template = "organization/settings.html"
    title = _("Settings")
    submit_label = _("Save the settings")
    message = _("The settings are saved.")

    def prepare(self, **kwargs: Any) -> None:
        self.current = Organization.objects.get(pk=self.request.organization.pk)

    def form(self, data: Any = None, files: Any = None) -> Any:
        initial = {name: getattr(self.current, name) for name in SettingsForm.base_fields}
        return SettingsForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        before = self.request.organization.period_rule
        after = organizations.change_settings(self.actor, self.request.organization, **facts)
        if after.period_rule != before:
            self.message = _("The settings are saved. All KPIs are computed anew with the new periods.")
        return reverse("organization:settings")
