"""What a person wants to hear, and the bots of group chats."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from organization.choices import Channel, ChatProvider, Digest, Language
from organization.forms.base import ActorForm, DepartmentField, field_of
from organization.notice_kinds import NoticeKind, all_kinds

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class TimeInput(forms.TimeInput):
    """The browser's own picker."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class DefaultsForm(ActorForm):
    """Where each kind goes, and how mails come, for everybody who has not chosen otherwise."""

    digest = forms.ChoiceField(label=_("Mails"), choices=Digest.choices)
    digest_hour = forms.TypedChoiceField(label=_("Hour of the summary"), coerce=int, choices=HOURS)
    digest_weekday = forms.TypedChoiceField(
        label=_("Day of a weekly summary"), coerce=int, choices=list(WEEKDAYS.items())
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def chosen(self) -> dict[str, Any]:
        """What the service takes: the fields, and the channels and muted kinds of the boxes."""
        values = {name: value for name, value in self.cleaned_data.items() if name in self.fields}
        kinds = all_kinds()
        values["channels"] = {
            kind.name: [channel for channel in Channel.values if self.data.get(f"{kind.name}.{channel}")]
            for kind in kinds
            if self.differs(kind)
        }
        return values

    def differs(self, kind: NoticeKind) -> bool:
        """Whether the boxes of a kind say something else than what holds without them."""
        boxes = {channel for channel in Channel.values if self.data.get(f"{kind.name}.{channel}")}
        return boxes != set(self.base.get(kind.name, kind.channels))

    @property
    def base(self) -> dict[str, list[str]]:
        """The channels that hold where nothing is chosen."""
        return self.initial.get("base", {})


class ChoicesForm(DefaultsForm):
    """A person's own wishes."""

    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=TimeInput)
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        required=False,
        widget=TimeInput,
        help_text=_("Mails wait until then. In your own time."),
    )

    field_order = ["digest", "digest_hour", "digest_weekday", "quiet_from", "quiet_until", "version"]

    def chosen(self) -> dict[str, Any]:
        muted = [kind.name for kind in all_kinds() if not kind.is_fixed and not self.data.get(f"{kind.name}.inbox")]
        return super().chosen() | {"muted_kinds": sorted(muted)}


class BotForm(ActorForm):
    """A bot of a group chat."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What people call the group: “Shop managers”."))
    provider = forms.ChoiceField(label=_("Chat"), choices=ChatProvider.choices)
    url = forms.URLField(
        label=_("Address of the webhook"),
        max_length=1000,
        assume_scheme="https",
        help_text=_("The chat shows it when you add a bot to the group. It is kept encrypted and never shown again."),
    )
    secret = forms.CharField(
        label=_("Secret for the signature"),
        max_length=500,
        required=False,
        help_text=_("DingTalk and Feishu give one with “signature”; at any other address it signs what we send."),
    )
    department = DepartmentField(
        label=_("Department"),
        required=False,
        empty_label=_("Whole organization"),
        help_text=_("The bot speaks to this department and those below it."),
    )
    language = forms.ChoiceField(label=_("Language of its messages"), choices=Language.choices)

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor, "organization.bot.edit")

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Enter an address that begins with https://."))
        return url


class ChangeBotForm(BotForm):
    """The same, with what is kept staying where nothing is entered."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def offer(self) -> None:
        super().offer()
        self.fields["url"].required = False
        self.fields["url"].help_text = _("Leave empty to keep the address.")
        self.fields["secret"].help_text = _("Leave empty to keep the secret.")
