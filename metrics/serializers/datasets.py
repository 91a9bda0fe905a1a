"""Datasets and their columns."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from metrics.choices import ColumnRole, RowKey, Unit
from organization.serializers.base import Sent


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


class KitShape(serializers.Serializer):
    """A starter kit that fits the dataset. `columns`: part of the kit -> short name of the column that it takes."""

    kit = serializers.CharField()
    title = serializers.CharField()
    columns = serializers.DictField(child=serializers.CharField())
    kpis = serializers.ListField(child=serializers.CharField(), help_text="What it would define.")


class KitsShape(serializers.Serializer):
    """The kits that fit."""

    results = KitShape(many=True)


class SentKit(Sent):
    """A kit, with its columns as proposed or corrected."""

    kit = serializers.CharField(max_length=60)
    columns = serializers.DictField(child=serializers.CharField(max_length=60))
