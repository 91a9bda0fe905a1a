"""Where one is told, and when; the organization's defaults; and the link that ends mails."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from ops_platform.database.scope import organization_var
from organization.access import system_actor
from organization.choices import Channel
from organization.forms.notices import ChoicesForm, DefaultsForm
from organization.models import Member, NoticePreference
from organization.notice_kinds import NoticeKind, all_kinds, find_or_none
from organization.queries.notice_channels import language_of
from organization.queries.notice_messages import unsubscribed
from organization.services import notice_choices
from organization.views.base import FormPageView


@dataclass(frozen=True)
class Box:
    """A box of the matrix: a channel of a kind."""

    name: str
    label: Any
    is_on: bool


@dataclass(frozen=True)
class KindRow:
    """A kind with its boxes. is_told: not muted."""

    kind: NoticeKind
    is_told: bool
    boxes: list[Box]


class NoticeChoicesView(FormPageView):
    """A person's own wishes."""

    permission = "organization.home.view"
    template = "organization/notice_choices.html"
    title = _("Where you are told, and when")
    submit_label = _("Save")
    message = _("Your choice is saved.")
    form_class: type[DefaultsForm] = ChoicesForm

    def prepare(self, **kwargs: Any) -> None:
        self.default = NoticePreference.objects.filter(member=None).first() or NoticePreference()
        self.own = self.stored()

    def stored(self) -> NoticePreference:
        """What stands; a person who never chose begins with the organization's defaults."""
        found = NoticePreference.objects.filter(member=self.request.member).first()
        if found is not None:
            return found
        same = {name: getattr(self.default, name) for name in ("digest", "digest_hour", "digest_weekday")}
        return NoticePreference(**same)

    @property
    def base(self) -> dict[str, list[str]]:
        """The channels that hold where nothing is chosen here."""
        return self.default.channels

    def form(self, data: Any = None, files: Any = None) -> Any:
        names = ("digest", "digest_hour", "digest_weekday", "quiet_from", "quiet_until", "version")
        initial = {name: getattr(self.own, name) for name in names} | {"base": self.base}
        return self.form_class(data, actor=self.actor, initial=initial)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.sent: Any = request.POST
        return super().post(request, **kwargs)

    def save(self, facts: dict[str, Any]) -> str:
        form = self.form(self.sent)
        form.is_valid()
        self.choose(form.chosen())
        return self.request.path

    def choose(self, values: dict[str, Any]) -> None:
        """Call the service."""
        notice_choices.choose(self.actor, self.request.member, **values)

    def context(self) -> dict[str, Any]:
        muted = set(self.own.muted_kinds)
        channels = self.base | self.own.channels
        rows = [
            KindRow(
                kind,
                kind.name not in muted,
                [
                    Box(
                        f"{kind.name}.{channel.value}", channel.label, channel in channels.get(kind.name, kind.channels)
                    )
                    for channel in Channel
                ],
            )
            for kind in all_kinds()
        ]
        return {
            "groups": [(group, list(found)) for group, found in groupby(rows, key=lambda row: row.kind.group)],
            "channels": Channel.choices,
            "has_inbox": self.form_class is ChoicesForm,
            "steps": self.steps(),
        }

    def steps(self) -> list[tuple[Any, str]]:
        """The way here."""
        return [(_("Inbox"), reverse("organization:inbox"))]


class NoticeDefaultsView(NoticeChoicesView):
    """What holds for everybody who has not chosen otherwise."""

    permission = "organization.settings.edit"
    title = _("How people are told")
    message = _("The defaults are saved. Who has chosen something else keeps it.")
    form_class = DefaultsForm

    def stored(self) -> NoticePreference:
        return self.default

    @property
    def base(self) -> dict[str, list[str]]:
        return {}

    def choose(self, values: dict[str, Any]) -> None:
        notice_choices.choose_default(self.actor, self.request.organization, **values)

    def steps(self) -> list[tuple[Any, str]]:
        return [(_("Chat bots"), reverse("organization:bot-list"))]


@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribeView(View):
    """Ends mails of a kind for whoever holds the link of such a mail; mail programs press it by themselves (RFC 8058)."""

    public = "Ends mails of one kind to the person whose mail holds the signed link; tells nothing."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = unsubscribed(kwargs["text"]) if organization_var.get() is not None else None
        member = Member.objects.select_related("user", "organization").filter(pk=found[1]).first() if found else None
        if found is None or member is None or member.organization_id != found[0]:
            return self.show(request, {"is_broken": True}, status=404)
        self.member, self.kind = member, found[2]
        with translation.override(language_of(member)):
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, text: str) -> HttpResponse:
        return self.show(request, {})

    def post(self, request: HttpRequest, text: str) -> HttpResponse:
        actor = system_actor(self.member.organization_id, "unsubscribe")
        notice_choices.end_mails(actor, self.member, kind=self.kind)
        return self.show(request, {"is_done": True})

    def show(self, request: HttpRequest, words: dict[str, Any], status: int = 200) -> HttpResponse:
        """The page, with the kind in words."""
        known = find_or_none(getattr(self, "kind", ""))
        answer = render(request, "organization/unsubscribe.html", words | {"kind": known}, status=status)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
