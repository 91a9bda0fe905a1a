"""Observations that are sent, and what came of them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MOST_ROWS = 10_000


VALUES = {
    "type": "object",
    "additionalProperties": {"type": ["number", "string", "null"]},
    "description": "By column: a number (or its digits as text) for numbers, a text for properties, null for none. A number "
    "has at most 26 digits before the point; more than 12 after it are rounded half to even. Columns that no row of the call "
    "names keep what a corrected row had.",
}


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
