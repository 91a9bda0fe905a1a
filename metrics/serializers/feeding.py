"""Imports of files, and sources that bring rows by themselves. No secret is among it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from metrics.choices import BatchStatus, DeliveryStatus, Source, SourceKind, Unit
from metrics.engine.source_plan import ROLES
from metrics.queries.imports import notes_of
from metrics.queries.sources import IGNORED
from metrics.serializers.kpis import CodeField
from organization.serializers.base import Sent

MAPPED_ROLES = [(role, role) for role in (*ROLES, IGNORED)]


class ImportShape(serializers.Serializer):
    """A file, a call or a delivery that brought rows, and where it stands."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    dataset = CodeField(source="dataset.key", allow_null=True)
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]  # DRF takes it off the class
    status = serializers.ChoiceField(BatchStatus.choices)
    file_name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    rows_read = serializers.IntegerField()
    rows_created = serializers.IntegerField()
    rows_updated = serializers.IntegerField()
    rows_unchanged = serializers.IntegerField()
    rows_refused = serializers.IntegerField()
    rows_done = serializers.IntegerField(help_text="How far the running step has come.")
    error = serializers.CharField()
    started_by = serializers.IntegerField(source="started_by_id", allow_null=True)
    created_at = serializers.DateTimeField()
    loaded_at = serializers.DateTimeField(allow_null=True)


class ImportDetailShape(ImportShape):
    """An import with the plan by which its file is read, and what was noticed."""

    plan = serializers.DictField(help_text="What each column holds, and the dataset it goes to.")
    notes = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_notes(self, batch: Any) -> Any:
        return notes_of(batch)


class RefusalsShape(serializers.Serializer):
    """The first refused rows with their reasons."""

    results = serializers.ListField(child=serializers.DictField())


class SentPlan(Sent):
    """How the file is to be read: the `plan` that was proposed, changed where it was wrong."""

    plan = serializers.DictField()


class SourceShape(serializers.Serializer):
    """A source. Its settings and secrets are not told."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    kind = serializers.ChoiceField(SourceKind.choices)
    dataset = CodeField(source="dataset.key", allow_null=True)
    is_enabled = serializers.BooleanField()
    is_settled = serializers.SerializerMethodField()
    failures = serializers.IntegerField()
    problem = serializers.CharField()
    last_run_at = serializers.DateTimeField(allow_null=True)
    next_run_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    old_secret_until = serializers.SerializerMethodField()

    def get_is_settled(self, source: Any) -> bool:
        return bool(source.plan)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_old_secret_until(self, source: Any) -> Any:
        is_good = source.old_until is not None and source.old_until > timezone.now()
        return timezone.localtime(source.old_until).isoformat() if is_good else None


class SourceRunShape(serializers.Serializer):
    """A delivery, or a run of a query."""

    id = serializers.IntegerField()
    key = serializers.CharField(help_text="The sender's own id; of a run when it was due.")
    status = serializers.ChoiceField(DeliveryStatus.choices)
    begun_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    batch = CodeField(source="batch.reference", allow_null=True)
    rows_read = serializers.IntegerField()
    rows_created = serializers.IntegerField()
    rows_updated = serializers.IntegerField()
    rows_unchanged = serializers.IntegerField()
    rows_refused = serializers.IntegerField()
    rows_skipped = serializers.IntegerField()
    problem = serializers.CharField()


class SentSwitch(Sent):
    """On or off."""

    is_enabled = serializers.BooleanField()


class MadeSourceShape(SourceShape):
    """A new source; of a webhook also where deliveries go and what they are signed with."""

    address = serializers.CharField(help_text="Empty but for a webhook.")
    secret = serializers.CharField(
        allow_null=True, help_text="Told once: null in the answer to a repeated call, and for other kinds."
    )


class SecretShape(serializers.Serializer):
    """Another secret; the old one is good until `old_secret_until`."""

    address = serializers.CharField()
    secret = serializers.CharField(allow_null=True, help_text="Told once: null in the answer to a repeated call.")
    old_secret_until = serializers.DateTimeField(allow_null=True)


class SourceColumnShape(serializers.Serializer):
    """Which place of a row fills which column. `ignore`: none."""

    path = serializers.CharField(help_text="A JSON pointer, or the name of a query's column.")
    role = serializers.CharField()
    key = serializers.CharField(help_text="Short name of the dataset's column.")
    name = serializers.CharField()
    name_zh = serializers.CharField()
    unit = serializers.CharField()


class SourcePlanShape(serializers.Serializer):
    """How rows are read: settled, or proposed by the sample."""

    rows_at = serializers.CharField(help_text="Pointer to the rows of a delivery.")
    only_at = serializers.CharField(help_text="Rows are taken where one of `only` stands there.")
    only = serializers.ListField(child=serializers.CharField())
    columns = SourceColumnShape(many=True)


class SentSourceColumn(Sent):
    """Which place of a row fills which column; `ignore` leaves it out."""

    path = serializers.CharField(max_length=400)
    role = serializers.ChoiceField(MAPPED_ROLES)
    key = serializers.CharField(max_length=40, allow_blank=True, default="")
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    name_zh = serializers.CharField(max_length=200, allow_blank=True, default="")
    unit = serializers.ChoiceField(Unit.choices, default=Unit.NUMBER)


class SentSourcePlan(Sent):
    """The plan that was proposed, changed where it was wrong."""

    rows_at = serializers.CharField(max_length=400, allow_blank=True, default="")
    only_at = serializers.CharField(max_length=400, allow_blank=True, default="")
    only = serializers.ListField(child=serializers.CharField(max_length=200), max_length=100, default=list)
    columns = serializers.ListField(child=SentSourceColumn(), min_length=1, max_length=250)
