"""Bots of group chats."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ops_platform.web.addresses import address
from ops_platform.web.columns import Column
from ops_platform.web.htmx import render_page
from ops_platform.web.paging import Order
from ops_platform.web.status import Status
from organization.choices import Fate
from organization.forms.confirm import ConfirmForm
from organization.forms.notices import BotForm, ChangeBotForm
from organization.models import ChatBot, NoticeDelivery
from organization.services import chat_bots
from organization.tenancy import TenantQuerySet
from organization.views.base import ActionView, FormPageView, PageView, visible_or_404
from organization.views.lists import ListView

SHOWN = 10
LEVELS: dict[str, Any] = {Fate.SENT: "good", Fate.MAILED: "watch", Fate.FAILED: "bad"}


def _url(bot: ChatBot) -> str:
    return address("organization:bot-detail", bot.pk)


def state(bot: ChatBot) -> Status:
    """Whether a bot posts, as shape, word and colour."""
    if bot.is_paused:
        return Status("neutral", gettext("Paused"))
    if bot.failures:
        return Status("bad", gettext("Cannot post"))
    return (
        Status("good", pgettext("chat bot", "Posts")) if bot.last_sent_at else Status("info", gettext("Not tried yet"))
    )


class BotListView(ListView):
    """All bots that the actor looks after."""

    permission = "organization.bot.edit"
    template = "organization/bot_list.html"
    title = _("Chat bots")
    empty_template = "organization/_empty_bots.html"
    order = Order("name", ("name", "pk"))
    columns = (
        Column("name", _("Name"), "name", kind="link", href=_url, is_wide=True),
        Column("state", _("State"), state, kind="status", folded="end"),
        Column("provider", _("Chat"), lambda bot: bot.get_provider_display(), folded="bare"),
        Column("department", _("Department"), lambda bot: bot.department or _("Whole organization"), folded="bare"),
        Column("sent", _("Last message"), "last_sent_at", kind="instant"),
    )

    def rows(self) -> TenantQuerySet:
        return ChatBot.objects.visible_to(self.actor).select_related("department")

    def context(self) -> dict[str, Any]:
        return {"may_set_defaults": self.actor.holds("organization.settings.edit")}


class BotDetailView(PageView):
    """What it has said of late, and whether that arrived."""

    permission = "organization.bot.edit"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        visible = ChatBot.objects.visible_to(self.actor).select_related("department", "organization")
        bot = visible_or_404(visible, pk=pk)
        found = list(NoticeDelivery.objects.filter(bot=bot).order_by("-pk")[:SHOWN])
        rows = [(row, Status(LEVELS.get(row.fate, "neutral"), row.get_fate_display())) for row in found]
        is_waiting = any(row.fate == Fate.WAITING for row in found)
        context = {
            "bot": bot,
            "state": state(bot),
            "rows": rows,
            "is_waiting": is_waiting,
            "again": "load delay:10s" if request.GET.get("look") else "load delay:2s",
            "is_resting": bool(bot.open_until and bot.open_until > timezone.now()),
        }
        return render_page(request, "organization/bot_detail.html", context, fragment="said")


class BotNewView(FormPageView):
    """A bot of a group."""

    permission = "organization.bot.edit"
    title = _("New chat bot")
    submit_label = _("Add the bot")
    message = _("The bot is added. Send a test message to see whether it posts.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return BotForm(data, actor=self.actor, initial={"language": self.request.organization.language})

    def save(self, facts: dict[str, Any]) -> str:
        return _url(chat_bots.add_bot(self.actor, self.request.organization, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Chat bots"), reverse("organization:bot-list"))]}


class BotFormView(FormPageView):
    """A form about one bot."""

    permission = "organization.bot.edit"

    def prepare(self, **kwargs: Any) -> None:
        visible = ChatBot.objects.visible_to(self.actor).select_related("department")
        self.bot = self.subject(visible, pk=kwargs["pk"])

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Chat bots"), reverse("organization:bot-list")), (self.bot.name, _url(self.bot))]}


class BotEditView(BotFormView):
    """Name, address, whom it speaks to."""

    title = _("Edit chat bot")
    submit_label = _("Save")
    message = _("The bot is saved.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("name", "provider", "department", "language", "version")
        return ChangeBotForm(data, actor=self.actor, initial={name: getattr(self.bot, name) for name in names})

    def save(self, facts: dict[str, Any]) -> str:
        secret = facts.pop("secret") or None
        return _url(chat_bots.change_bot(self.actor, self.bot, secret=secret, **facts))


class BotDeleteView(BotFormView):
    """Remove a bot."""

    template = "organization/confirm.html"
    title = _("Remove chat bot")
    submit_label = _("Remove for good")
    message = _("The bot is removed. Who was told by it gets mails.")

    def form(self, data: Any = None, files: Any = None) -> Any:
        return ConfirmForm(data)

    def save(self, facts: dict[str, Any]) -> str:
        chat_bots.remove_bot(self.actor, self.bot)
        return reverse("organization:bot-list")


class BotTestView(ActionView):
    """Send a test message."""

    permission = "organization.bot.edit"
    message = _("The test message is on its way. What became of it stands below.")

    def act(self, **kwargs: Any) -> str:
        bot = self.subject(ChatBot.objects.visible_to(self.actor), pk=kwargs["pk"])
        chat_bots.test_bot(self.actor, bot)
        return _url(bot)


class BotPauseView(ActionView):
    """Let a bot rest, or speak again."""

    permission = "organization.bot.edit"

    def act(self, **kwargs: Any) -> str:
        bot = self.subject(ChatBot.objects.visible_to(self.actor), pk=kwargs["pk"])
        is_paused = self.request.POST.get("paused") == "1"
        chat_bots.change_bot(self.actor, bot, is_paused=is_paused)
        self.message = (
            _("The bot is paused. Who was told by it gets mails.") if is_paused else _("The bot posts again.")
        )
        return _url(bot)
