"""Dashboards and their panels."""

from __future__ import annotations

from rest_framework import serializers

from metrics.choices import PanelKind
from metrics.engine.panel_settings import HEIGHTS, WIDTHS
from metrics.serializers.kpis import CodeField
from organization.serializers.base import Sent

WIDTH_CHOICES = [(width, str(width)) for width in WIDTHS]
HEIGHT_CHOICES = [(height, str(height)) for height in HEIGHTS]


class DashboardShape(serializers.Serializer):
    """A dashboard."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    reference = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    department = serializers.IntegerField(source="department_id", allow_null=True)
    default_period = serializers.CharField()
    is_private = serializers.BooleanField()
    updated_at = serializers.DateTimeField()


class PanelShape(serializers.Serializer):
    """A KPI on a dashboard, or a text, on a grid of twelve columns."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    title_zh = serializers.CharField()
    kind = serializers.ChoiceField(PanelKind.choices)
    kpi = CodeField(source="kpi.key", allow_null=True)
    column = CodeField(source="column.key", allow_null=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    settings = serializers.DictField(help_text="What the kind can be told.")


class PanelsShape(serializers.Serializer):
    """The panels that the caller may see, in their order."""

    results = PanelShape(many=True)


class SentPanel(Sent):
    """What a panel shows."""

    kind = serializers.ChoiceField(PanelKind.choices)
    kpi = serializers.SlugField(max_length=60, required=False, allow_null=True, help_text="Its short name.")
    column = serializers.CharField(
        max_length=60,
        required=False,
        allow_null=True,
        help_text="A column of the dataset that the KPI is counted from.",
    )
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    title_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    width = serializers.ChoiceField(WIDTH_CHOICES, required=False)
    height = serializers.ChoiceField(HEIGHT_CHOICES, required=False)
    settings = serializers.DictField(required=False)


class SentNewPanel(SentPanel):
    """A panel, behind another one or at the end."""

    after = serializers.IntegerField(required=False, allow_null=True)


class SentChangedPanel(SentPanel):
    """All of what a panel shows, anew."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class SentPlace(Sent):
    """Behind which panel; null: first."""

    after = serializers.IntegerField(allow_null=True)


class SentName(Sent):
    """What the copy is called."""

    name = serializers.CharField(max_length=200)
