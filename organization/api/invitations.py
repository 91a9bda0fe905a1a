"""Invitations: how people become members."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.lists import ListApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ReadItem
from organization.forms.invitations import InviteForm
from organization.models import Invitation
from organization.queries.invitations import invitations as visible_invitations
from organization.serializers.work import InvitationShape, InvitationsShape
from organization.services import invitations
from organization.views.invitations import InvitationListView

EDIT = "organization.member.edit"
TAG = "invitations"


class InvitationListApi(ListApiView):
    permission = EDIT
    tag = TAG
    page = InvitationListView
    shape = InvitationShape
    operations = {
        "GET": listed("list_invitations", _("Invitations, the newest first"), InvitationShape),
        "POST": Operation(
            "invite", _("Invite people: all of them, or nobody"), body=InviteForm, answer=InvitationsShape, status=201
        ),
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """By mail; the link works for seven days."""
        facts = self.facts(InviteForm, actor=self.actor)
        link_base = f"{settings.SITE_URL}/"

        def work() -> tuple[int, Any]:
            made = invitations.invite(self.actor, self.request.organization, link_base=link_base, **facts)
            rows = visible_invitations(self.actor).filter(pk__in=[one.pk for one in made])
            return 201, InvitationsShape({"results": rows}).data

        return self.answer_once(work)


class InvitationApi(ReadItem):
    permission = EDIT
    tag = TAG
    shape = InvitationShape
    operations = {"GET": Operation("get_invitation", _("An invitation"), answer=InvitationShape)}

    def rows(self) -> Any:
        return visible_invitations(self.actor)


class InvitationSendApi(ActionItem):
    permission = EDIT
    tag = TAG
    shape = InvitationShape
    operations = {
        "POST": Operation(
            "send_invitation", _("Mail a new link; the one before no longer works"), answer=InvitationShape
        )
    }

    def rows(self) -> Any:
        return visible_invitations(self.actor)

    def act(self, row: Invitation, facts: dict[str, Any]) -> Invitation:
        return invitations.send_again(self.actor, row, link_base=f"{settings.SITE_URL}/")


class InvitationRevokeApi(ActionItem):
    permission = EDIT
    tag = TAG
    shape = InvitationShape
    operations = {"POST": Operation("revoke_invitation", _("Let its link work no longer"), answer=InvitationShape)}

    def rows(self) -> Any:
        return visible_invitations(self.actor)

    def act(self, row: Invitation, facts: dict[str, Any]) -> Invitation:
        return invitations.revoke(self.actor, row)
