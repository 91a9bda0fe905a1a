"""Roles, rights, and who bears them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organization.choices import BuiltInRole, Scope
from organization.serializers.base import IdField, Sent


class AssignmentShape(serializers.Serializer):
    """A role that a member bears; its narrow rights mean `department`, or the member's own one."""

    id = serializers.IntegerField()
    member = IdField(source="member_id")
    role = IdField(source="role_id")
    department = IdField(source="department_id", allow_null=True)


class RoleShape(serializers.Serializer):
    """A role."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    key = serializers.ChoiceField(BuiltInRole.choices, allow_blank=True, help_text="Of a built-in role; else empty.")
    name = serializers.CharField()
    name_zh = serializers.CharField()
    description = serializers.CharField()


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string", "enum": Scope.values}})
class GrantsField(serializers.DictField):
    """Codename to scope."""


class RoleDetailShape(RoleShape):
    """A role with its rights."""

    grants = serializers.SerializerMethodField()

    @extend_schema_field(GrantsField())
    def get_grants(self, role: Any) -> Any:
        return self.context["grants"]


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": ["string", "null"], "enum": [*Scope.values, None]}}
)
class SentGrantsField(serializers.Field):
    """Codename to scope, or null for no right."""

    def to_internal_value(self, data: Any) -> Any:
        is_right = isinstance(data, dict) and all(scope is None or scope in Scope.values for scope in data.values())
        if not is_right:
            raise serializers.ValidationError("An object of codenames, each with a scope or null.")
        return data


class SentGrants(Sent):
    """The rights to set; those not named stay."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    grants = SentGrantsField()


class PermissionShape(serializers.Serializer):
    """A right that roles may hold and tokens may be limited to."""

    codename = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes it off the class
    group = serializers.CharField()
    reads = serializers.BooleanField(help_text="It changes nothing.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))


class SentSecondFactor(Sent):
    """Whether it is asked for."""

    is_asked = serializers.BooleanField()
