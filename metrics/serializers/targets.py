"""Targets of a KPI."""

from __future__ import annotations

from decimal import Decimal

from rest_framework import serializers

from metrics.choices import MarginKind
from metrics.serializers.kpis import GrainField
from metrics.serializers.series import DecimalText
from organization.serializers.base import Sent


class TargetShape(serializers.Serializer):
    """What is aimed at in every period of `grain` from `starts_on` until the next target. Ratios go from 0 to 1."""

    grain = GrainField()
    department = serializers.IntegerField(source="department_id", allow_null=True)
    starts_on = serializers.DateField()
    value = DecimalText(allow_null=True)
    low = DecimalText(allow_null=True)
    high = DecimalText(allow_null=True)
    margin_kind = serializers.ChoiceField(MarginKind.choices)
    warning_margin = DecimalText()


class TargetsShape(serializers.Serializer):
    """All targets of one grain and department, and the token of how they stand."""

    seen = serializers.CharField(help_text="Send it back with a change: it is refused when somebody else was faster.")
    results = TargetShape(many=True)


class SentTarget(Sent):
    """A target from the period that holds `starts_on`; all numbers null take it away."""

    starts_on = serializers.DateField()
    value = serializers.DecimalField(required=False, allow_null=True, max_digits=30, decimal_places=6)
    low = serializers.DecimalField(required=False, allow_null=True, max_digits=30, decimal_places=6)
    high = serializers.DecimalField(required=False, allow_null=True, max_digits=30, decimal_places=6)


class SentTargets(Sent):
    """Targets to set; those of other periods stay."""

    grain = GrainField()
    department = serializers.IntegerField(required=False, allow_null=True)
    seen = serializers.CharField(required=False, max_length=64)
    margin_kind = serializers.ChoiceField(MarginKind.choices, default=MarginKind.RELATIVE)
    warning_margin = serializers.DecimalField(default=Decimal(0), min_value=0, max_digits=30, decimal_places=6)
    targets = serializers.ListField(child=SentTarget(), min_length=1, max_length=400)
