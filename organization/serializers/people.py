"""The organization, its departments and members."""

from __future__ import annotations

from rest_framework import serializers

from organization.choices import Language
from organization.serializers.base import IdField, Sent


class OrganizationShape(serializers.Serializer):
    """The organization of the caller."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    slug = serializers.CharField()
    timezone = serializers.CharField()
    language = serializers.ChoiceField(Language.choices)
    currency = serializers.CharField()
    week_starts_on = serializers.IntegerField(help_text="0 is Monday.")
    fiscal_year_starts_month = serializers.IntegerField()


class DepartmentShape(serializers.Serializer):
    """A department in its tree."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    code = serializers.CharField()
    parent = IdField(source="parent_id", allow_null=True)  # type: ignore[assignment]  # DRF takes it off the class
    path = serializers.CharField(help_text="The ids from the top down, as in /1/5/.")
    depth = serializers.IntegerField()
    head = IdField(source="head_id", allow_null=True)
    calendar = IdField(source="calendar_id", allow_null=True)
    is_active = serializers.BooleanField()


class DutyShape(serializers.Serializer):
    """Something that a department answers for."""

    name = serializers.CharField()
    name_zh = serializers.CharField()
    description = serializers.CharField()
    owner = IdField(source="owner_id", allow_null=True)


class DutiesShape(serializers.Serializer):
    """What a department answers for, in its order."""

    version = serializers.IntegerField(help_text="Of the department.")
    duties = DutyShape(many=True)


class PositionShape(serializers.Serializer):
    """What people are in the organization."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    department = IdField(source="department_id", allow_null=True, help_text="Null where any department may have it.")
    description = serializers.CharField()
    deleted_at = serializers.DateTimeField(allow_null=True, help_text="Since when it is in the bin.")
    merged_into = IdField(source="merged_into_id", allow_null=True, help_text="The one that took its place.")


class AbsenceShape(serializers.Serializer):
    """When somebody is away, and who stands in. The reason is told to nobody here."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    member = IdField(source="member_id")
    deputy = IdField(source="deputy_id", allow_null=True)
    starts_on = serializers.DateField(help_text="By the organization's zone.")
    ends_on = serializers.DateField(help_text="The last day away.")


class MemberShape(serializers.Serializer):
    """A person in the organization."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField(source="user.email")
    position = IdField(source="position_id", allow_null=True)
    department = IdField(source="department_id", allow_null=True)
    joined_on = serializers.DateField(allow_null=True)
    is_active = serializers.BooleanField()


class SentErasure(Sent):
    """The name of the person, by hand, and the state that was looked at."""

    typed = serializers.CharField(max_length=200)
    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
