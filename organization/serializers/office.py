"""What administrators set for everybody: the look, how long things are kept, archives, chat bots."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from organization.choices import ChatProvider, Fate, JobStatus, Language
from organization.serializers.base import IdField, Sent

LARGEST = 2**31 - 1


class ExportShape(serializers.Serializer):
    """An archive of everything the organization has, and how far it is. Its file is there while `status` is done."""

    id = serializers.IntegerField()
    status = serializers.ChoiceField(JobStatus.choices)
    done_steps = serializers.IntegerField(help_text="Rows that are written.")
    all_steps = serializers.IntegerField(allow_null=True, help_text="Rows there are; null before it is known.")
    error = serializers.CharField()
    requested_by = IdField(source="requested_by_id", allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When its file is deleted.")
    size_bytes = serializers.IntegerField()
    rows = serializers.IntegerField()
    sha256 = serializers.CharField()


class KeptShape(serializers.Serializer):
    """For how many days one kind of rows is kept."""

    rule = serializers.CharField(source="rule.key")
    title = serializers.CharField(source="label")
    days = serializers.IntegerField(help_text="0: for ever.")
    chosen = serializers.IntegerField(allow_null=True, help_text="Null: the installation's own days hold.")
    least = serializers.IntegerField(source="rule.least")
    most = serializers.IntegerField(source="rule.most", help_text="0: without a limit.")
    old = serializers.IntegerField(help_text="Rows that go at the next sweep.")


class RetentionShape(serializers.Serializer):
    """Every kind with its days."""

    results = KeptShape(many=True)


class SentRetention(Sent):
    """Days by rule; null goes back to the installation's own, and rules that are not named stay."""

    days = serializers.DictField(child=serializers.IntegerField(allow_null=True, min_value=0, max_value=LARGEST))


class LookShape(serializers.Serializer):
    """How the product looks for everybody in the organization."""

    version = serializers.IntegerField()
    brand_name = serializers.CharField()
    accent = serializers.CharField(help_text="As #3355d0; empty for the product's own.")
    logo = serializers.SerializerMethodField(help_text="Its address; empty without a logo.")

    def get_logo(self, organization: Any) -> str:
        return reverse("organization:logo", args=[organization.pk, organization.logo]) if organization.logo else ""


class BotShape(serializers.Serializer):
    """A bot of a group chat. Its address and its secret are never told."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    provider = serializers.ChoiceField(ChatProvider.choices)
    department = IdField(source="department_id", allow_null=True)
    language = serializers.ChoiceField(Language.choices)
    is_paused = serializers.BooleanField()
    failures = serializers.IntegerField(help_text="In a row.")
    open_until = serializers.DateTimeField(allow_null=True, help_text="Left alone until then after several failures.")
    last_sent_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()


class SentPause(Sent):
    """Resting or not."""

    is_paused = serializers.BooleanField()


class PostShape(serializers.Serializer):
    """A message on its way."""

    id = serializers.IntegerField()
    fate = serializers.ChoiceField(Fate.choices)
