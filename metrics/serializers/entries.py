"""Figures entered by hand, and notes on charts."""

from __future__ import annotations

from rest_framework import serializers

from metrics.choices import AnnotationKind
from metrics.engine.entry_dues import CellState
from metrics.serializers.kpis import CodeField, GrainField
from metrics.serializers.series import DecimalText
from organization.serializers.base import Sent

STATUSES = ("saved", "unchanged", "needs_reason", "conflict", "refused")
ENTRY_STATUSES = [(status, status) for status in STATUSES]
CELL_STATES = [(state.value, state.value) for state in CellState]


class EntryPlanShape(serializers.Serializer):
    """A dataset that people feed, a period at a time."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    dataset = CodeField(source="dataset.key")
    grain = GrainField()
    starts_on = serializers.DateField(help_text="The first period.")
    due_days = serializers.IntegerField(help_text="Working days after the end of a period.")
    member = serializers.IntegerField(source="member_id", allow_null=True)
    role = serializers.IntegerField(source="role_id", allow_null=True)
    department = serializers.IntegerField(source="department_id", allow_null=True)
    is_active = serializers.BooleanField()


class SentFigure(Sent):
    """A figure of one column (of one department) in one period; null empties it."""

    column = serializers.CharField(max_length=60, help_text="Its short name.")
    department = serializers.IntegerField(required=False, allow_null=True)
    starts_on = serializers.DateField(help_text="The first day of the period.")
    value = serializers.DecimalField(max_digits=30, decimal_places=6, allow_null=True)
    version = serializers.IntegerField(
        default=0, min_value=0, max_value=2**62, help_text="What the figure's last answer told; 0 for a first one."
    )


class SentFigures(Sent):
    """Figures to enter. To change one, say why."""

    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    figures = serializers.ListField(child=SentFigure(), min_length=1, max_length=2_000)


class OutcomeShape(serializers.Serializer):
    """What became of a figure."""

    column = serializers.CharField()
    department = serializers.IntegerField(allow_null=True)
    starts_on = serializers.DateField()
    status = serializers.ChoiceField(ENTRY_STATUSES)
    message = serializers.CharField(allow_blank=True)
    before = DecimalText(allow_null=True)
    version = serializers.IntegerField()


class OutcomesShape(serializers.Serializer):
    """What became of each figure, in the order of the call."""

    results = OutcomeShape(many=True)


class AnnotationShape(serializers.Serializer):
    """What happened, told on charts."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(AnnotationKind.choices)
    text = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    author = serializers.IntegerField(source="author_id", allow_null=True)
    is_system = serializers.BooleanField()


class SentAnnotation(Sent):
    """What happened when; without `ends_at` at an instant."""

    text = serializers.CharField(max_length=300)
    kind = serializers.ChoiceField(AnnotationKind.choices, default=AnnotationKind.NOTE)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class SentChangedAnnotation(SentAnnotation):
    """All of it anew."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class FigureShape(serializers.Serializer):
    """A figure of one column (of one department) in one period, and how it stands."""

    column = serializers.CharField()
    department = serializers.IntegerField(allow_null=True)
    starts_on = serializers.DateField()
    state = serializers.ChoiceField(CELL_STATES)
    value = DecimalText(allow_null=True)
    version = serializers.IntegerField(help_text="What a change of it names.")
    due_at = serializers.DateTimeField()
    waived_why = serializers.CharField()


class FiguresShape(serializers.Serializer):
    """Some periods of a plan. `earlier` and `later` are days of the neighbouring stretches, for `until`."""

    results = FigureShape(many=True)
    earlier = serializers.DateField(allow_null=True)
    later = serializers.DateField(allow_null=True)


class SentExpectation(Sent):
    """A period, of a department or of the whole, of which figures are expected again."""

    starts_on = serializers.DateField(help_text="The first day of the period.")
    department = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)


class SentWaiver(SentExpectation):
    """Why there is nothing to enter."""

    reason = serializers.CharField(max_length=500)


class WaiverShape(serializers.Serializer):
    """A period in which nothing is expected."""

    starts_on = serializers.DateField()
    department = serializers.IntegerField(source="department_id", allow_null=True)
    reason = serializers.CharField()
