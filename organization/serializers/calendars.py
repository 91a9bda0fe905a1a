"""Working calendars."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organization.choices import DayKind
from organization.serializers.base import Sent

MONDAY_FIRST = 'Seven lists, Monday first, of ranges such as ["09:00", "12:00"]; a range may cross midnight.'


RANGE = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}


RANGES = {"type": "array", "items": RANGE}


WEEK = {"type": "array", "items": RANGES, "minItems": 7, "maxItems": 7, "description": MONDAY_FIRST}


class CalendarShape(serializers.Serializer):
    """A working calendar."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    timezone = serializers.CharField(help_text="Empty: the organization's own.")
    is_default = serializers.BooleanField()
    known_until = serializers.DateField(allow_null=True)


@extend_schema_field(WEEK)
class WeekField(serializers.Field):
    """Seven lists of ranges, each a pair of times."""

    def to_internal_value(self, data: Any) -> list[str]:
        is_week = isinstance(data, list) and len(data) == 7 and all(_is_ranges(ranges) for ranges in data)
        if not is_week:
            raise serializers.ValidationError(MONDAY_FIRST)
        return [_as_text(ranges) for ranges in data]


@extend_schema_field(RANGES)
class RangesField(serializers.Field):
    """Ranges of one day."""

    def to_internal_value(self, data: Any) -> str:
        if not _is_ranges(data):
            raise serializers.ValidationError('Ranges such as ["09:00", "12:00"].')
        return _as_text(data)


class CalendarDetailShape(CalendarShape):
    """A working calendar with the hours of its week."""

    weekly = serializers.SerializerMethodField()

    @extend_schema_field(WEEK)
    def get_weekly(self, calendar: Any) -> Any:
        return [
            [[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in ranges] for _name, ranges in self.context["weekly"]
        ]


class SentHours(Sent):
    """The hours of a week."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    weekly = WeekField()


class DayShape(serializers.Serializer):
    """A day that differs from its weekday."""

    day_on = serializers.DateField()
    kind = serializers.ChoiceField(DayKind.choices)
    name = serializers.CharField()
    name_zh = serializers.CharField()
    ranges = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class SentDay(Sent):
    """What makes a day differ."""

    kind = serializers.ChoiceField(DayKind.choices)
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    name_zh = serializers.CharField(required=False, allow_blank=True, max_length=200)
    ranges = RangesField(required=False)


def _is_ranges(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= 24
        and all(
            isinstance(one, list) and len(one) == 2 and all(isinstance(end, str) and len(end) <= 5 for end in one)
            for one in value
        )
    )


def _as_text(ranges: list[list[str]]) -> str:
    return ", ".join(f"{start}-{end}" for start, end in ranges)
