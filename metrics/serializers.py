"""The shape of what the API takes and gives."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from metrics.choices import Aggregation, ColumnRole, Direction, GrainCode, KpiKind, RowKey, Unit
from organization.serializers import Sent

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

    id = serializers.IntegerField()
    key = serializers.CharField()
    reference = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    description = serializers.CharField()
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    department = serializers.IntegerField(source="department_id", allow_null=True)
    row_key = serializers.ChoiceField(RowKey.choices)
    is_daily = serializers.BooleanField()
    row_count = serializers.IntegerField()
    first_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)
    columns = serializers.SerializerMethodField()

    @extend_schema_field(ColumnShape(many=True))
    def get_columns(self, dataset: Any) -> Any:
        return ColumnShape(dataset.columns.all(), many=True).data


COLUMN_KEY = r"^[a-z][a-z0-9_]{0,59}$"


class SentColumn(Sent):
    """A column to declare. An expression makes it a measure computed from others of the same row."""

    key = serializers.RegexField(COLUMN_KEY, help_text="Small letters, digits and _; expressions name it so.")
    role = serializers.ChoiceField(ColumnRole.choices)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    name_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    unit = serializers.ChoiceField(Unit.choices, required=False)
    expression = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class SentColumns(Sent):
    """Columns to add. Those that are there with the same role stay as they are."""

    columns = serializers.ListField(child=SentColumn(), min_length=1, max_length=40)


class SentDataset(Sent):
    """A dataset with its columns; one of them is the instant."""

    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=200)
    name_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    owner = serializers.IntegerField(required=False, allow_null=True)
    department = serializers.IntegerField(required=False, allow_null=True)
    row_key = serializers.ChoiceField(RowKey.choices, required=False)
    is_daily = serializers.BooleanField(required=False)
    columns = serializers.ListField(child=SentColumn(), min_length=1, max_length=60)


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

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    key = serializers.CharField()
    reference = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    description = serializers.CharField()
    unit = serializers.ChoiceField(Unit.choices)
    decimals = serializers.IntegerField()
    direction = serializers.ChoiceField(Direction.choices)
    grain = GrainField()
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    department = serializers.IntegerField(source="department_id", allow_null=True)
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


@extend_schema_field(
    {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2}}
)
class BreakdownsField(serializers.ListField):
    """Column keys, alone or in pairs."""

    def __init__(self, **kwargs: Any) -> None:
        inner = serializers.ListField(child=serializers.CharField(max_length=60), min_length=1, max_length=2)
        super().__init__(child=inner, max_length=12, **kwargs)


class SentDefinition(Sent):
    """How a KPI is computed: from the rows of a dataset, or by a formula over other KPIs."""

    dataset = serializers.SlugField(max_length=60, required=False, help_text="Its short name.")
    aggregation = serializers.ChoiceField(Aggregation.choices, required=False)
    expression = serializers.CharField(max_length=2000, required=False, allow_blank=True, trim_whitespace=False)
    filter = serializers.CharField(max_length=2000, required=False, allow_blank=True, trim_whitespace=False)
    subject = serializers.CharField(max_length=60, required=False, allow_blank=True)
    occasion = serializers.CharField(max_length=60, required=False, allow_blank=True)
    at_least = serializers.IntegerField(min_value=2, max_value=1000, required=False)
    percentile = serializers.DecimalField(5, 2, min_value=0, max_value=100, required=False)
    formula = serializers.CharField(max_length=2000, required=False, allow_blank=True, trim_whitespace=False)
    breakdowns = BreakdownsField(required=False)


class SentKpiChanges(Sent):
    """What a KPI is called, who answers for it, and how its figures are read."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    name = serializers.CharField(max_length=200, required=False)
    name_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    key = serializers.SlugField(max_length=60, required=False)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    owner = serializers.IntegerField(required=False, allow_null=True)
    department = serializers.IntegerField(required=False, allow_null=True)
    direction = serializers.ChoiceField(Direction.choices, required=False)
    unit = serializers.ChoiceField(Unit.choices, required=False)
    decimals = serializers.IntegerField(min_value=0, max_value=6, required=False)
    grain = GrainField(required=False)
    due_hours = serializers.IntegerField(min_value=0, max_value=24 * 366, required=False)
    is_active = serializers.BooleanField(required=False)


class SentKpi(Sent):
    """A KPI with its first definition."""

    name = serializers.CharField(max_length=200)
    name_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    key = serializers.SlugField(max_length=60, help_text="Formulas of other KPIs use it.")
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    owner = serializers.IntegerField(required=False, allow_null=True)
    department = serializers.IntegerField(required=False, allow_null=True)
    direction = serializers.ChoiceField(Direction.choices)
    unit = serializers.ChoiceField(Unit.choices)
    decimals = serializers.IntegerField(min_value=0, max_value=6, default=0)
    grain = GrainField(help_text="The period people judge it by.")
    due_hours = serializers.IntegerField(min_value=0, max_value=24 * 366, default=24)
    definition = SentDefinition()


class SentVersion(Sent):
    """A further version of a definition."""

    effective_on = serializers.DateField(allow_null=True, help_text="The first day; null computes all history anew.")
    why = serializers.CharField(max_length=500, help_text="Readers of the KPI see it beside the version.")
    after = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The number of the version that you saw as the newest.",
    )
    definition = SentDefinition()


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
