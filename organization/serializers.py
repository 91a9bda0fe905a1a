"""The shape of what the API gives of people, rights and the trail. What it takes is judged by the forms of the pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from organization.choices import ActorKind, BuiltInRole, DayKind, Language, LinkVerb, Scope

MONDAY_FIRST = 'Seven lists, Monday first, of ranges such as ["09:00", "12:00"]; a range may cross midnight.'
RANGE = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
RANGES = {"type": "array", "items": RANGE}
WEEK = {"type": "array", "items": RANGES, "minItems": 7, "maxItems": 7, "description": MONDAY_FIRST}


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


class MemberShape(serializers.Serializer):
    """A person in the organization."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField(source="user.email")
    position_title = serializers.CharField()
    department = IdField(source="department_id", allow_null=True)
    joined_on = serializers.DateField(allow_null=True)
    is_active = serializers.BooleanField()


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


class AuditShape(serializers.Serializer):
    """An entry of the trail. `facts` name fields with before and after; `hash` chains it to the entry before."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    actor_kind = serializers.ChoiceField(ActorKind.choices)
    actor_id = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.IntegerField(allow_null=True)
    facts = serializers.JSONField()
    address = serializers.CharField(allow_null=True, help_text="Of the client, while it is kept.")
    previous_hash = serializers.CharField()
    hash = serializers.CharField()


class ChainShape(serializers.Serializer):
    """What a walk along the trail found."""

    count = serializers.IntegerField()
    last_hash = serializers.CharField()
    broken_at = serializers.IntegerField(allow_null=True, help_text="The first entry that does not fit; null: whole.")
    is_whole = serializers.BooleanField()


class DeliveryShape(serializers.Serializer):
    """An event that could not be delivered to one of its handlers."""

    id = serializers.IntegerField()
    event = serializers.CharField(source="event.name")
    subject_type = serializers.CharField(source="event.subject_type")
    subject_id = serializers.IntegerField(source="event.subject_id", allow_null=True)
    happened_at = serializers.DateTimeField(source="event.created_at")
    handler = serializers.CharField()
    attempts = serializers.IntegerField()
    parked_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()


class TokenShape(serializers.Serializer):
    """An API token; its text is told once, when it is made."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the text begins, to tell tokens apart.")
    member = IdField(source="member_id")
    codenames = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class MadeTokenShape(TokenShape):
    """A new token with its text."""

    text = serializers.CharField(allow_null=True, help_text="Told once: null in the answer to a repeated call.")


class EndShape(Sent):
    """An object that may be linked, attached to and found."""

    type = serializers.CharField(help_text="As in organization.department.")
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
