"""A KPI over time."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from metrics.choices import Unit
from metrics.serializers.kpis import GrainField

NUMBER = {"type": ["string", "null"], "format": "decimal", "description": "Every digit of the number, as text."}


@extend_schema_field(NUMBER)
class DecimalText(serializers.CharField):
    """A number as its digits."""


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
