"""The organization itself, its trail, its parked events and its tokens."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.lists import ListApiView, MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ApiView, ChangeItem, ReadItem
from organization.forms.administration import SettingsForm, TokenForm
from organization.models import ApiToken, EventDelivery, Organization
from organization.queries import audit, events
from organization.queries.tokens import tokens as visible_tokens
from organization.serializers.administration import AuditShape, ChainShape, DeliveryShape, MadeTokenShape, TokenShape
from organization.serializers.people import OrganizationShape
from organization.services import organizations, outbox, tokens
from organization.views.administration import AuditListView, EventListView, TokenListView


class OrganizationApi(ReadItem, ChangeItem):
    permission = {"GET": "organization.home.view", "PATCH": "organization.settings.edit"}
    tag = "organization"
    shape = OrganizationShape
    change_form = SettingsForm
    operations = {
        "GET": Operation("get_organization", _("Your organization"), answer=OrganizationShape),
        "PATCH": Operation(
            "change_settings",
            _("Change the settings of your organization"),
            body=SettingsForm,
            answer=OrganizationShape,
            is_versioned=True,
        ),
    }

    def rows(self) -> Any:
        return Organization.objects.filter(pk=self.request.organization.pk)

    def row(self) -> Organization:
        return self.rows().get()

    def change(self, row: Organization, facts: dict[str, Any]) -> Organization:
        return organizations.change_settings(self.actor, row, **facts)


class AuditListApi(ListApiView):
    permission = "organization.audit.view"
    tag = "audit"
    page = AuditListView
    shape = AuditShape
    operations = {"GET": listed("list_audit_entries", _("The audit trail, the newest first"), AuditShape)}


class AuditCheckApi(ApiView):
    permission = "organization.audit.view"
    tag = "audit"
    operations = {"GET": Operation("check_audit_trail", _("Recompute the chain of the trail"), answer=ChainShape)}

    def get(self, request: Request) -> Response:
        """From the first entry on."""
        return Response(ChainShape(audit.chain_check()).data)


class EventListApi(ListApiView):
    permission = "organization.event.view"
    tag = "events"
    page = EventListView
    shape = DeliveryShape
    operations = {"GET": listed("list_parked_events", _("Events that could not be delivered"), DeliveryShape)}


class EventApi(ReadItem):
    permission = "organization.event.view"
    tag = "events"
    shape = DeliveryShape
    operations = {"GET": Operation("get_parked_event", _("An event that could not be delivered"), answer=DeliveryShape)}

    def rows(self) -> Any:
        return events.parked_deliveries(self.actor)


class EventRetryApi(ActionItem):
    permission = "organization.event.retry"
    tag = "events"
    shape = DeliveryShape
    operations = {"POST": Operation("retry_event", _("Deliver a parked event again"), answer=DeliveryShape)}

    def rows(self) -> Any:
        return events.parked_deliveries(self.actor)

    def again(self, row: EventDelivery) -> Any:
        return self.shown(EventDelivery.objects.select_related("event").get(pk=row.pk))

    def act(self, row: EventDelivery, facts: dict[str, Any]) -> EventDelivery:
        return outbox.retry_delivery(self.actor, row)


class TokenListApi(MakeApiView):
    permission = "organization.token.edit"
    tag = "tokens"
    page = TokenListView
    shape = TokenShape
    form = TokenForm
    operations = {
        "GET": listed("list_tokens", _("API tokens"), TokenShape),
        "POST": Operation(
            "create_token",
            _("A new API token; its text is told once"),
            body=TokenForm,
            answer=MadeTokenShape,
            status=201,
        ),
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        facts = self.facts(TokenForm, actor=self.actor)
        lasting = TokenForm.lasting(facts)

        def work() -> tuple[int, Any]:
            token, text = tokens.create_token(self.actor, self.request.organization, **lasting)
            return 201, TokenShape(token).data | {"text": text}

        return self.answer_once(work, told_once="text")


class TokenApi(ReadItem):
    permission = "organization.token.edit"
    tag = "tokens"
    shape = TokenShape
    operations = {"GET": Operation("get_token", _("An API token"), answer=TokenShape)}

    def rows(self) -> Any:
        return visible_tokens(self.actor)


class TokenRevokeApi(ActionItem):
    permission = "organization.token.edit"
    tag = "tokens"
    shape = TokenShape
    operations = {"POST": Operation("revoke_token", _("Revoke a token at once"), answer=TokenShape)}

    def rows(self) -> Any:
        return visible_tokens(self.actor)

    def act(self, row: ApiToken, facts: dict[str, Any]) -> ApiToken:
        return tokens.revoke_token(self.actor, row)
