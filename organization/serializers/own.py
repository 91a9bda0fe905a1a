"""What is the caller's own: who they are, what they want to hear, where they are signed in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organization.choices import Channel, Digest
from organization.notice_kinds import all_kinds
from organization.serializers.base import IdField, Sent

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
WATCHING = [("follow", "follow"), ("mute", "mute"), ("", "as everybody")]


class MeShape(serializers.Serializer):
    """Who the caller is, and what they may do: right -> the widest scope they hold it over."""

    member = IdField(source="member_id")
    name = serializers.CharField()
    organization = IdField(source="organization_id")
    token = IdField(source="token_id", allow_null=True, help_text="Null for a person in a browser.")
    rights = serializers.DictField(child=serializers.CharField())


class PreferencesShape(serializers.Serializer):
    """How somebody likes the screens, in every organization."""

    language = serializers.CharField(help_text="Empty where none was chosen: then it is the organization's.")
    timezone = serializers.CharField(help_text="Empty for the organization's own.")
    theme = serializers.CharField(help_text="Empty for what the device has.")
    density = serializers.CharField()
    rows_per_page = serializers.IntegerField()
    uses_keys = serializers.BooleanField()


class SignInShape(serializers.Serializer):
    """A browser in which the person is signed in."""

    id = serializers.IntegerField()
    device = serializers.CharField()
    address = serializers.CharField(allow_null=True)
    started_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()
    is_current = serializers.SerializerMethodField()

    def get_is_current(self, sign_in: Any) -> bool:
        return bool(sign_in.session_key == self.context.get("session_key"))


class SignInsShape(serializers.Serializer):
    """All of them, the last used one first."""

    results = SignInShape(many=True)


class ChoicesShape(serializers.Serializer):
    """Where somebody is told, and when. `channels` holds the kinds that differ from what holds without it."""

    version = serializers.IntegerField()
    channels = serializers.DictField(child=serializers.ListField(child=serializers.ChoiceField(Channel.choices)))
    muted_kinds = serializers.ListField(child=serializers.CharField())
    digest = serializers.ChoiceField(Digest.choices)
    digest_hour = serializers.IntegerField()
    digest_weekday = serializers.IntegerField(help_text="0 is Monday.")
    quiet_from = serializers.SerializerMethodField()
    quiet_until = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["string", "null"]})
    def get_quiet_from(self, choices: Any) -> Any:
        return f"{choices.quiet_from:%H:%M}" if choices.quiet_from else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_quiet_until(self, choices: Any) -> Any:
        return f"{choices.quiet_until:%H:%M}" if choices.quiet_until else None


class SentDefaults(Sent):
    """What is not named stays."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    channels = serializers.DictField(
        child=serializers.ListField(child=serializers.ChoiceField(Channel.choices), max_length=len(Channel)),
        required=False,
    )
    digest = serializers.ChoiceField(Digest.choices, required=False)
    digest_hour = serializers.IntegerField(min_value=0, max_value=23, required=False)
    digest_weekday = serializers.IntegerField(min_value=0, max_value=6, required=False)


class SentChoices(SentDefaults):
    """What is not named stays; quiet hours have both ends or neither."""

    muted_kinds = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=200)
    quiet_from = serializers.RegexField(CLOCK, required=False, allow_null=True)
    quiet_until = serializers.RegexField(CLOCK, required=False, allow_null=True)


class NoticeKindShape(serializers.Serializer):
    """A kind of notice, and where it goes while nobody chose otherwise."""

    name = serializers.CharField()
    title = serializers.CharField(source="label")
    group = serializers.CharField()
    channels = serializers.ListField(child=serializers.ChoiceField(Channel.choices))
    is_fixed = serializers.BooleanField(help_text="It cannot be muted.")


class NoticeKindsShape(serializers.Serializer):
    """All kinds there are."""

    results = NoticeKindShape(many=True)


class SentMuted(Sent):
    """Whether to hear nothing more of a kind."""

    kind = serializers.CharField(max_length=100)
    is_muted = serializers.BooleanField()


class WatchShape(serializers.Serializer):
    """How the caller watches an object."""

    type = serializers.CharField()
    id = serializers.IntegerField()
    level = serializers.ChoiceField(WATCHING, allow_blank=True)


class SentWatch(Sent):
    """Follow an object, mute it, or neither (an empty text)."""

    type = serializers.CharField(max_length=100)
    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    level = serializers.ChoiceField(WATCHING, allow_blank=True)


def unknown_kinds(facts: dict[str, Any]) -> list[str]:
    """Names of kinds that there are not."""
    known = {kind.name for kind in all_kinds()}
    return sorted((set(facts.get("channels", ())) | set(facts.get("muted_kinds", ()))) - known)
