"""What the shapes share."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class Sent(serializers.Serializer):
    """What a call takes: nothing else than is declared."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {name[:100]: [_("There is no such member here.")] for name in unknown[:20]}
            )
        return super().to_internal_value(data)


class IdField(serializers.IntegerField):
    """The id of a related row, null where there is none."""
