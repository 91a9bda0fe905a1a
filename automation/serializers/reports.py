"""Scheduled reports, the times they went out, and each reader's copy."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from automation.choices import MailStatus, Rhythm
from organization.serializers.base import IdField, Sent


class ReportShape(serializers.Serializer):
    """A dashboard that goes out by mail. `members` and `roles` are its readers; everybody with the role gets it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    reference = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    dashboard = IdField(source="dashboard_id")
    owner = IdField(source="owner_id", allow_null=True)
    is_enabled = serializers.BooleanField()
    rhythm = serializers.ChoiceField(Rhythm.choices)
    weekday = serializers.IntegerField(help_text="0 is Monday. Counts for a weekly report.")
    month_day = serializers.IntegerField(help_text="Counts for a monthly report.")
    at = serializers.SerializerMethodField(help_text="Hour and minute by the organization's clock.")
    period = serializers.CharField(help_text="Empty: as the dashboard shows it.")
    comparison = serializers.CharField()
    words = serializers.CharField()
    members = serializers.SerializerMethodField()
    roles = serializers.SerializerMethodField()
    next_run_at = serializers.DateTimeField(allow_null=True, help_text="Null while it is paused.")

    def get_at(self, schedule: Any) -> str:
        return f"{schedule.at:%H:%M}"

    def get_members(self, schedule: Any) -> list[int]:
        return sorted(reader.member_id for reader in schedule.readers.all() if reader.member_id)

    def get_roles(self, schedule: Any) -> list[int]:
        return sorted(reader.role_id for reader in schedule.readers.all() if reader.role_id)


class ReportRunShape(serializers.Serializer):
    """A time that a report went out, and how many copies became what."""

    id = serializers.IntegerField()
    slot = serializers.DateTimeField(help_text="When it was due.")
    asked_by = IdField(source="asked_by_id", allow_null=True, help_text="Who sent it by hand.")
    sent = serializers.IntegerField()
    waiting = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="Readers without the right to see the dashboard.")
    failed = serializers.IntegerField()


class ReportCopyShape(serializers.Serializer):
    """What became of one reader's copy."""

    id = serializers.IntegerField()
    member = IdField(source="member_id")
    status = serializers.ChoiceField(MailStatus.choices)
    problem = serializers.CharField()
    sent_at = serializers.DateTimeField(allow_null=True)


class SentEnabled(Sent):
    """On or off."""

    is_enabled = serializers.BooleanField()
