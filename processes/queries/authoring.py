"""What an author chooses from while writing: who may do a step, and which answers a condition may ask for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from organization.access import Actor
from organization.models import Department, Member, Position, Role
from organization.models.base import name_key
from processes.engine.content import Field, FieldKind, Procedure, Who
from processes.queries.words import WHO_LABELS, in_language

Choices = list[tuple[str, Any]]


def who_choices(actor: Actor, procedure: Procedure) -> Choices:
    """Everybody who can do or approve a step, in groups; the values are `who:reference`."""
    roles = [
        (f"{Who.ROLE}:{role.key or role.name}", role.display_name) for role in Role.objects.order_by(name_key(), "pk")
    ]
    coded = Department.objects.visible_to(actor).exclude(code="").order_by("path")
    places = [(department.code, department.display_name) for department in coded]
    people = Member.objects.visible_to(actor).filter(is_active=True).order_by("name_pinyin", "pk")
    positions = Position.objects.visible_to(actor).filter(deleted_at=None).order_by(name_key(), "pk")
    asked = [
        (f"{Who.FIELD}:{field.key}", in_language(field.label, field.label_zh))
        for _section, _step, field in procedure.fields()
        if field.kind is FieldKind.PERSON
    ]
    groups = [
        (gettext("By the run"), [(f"{who}:", label) for who, label in WHO_LABELS.items()]),
        (gettext("By an answer"), asked),
        (gettext("Roles"), roles),
        (gettext("Positions"), [(f"{Who.POSITION}:{one.name}", one.display_name) for one in positions]),
        (gettext("Head of"), [(f"{Who.HEAD}:{code}", name) for code, name in places]),
        (gettext("Anybody in"), [(f"{Who.GROUP}:{code}", name) for code, name in places]),
        (gettext("People"), [(f"{Who.MEMBER}:{one.pk}", one.name) for one in people]),
    ]
    return [group for group in groups if group[1]]


def who_names(choices: Choices) -> dict[str, str]:
    """By value, what the group and the choice together say."""
    heads, anybody = f"{Who.HEAD}:", f"{Who.GROUP}:"
    names: dict[str, str] = {}
    for _group, options in choices:
        for value, label in options:
            if value.startswith(heads) and value != heads:
                names[value] = gettext("Head of %(department)s") % {"department": label}
            elif value.startswith(anybody) and value != anybody:
                names[value] = gettext("Anybody in %(department)s") % {"department": label}
            else:
                names[value] = str(label)
    return names


def askable(procedure: Procedure, key: str) -> dict[str, Field]:
    """The fields that a condition of the section, step or field of that key may ask for, by key, in the text's order."""
    known: dict[str, Field] = {}
    for section in procedure.sections:
        if section.key == key:
            return known
        within = dict(known)
        for step in section.steps:
            if step.key == key:
                return within
            for field in step.fields:
                if field.key == key:
                    return within
                within[field.key] = field
        known = known if section.repeats else within
    return known
