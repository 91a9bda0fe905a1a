"""What one was told: the inbox, and the counts that every page shows of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ops_platform.web.columns import Column
from ops_platform.web.htmx import announce, is_swap, redirect_page, render_page
from ops_platform.web.paging import Order, Page
from organization.choices import InboxShow
from organization.errors import NotVisible
from organization.forms.work import InboxFilters
from organization.models import Notice
from organization.notice_kinds import find_or_none
from organization.queries.inbox import inbox, inbox_lines, unread
from organization.queries.kinds import kind_of, visible_object
from organization.queries.told_words import notice_text, notice_title
from organization.services import notice_choices, notices
from organization.tenancy import TenantQuerySet
from organization.views.base import PageView, no_content, visible_or_404
from organization.views.lists import ListView

INBOX = "organization:inbox"


def _kind(notice: Notice) -> Any:
    kind = find_or_none(notice.kind)
    return kind.label if kind else notice.kind


class InboxView(ListView):
    """What still asks for attention, or all that one was told; newest first."""

    permission = "organization.home.view"
    template = rows_template = "organization/inbox.html"
    title = _("Inbox")
    empty_template = "organization/_empty_inbox.html"
    filter_form = InboxFilters
    order = Order("newest", ("pk",), is_descending=True)
    columns = (
        Column("at", _("When"), "created_at", kind="instant"),
        Column("title", _("What"), notice_title, is_wide=True),
        Column("text", _("Details"), notice_text, is_wide=True),
        Column("kind", _("Kind"), _kind),
        Column("by", _("Who"), "by"),
        Column("read", _("Read"), "read_at", kind="instant"),
    )

    @property
    def show(self) -> InboxShow:
        """What the address asks for."""
        return InboxShow.ALL if self.request.GET.get("show") == InboxShow.ALL else InboxShow.UNREAD

    def rows(self) -> TenantQuerySet:
        found = inbox(self.actor) if self.show == InboxShow.ALL else unread(self.actor)
        return found.filter(**self.filters)

    def page(self, order: Order) -> Page[Any]:
        self.found = super().page(order)
        return self.found

    def context(self) -> dict[str, Any]:
        return {"lines": inbox_lines(self.found.rows), "show": self.show, "show_choices": InboxShow.choices}


class NoticeView(PageView):
    """What one does with one of one's own notices: POST alone, answered by the row as it stands then."""

    permission = "organization.home.view"
    http_method_names = ["post", "options"]

    def notice(self, pk: int) -> Notice:
        """The notice, for its recipient alone."""
        return visible_or_404(inbox(self.actor), pk=pk)

    def row(self, notice: Notice) -> HttpResponse:
        """The row again, or the inbox without htmx."""
        if not is_swap(self.request):
            return redirect_page(self.request, reverse(INBOX))
        [line] = inbox_lines([notice])
        answer = render_page(self.request, "organization/_inbox_row.html", {"line": line, "focus": True})
        answer.headers["HX-Trigger-After-Settle"] = "ops:counts"
        return answer


class NoticeReadView(NoticeView):
    """Read, or unread again."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.row(notices.mark_read(self.actor, self.notice(pk), is_read=request.POST.get("read") != "0"))


class NoticeOpenView(NoticeView):
    """Read, and on to what it is about."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = notices.mark_read(self.actor, self.notice(pk))
        return redirect_page(request, notice.url or reverse(INBOX))


class NoticeMuteView(NoticeView):
    """Hear nothing more of its kind, or of what it is about."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = self.notice(pk)
        organization = self.request.organization
        if request.POST.get("what") == "object" and notice.subject_id is not None:
            watched: dict[str, Any] = {"label": notice.subject_type, "pk": notice.subject_id}
            notice_choices.watch(self.actor, organization, level="mute", **watched)
            text = _now("You hear nothing more of this.")
        else:
            notice_choices.mute_kind(self.actor, organization, kind=notice.kind)
            text = _now("You hear nothing more of this kind.")
        notice.refresh_from_db()
        return announce(self.row(notice), text)


class InboxReadView(PageView):
    """Everything is read."""

    permission = "organization.home.view"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        notices.mark_all_read(self.actor, self.request.organization)
        return redirect_page(request, reverse(INBOX))


class WatchView(PageView):
    """Follow an object, mute it, or neither; answered by the button as it stands then."""

    permission = "organization.home.view"
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, label: str, pk: int) -> HttpResponse:
        subject = visible_object(self.actor, label, pk)
        kind = kind_of(label)
        if subject is None or kind is None:
            raise NotVisible
        level = request.POST.get("level", "")
        level = level if level in ("follow", "mute") else ""
        notice_choices.watch(self.actor, self.request.organization, label=label, pk=pk, level=level)
        if not is_swap(request):
            return redirect_page(request, reverse(kind.url_name, args=[pk]))
        watch = {"label": label, "pk": pk, "level": level}
        return render_page(request, "components/watch.html", {"watch": watch, "focus": True})


class CountsView(PageView):
    """The numbers of the frame, once a minute; nothing while they are what the page shows."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        member: Any = self.request.member
        if request.GET.get("shown") == f"{member.owed}.{member.unread}":
            return no_content()
        return render_page(request, "components/counts.html")
