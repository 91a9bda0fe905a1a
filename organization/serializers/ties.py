"""Links, files, and what a search finds."""

from __future__ import annotations

from rest_framework import serializers

from organization.choices import LinkVerb
from organization.serializers.base import IdField, Sent


class EndShape(Sent):
    """An object that may be linked, attached to and found."""

    type = serializers.CharField(help_text="As in `organization.department`.")
    id = serializers.IntegerField()


class FoundShape(serializers.Serializer):
    """An object that was found."""

    key = serializers.CharField(help_text="Type and id, as in metrics.kpi:12.")
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes it off the class
    detail = serializers.CharField(allow_blank=True)
    url = serializers.CharField(help_text="Its page.")


class FoundPage(serializers.Serializer):
    """What a search found, by kind."""

    results = FoundShape(many=True)


class LinkShape(serializers.Serializer):
    """`source verb target`."""

    id = serializers.IntegerField()
    source_type = serializers.CharField()
    source_id = serializers.IntegerField()
    verb = serializers.ChoiceField(LinkVerb.choices)
    target_type = serializers.CharField()
    target_id = serializers.IntegerField()
    note = serializers.CharField()


class LinksShape(serializers.Serializer):
    """The links of an object whose other end the caller may see, the newest first."""

    results = LinkShape(many=True)


class SentLink(Sent):
    """What to tie together."""

    source = EndShape()  # type: ignore[assignment]  # DRF takes it off the class
    verb = serializers.ChoiceField(LinkVerb.choices)
    target = EndShape()
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class AttachmentShape(serializers.Serializer):
    """A file that hangs on an object."""

    id = serializers.IntegerField()
    object_type = serializers.CharField()
    object_id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    uploaded_by = IdField(source="uploaded_by_id", allow_null=True)
    created_at = serializers.DateTimeField()


class AttachmentsShape(serializers.Serializer):
    """The files of an object, the newest first."""

    results = AttachmentShape(many=True)
