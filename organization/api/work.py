"""What the caller owes and was told."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ops_platform.web.paging import Order
from organization.api.lists import ListApiView, listed
from organization.api.schema import Operation
from organization.api.views import ApiView, ItemView
from organization.models import Notice
from organization.queries.work import my_work
from organization.serializers.work import CountShape, NoticeShape, SentRead, WorkShape
from organization.services import notices

HOME = "organization.home.view"
NEWEST = Order("newest", ("pk",), is_descending=True)


class WorkListApi(ListApiView):
    permission = HOME
    tag = "work"
    shape = WorkShape
    order = Order("due", ("due_at", "pk"), is_nullable=True)
    operations = {
        "GET": listed(
            "list_my_work", _("What you owe, the soonest first"), WorkShape, has_shown=False, is_exported=False
        )
    }

    def rows(self) -> Any:
        return my_work(self.actor)


class NoticeListApi(ListApiView):
    permission = HOME
    tag = "work"
    shape = NoticeShape
    order = NEWEST
    more = (OpenApiParameter("unread", {"type": "string", "enum": ["true"]}),)
    operations = {
        "GET": listed(
            "list_my_notices",
            _("What you were told, the newest first"),
            NoticeShape,
            has_shown=False,
            is_exported=False,
        )
    }

    def rows(self) -> Any:
        found = Notice.objects.filter(recipient=self.actor.member_id or 0)
        unread = self.request.query_params.get("unread", "")
        if unread not in ("", "true"):
            raise ParseError(_("“%(name)s” is one of %(choices)s.") % {"name": "unread", "choices": "true"})
        return found.filter(read_at=None, done_at=None) if unread else found


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
