"""With whom a dashboard is shared, and for whom it is at hand."""

from __future__ import annotations

from rest_framework import serializers

from organization.serializers.base import IdField, Sent

MOST_ROLES = 200
LARGEST = 2**63 - 1


class ShareShape(serializers.Serializer):
    """A dashboard is open to one of these: a role, a department with all below it, or a member."""

    id = serializers.IntegerField()
    role = IdField(source="role_id", allow_null=True)
    department = IdField(source="department_id", allow_null=True)
    member = IdField(source="member_id", allow_null=True)
    may_edit = serializers.BooleanField()


class SentShare(Sent):
    """With whom, exactly one of them; the same one again sets `may_edit` anew."""

    role = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    department = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    member = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    may_edit = serializers.BooleanField(default=False)


class MarksShape(serializers.Serializer):
    """What a dashboard is to the caller alone."""

    is_pinned = serializers.BooleanField()
    is_first = serializers.BooleanField(help_text="It is what opens first.")


class SentPin(Sent):
    """At hand, or no longer."""

    is_pinned = serializers.BooleanField()


class SentFirst(Sent):
    """What opens first, or no longer."""

    is_first = serializers.BooleanField()


class FirstRolesShape(serializers.Serializer):
    """Of the roles that the caller may change those for which the dashboard opens first."""

    roles = serializers.ListField(child=serializers.IntegerField())


class SentFirstRoles(Sent):
    """All of these roles and, of those that the caller may change, no other."""

    roles = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=LARGEST), max_length=MOST_ROLES)
