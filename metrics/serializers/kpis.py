"""KPIs and the versions of their definitions."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from metrics.choices import Aggregation, Direction, GrainCode, KpiKind, Unit
from organization.serializers.base import Sent

GRAINS = [(code.name.lower(), code.label) for code in GrainCode]


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
