"""Invitations, and what a member owes and is told."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organization.choices import InvitationState, Language
from organization.queries.told_words import notice_text, notice_title, work_title
from organization.serializers.base import IdField, Sent


class InvitationShape(serializers.Serializer):
    """An invitation. Its link is known to the mail alone."""

    id = serializers.IntegerField()
    email = serializers.CharField()
    state = serializers.SerializerMethodField()
    role = IdField(source="role_id", allow_null=True)
    department = IdField(source="department_id", allow_null=True)
    position = IdField(source="position_id", allow_null=True)
    language = serializers.ChoiceField(Language.choices)
    inviter = IdField(source="inviter_id")
    member = IdField(source="member_id", allow_null=True, help_text="Who it became.")
    sent_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(InvitationState.choices))
    def get_state(self, invitation: Any) -> str:
        return str(invitation.state(timezone.now()).value)


class InvitationsShape(serializers.Serializer):
    """New invitations, one for each address."""

    results = InvitationShape(many=True)


class WorkShape(serializers.Serializer):
    """Something that the caller owes."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.SerializerMethodField()
    source_type = serializers.CharField()
    source_id = serializers.IntegerField()
    url = serializers.CharField(help_text="Where it is finished.")
    owner = IdField(source="owner_id", allow_null=True, help_text="Null where a role owes it.")
    role = IdField(source="role_id", allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    is_provisional = serializers.BooleanField(help_text="The due date may still move.")
    opened_at = serializers.DateTimeField()

    def get_title(self, item: Any) -> str:
        return work_title(item)


class NoticeShape(serializers.Serializer):
    """Something that the caller was told."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    subject_type = serializers.CharField()
    subject_id = serializers.IntegerField(allow_null=True)
    url = serializers.CharField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True, help_text="Settled: nobody need look any more.")

    def get_title(self, notice: Any) -> str:
        return notice_title(notice)

    def get_text(self, notice: Any) -> str:
        return notice_text(notice)


class CountShape(serializers.Serializer):
    """How many."""

    count = serializers.IntegerField()


class SentRead(Sent):
    """Seen, or to be seen again."""

    is_read = serializers.BooleanField()
