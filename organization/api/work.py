"""What the caller owes and was told."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.lists import ListApiView, listed
from organization.api.schema import Operation
from organization.api.views import ActionItem, ApiView, ItemView
from organization.choices import WorkWhose
from organization.forms.work import AssignForm
from organization.models import Notice, WorkItem
from organization.queries import inbox
from organization.serializers.work import CountShape, NoticeShape, SentRead, WorkShape
from organization.services import notices, work_items
from organization.views.inbox import InboxView
from organization.views.work import WorkListView

HOME, ASSIGN = "organization.home.view", "organization.work.assign"


class WorkListApi(ListApiView):
    permission = "organization.work.view"
    tag = "work"
    page = WorkListView
    shape = WorkShape
    more = (
        OpenApiParameter(
            "whose",
            {"type": "string", "enum": list(WorkWhose)},
            description=_("`team`: of everybody whose work you may see."),
        ),
    )
    operations = {"GET": listed("list_work", _("What you or your people owe, the soonest first"), WorkShape)}

    def rows(self) -> Any:
        whose = self.request.query_params.get("whose", WorkWhose.MINE)
        if whose not in WorkWhose:
            choices = ", ".join(WorkWhose)
            raise ParseError(_("“%(name)s” is one of %(choices)s.") % {"name": "whose", "choices": choices})
        return super().rows()


class WorkItemView(ItemView):
    """An open item of those whose work the caller may see."""

    shape = WorkShape

    def rows(self) -> Any:
        return WorkItem.objects.visible_to(self.actor).select_related("owner", "role", "department")


class WorkAssignApi(WorkItemView):
    permission = ASSIGN
    tag = "work"
    operations = {
        "POST": Operation(
            "assign_work", _("Give work to somebody else"), body=AssignForm, answer=WorkShape, is_versioned=True
        )
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Who is told."""
        row = self.row()
        facts = self.facts(AssignForm, actor=self.actor)
        return self.write(row, lambda: work_items.reassign(self.actor, row, **facts))


class WorkDropApi(WorkItemView, ActionItem):
    permission = ASSIGN
    tag = "work"
    operations = {"POST": Operation("drop_work", _("Close work that nobody needs any more"), answer=WorkShape)}

    def act(self, row: WorkItem, facts: dict[str, Any]) -> WorkItem:
        return work_items.drop(self.actor, row)


class NoticeListApi(ListApiView):
    permission = HOME
    tag = "work"
    page = InboxView
    shape = NoticeShape
    more = (OpenApiParameter("unread", {"type": "string", "enum": ["true"]}),)
    operations = {
        "GET": listed(
            "list_my_notices",
            _("What you were told, the newest first"),
            NoticeShape,
        )
    }

    def rows(self) -> Any:
        unread = self.request.query_params.get("unread", "")
        if unread not in ("", "true"):
            raise ParseError(_("“%(name)s” is one of %(choices)s.") % {"name": "unread", "choices": "true"})
        found = inbox.unread(self.actor) if unread else inbox.inbox(self.actor)
        return found.filter(**self.shared.filters)


class NoticeReadApi(ItemView):
    permission = HOME
    tag = "work"
    shape = NoticeShape
    operations = {
        "PUT": Operation("mark_notice", _("Note that you have seen a notice"), body=SentRead, answer=NoticeShape)
    }

    def rows(self) -> Any:
        return Notice.objects.filter(recipient=self.actor.member_id or 0)

    def put(self, request: Request, **kwargs: Any) -> Response:
        """Or that you want to see it again."""
        row = self.row()
        facts = self.sent(SentRead)
        return self.write(row, lambda: notices.mark_read(self.actor, row, **facts))


class NoticesReadApi(ApiView):
    permission = HOME
    tag = "work"
    operations = {"POST": Operation("mark_all_notices", _("Note that you have seen all"), answer=CountShape)}

    def post(self, request: Request) -> Response:
        """How many you had not."""
        organization = self.request.organization
        return self.answer_once(lambda: (200, {"count": notices.mark_all_read(self.actor, organization)}))
