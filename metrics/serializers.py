"""The shape of what the API takes and gives."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from metrics.choices import Aggregation, ColumnRole, Direction, GrainCode, KpiKind, RowKey, Unit

MOST_ROWS = 10_000
GRAINS = [(code.name.lower(), code.label) for code in GrainCode]
NUMBER = {"type": ["string", "null"], "format": "decimal", "description": "Every digit of the number, as text."}
VALUES = {
    "type": "object",
    "additionalProperties": {"type": ["number", "string", "null"]},
    "description": "By column: a number (or its digits as text) for numbers, a text for properties, null for none. A number "
    "has at most 26 digits before the point; more than 12 after it are rounded half to even. Columns that no row of the call "
    "names keep what a corrected row had.",
}


@extend_schema_field(NUMBER)
class DecimalText(serializers.CharField):
    """A number as its digits."""


@extend_schema_field(VALUES)
class ValuesField(serializers.Field):
    """Values by column; the dataset's columns decide what is valid."""


class SentRow(serializers.Serializer):
    """One observation."""

    at = serializers.CharField(
        help_text="When: 2025-03-31, 2025-03-31T17:45 or 2025-03-31T17:45:00+08:00. Without an offset it is the "
        "organization's own time."
    )
    key = serializers.CharField(
        required=False,
        help_text="The source's own name of the row, for datasets with row keys: the same key again is a correction. "
        "Several key columns are joined by U+001F. Other datasets know a row by its content and take no key.",
    )
    values = ValuesField()


class SentObservations(serializers.Serializer):
    """A batch of rows: all of them are stored, or none."""

    dataset = serializers.SlugField(max_length=60, help_text="The dataset's short name.")
    rows = serializers.ListField(child=SentRow(), min_length=1, max_length=MOST_ROWS)


class SentKeys(serializers.Serializer):
    """Rows to take out, by their keys."""

    dataset = serializers.SlugField(max_length=60, help_text="The dataset's short name.")
    keys = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=MOST_ROWS)


class Received(serializers.Serializer):
    """What a call stored."""

    batch = serializers.CharField(help_text="The reference of this call among the imports, where it can be undone.")
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    superseded = serializers.IntegerField(help_text="Rows whose key came again further down in this call.")


class Removed(serializers.Serializer):
    """What a call took out. Keys that no row has change nothing."""

    batch = serializers.CharField()
    removed = serializers.IntegerField()


class ColumnShape(serializers.Serializer):
    """A column of a dataset."""

    key = serializers.CharField()
    role = serializers.ChoiceField(ColumnRole.choices)
    name = serializers.CharField()
    name_zh = serializers.CharField()
    unit = serializers.ChoiceField(Unit.choices)
    expression = serializers.CharField(help_text="How a derived number is computed; empty for columns that are sent.")


class DatasetShape(serializers.Serializer):
    """A dataset with its columns."""

    key = serializers.CharField()
    reference = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    description = serializers.CharField()
    row_key = serializers.ChoiceField(RowKey.choices)
    is_daily = serializers.BooleanField()
    row_count = serializers.IntegerField()
    first_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)
    columns = serializers.SerializerMethodField()

    @extend_schema_field(ColumnShape(many=True))
    def get_columns(self, dataset: Any) -> Any:
        return ColumnShape(dataset.columns.all(), many=True).data


class GrainField(serializers.ChoiceField):
    """A grain by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(GRAINS, **kwargs)

    def to_representation(self, value: Any) -> str:
        return GrainCode(value).name.lower()


class CodeField(serializers.CharField):
    """The code of a related row, null where there is none."""

    def get_attribute(self, instance: Any) -> Any:
        try:
            return super().get_attribute(instance)
        except (AttributeError, ObjectDoesNotExist):
            return None


class KpiShape(serializers.Serializer):
    """A KPI."""

    key = serializers.CharField()
    reference = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    description = serializers.CharField()
    unit = serializers.ChoiceField(Unit.choices)
    decimals = serializers.IntegerField()
    direction = serializers.ChoiceField(Direction.choices)
    grain = GrainField()
    department = CodeField(source="department.code", allow_null=True)
    due_hours = serializers.IntegerField()
    is_active = serializers.BooleanField()


class VersionShape(serializers.Serializer):
    """A version of a KPI's definition."""

    number = serializers.IntegerField()
    effective_on = serializers.DateField(allow_null=True, help_text="In force from this day; null: from the beginning.")
    kind = serializers.ChoiceField(KpiKind.choices)
    dataset = CodeField(source="dataset.key", allow_null=True)
    aggregation = serializers.ChoiceField(Aggregation.choices, allow_blank=True)
    expression = serializers.CharField()
    filter = serializers.CharField()
    formula = serializers.CharField()
    finest_grain = GrainField()
    why = serializers.CharField()
    computed_at = serializers.DateTimeField(allow_null=True)


class KpiDetailShape(KpiShape):
    """A KPI with the versions of its definition and the ways in which it may be broken down."""

    versions = serializers.SerializerMethodField()
    breakdowns = serializers.SerializerMethodField()

    @extend_schema_field(VersionShape(many=True))
    def get_versions(self, kpi: Any) -> Any:
        return VersionShape(self.context["versions"], many=True).data

    def get_breakdowns(self, kpi: Any) -> list[str]:
        return self.context["breakdowns"]


class PointShape(serializers.Serializer):
    """The value in one period; `start` (included) and `end` (not) carry the organization's offset."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    value = DecimalText(allow_null=True)
    rows = serializers.IntegerField(allow_null=True, help_text="Rows behind the value; null for formulas.")
    version = serializers.IntegerField(allow_null=True, help_text="The version of the definition in force.")
    is_partial = serializers.BooleanField(help_text="Still running, or its data is not complete yet.")
    compared_start = serializers.DateTimeField(required=False)
    compared = DecimalText(required=False, allow_null=True)


class PartShape(serializers.Serializer):
    """One slice of a breakdown; its value is null in a period without rows of it."""

    slice = serializers.DictField(child=serializers.CharField(allow_null=True), help_text="By column; null: no value.")
    points = PointShape(many=True)


class SeriesShape(serializers.Serializer):
    """A KPI over time."""

    kpi = serializers.CharField()
    grain = GrainField()
    timezone = serializers.CharField()
    unit = serializers.ChoiceField(Unit.choices)
    last_at = serializers.DateTimeField(allow_null=True, help_text="The newest instant of the data.")
    points = PointShape(many=True)
    parts = PartShape(many=True, required=False)
