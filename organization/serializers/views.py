"""Saved views of lists."""

from __future__ import annotations

from rest_framework import serializers

from organization.serializers.base import IdField, Sent


class SavedViewShape(serializers.Serializer):
    """A list as somebody likes to see it: filters, order and columns under a name."""

    id = serializers.IntegerField()
    list_name = serializers.CharField(help_text="The list's address by name, as in organization:member-list.")
    name = serializers.CharField()
    query = serializers.CharField(help_text="What stands behind the question mark of the address.")
    is_shared = serializers.BooleanField()
    owner = IdField(source="owner_id")


class SentViewChanges(Sent):
    """What changes of a view."""

    name = serializers.CharField(max_length=60, required=False)
    query = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    is_shared = serializers.BooleanField(required=False)


class SentView(Sent):
    """A view to save."""

    list_name = serializers.CharField(max_length=100)
    name = serializers.CharField(max_length=60)
    query = serializers.CharField(max_length=2000, allow_blank=True)
    is_shared = serializers.BooleanField(default=False)


class PlaceShape(serializers.Serializer):
    """Where the caller keeps a view."""

    is_pinned = serializers.BooleanField(help_text="A tab of its list.")
    is_default = serializers.BooleanField(help_text="What its list opens with.")


class SentViewPlace(Sent):
    """What is not named stays."""

    is_pinned = serializers.BooleanField(required=False)
    is_default = serializers.BooleanField(required=False)
