"""The trail, parked events, tokens."""

from __future__ import annotations

from rest_framework import serializers

from organization.choices import ActorKind
from organization.serializers.base import IdField


class AuditShape(serializers.Serializer):
    """An entry of the trail. `facts` name fields with before and after; `hash` chains it to the entry before."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    actor_kind = serializers.ChoiceField(ActorKind.choices)
    actor_id = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.IntegerField(allow_null=True)
    facts = serializers.JSONField()
    address = serializers.CharField(allow_null=True, help_text="Of the client, while it is kept.")
    previous_hash = serializers.CharField()
    hash = serializers.CharField()


class ChainShape(serializers.Serializer):
    """What a walk along the trail found."""

    count = serializers.IntegerField()
    last_hash = serializers.CharField()
    broken_at = serializers.IntegerField(allow_null=True, help_text="The first entry that does not fit; null: whole.")
    is_whole = serializers.BooleanField()


class DeliveryShape(serializers.Serializer):
    """An event that could not be delivered to one of its handlers."""

    id = serializers.IntegerField()
    event = serializers.CharField(source="event.name")
    subject_type = serializers.CharField(source="event.subject_type")
    subject_id = serializers.IntegerField(source="event.subject_id", allow_null=True)
    happened_at = serializers.DateTimeField(source="event.created_at")
    handler = serializers.CharField()
    attempts = serializers.IntegerField()
    parked_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()


class TokenShape(serializers.Serializer):
    """An API token; its text is told once, when it is made."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the text begins, to tell tokens apart.")
    member = IdField(source="member_id")
    codenames = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class MadeTokenShape(TokenShape):
    """A new token with its text."""

    text = serializers.CharField(allow_null=True, help_text="Told once: null in the answer to a repeated call.")
