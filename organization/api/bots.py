"""Bots of group chats."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from organization.api.lists import MakeApiView, listed
from organization.api.schema import Operation
from organization.api.views import ChangeItem, ItemView, ReadItem, RemoveItem
from organization.forms.notices import BotForm, ChangeBotForm
from organization.models import ChatBot
from organization.serializers.office import BotShape, PostShape, SentPause
from organization.services import chat_bots
from organization.views.bots import BotListView

EDIT = "organization.bot.edit"
TAG = "bots"


class BotListApi(MakeApiView):
    permission = EDIT
    tag = TAG
    page = BotListView
    shape = BotShape
    form = BotForm
    operations = {
        "GET": listed("list_bots", _("Bots of group chats"), BotShape),
        "POST": Operation("add_bot", _("A bot that posts from now on"), body=BotForm, answer=BotShape, status=201),
    }

    def make(self, facts: dict[str, Any]) -> ChatBot:
        return chat_bots.add_bot(self.actor, self.request.organization, **facts)


class BotItem(ItemView):
    """One bot."""

    shape = BotShape

    def rows(self) -> Any:
        return ChatBot.objects.visible_to(self.actor).select_related("department")


class BotApi(BotItem, ReadItem, ChangeItem, RemoveItem):
    permission = EDIT
    tag = TAG
    change_form = ChangeBotForm
    operations = {
        "GET": Operation("get_bot", _("A bot of a group chat"), answer=BotShape),
        "PATCH": Operation("change_bot", _("Change a bot"), body=ChangeBotForm, answer=BotShape, is_versioned=True),
        "DELETE": Operation("remove_bot", _("Remove a bot; who was told by it gets mails"), status=204),
    }

    def change(self, row: ChatBot, facts: dict[str, Any]) -> ChatBot:
        return chat_bots.change_bot(self.actor, row, **(facts | {"secret": facts.get("secret") or None}))

    def remove(self, row: ChatBot) -> None:
        chat_bots.remove_bot(self.actor, row)


class BotPauseApi(BotItem):
    permission = EDIT
    tag = TAG
    operations = {"PUT": Operation("pause_bot", _("Let a bot rest, or speak again"), body=SentPause, answer=BotShape)}

    def put(self, request: Request, **kwargs: Any) -> Response:
        """While it rests, mails carry what it would have said."""
        row = self.row()
        facts = self.sent(SentPause)
        return self.write(row, lambda: chat_bots.change_bot(self.actor, row, **facts))


class BotTestApi(BotItem):
    permission = EDIT
    tag = TAG
    operations = {"POST": Operation("test_bot", _("Have a bot post a test message"), answer=PostShape, status=202)}

    def post(self, request: Request, **kwargs: Any) -> Response:
        """A worker posts it; what became of it stands on the bot."""
        row = self.row()
        return self.answer_once(lambda: (202, PostShape(chat_bots.test_bot(self.actor, row)).data))
