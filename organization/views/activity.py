"""What happened to an object: a list on its page, fetched when it is opened, and a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order, keyset_page
from organization.errors import NotAllowed, NotVisible
from organization.queries.activity import activity_lines, activity_of, may_see_activity
from organization.queries.kinds import kind_of, visible_object
from organization.views.base import PageView

NEWEST = Order("newest", ("pk",), is_descending=True)
SHOWN = 20


class ActivityView(PageView):
    """Who changed what on an object, newest first, with before and after."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest, label: str, pk: int) -> HttpResponse:
        subject, kind = visible_object(self.actor, label, pk), kind_of(label)
        if subject is None or kind is None:
            raise NotVisible
        if not may_see_activity(self.actor, subject):
            raise NotAllowed(_("What happened to a person is for those who may change them."))
        cursor = request.GET.get("cursor", "")
        page = keyset_page(activity_of(self.actor, subject), NEWEST, cursor=cursor, size=SHOWN, is_counted=False)
        found = kind.found(subject)
        context = {
            "lines": activity_lines(self.actor, page.rows),
            "page": page,
            "is_further": bool(cursor),
            "steps": [(found.label, found.url)],
            "found": found,
        }
        return render_page(request, "organization/activity.html", context, fragment="lines")
