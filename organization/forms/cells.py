"""The fields that are changed in the cells of lists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.forms.base import NOTHING_CHOSEN, DayField, DepartmentField, PositionField
from organization.forms.members import AssignRoleForm
from organization.models import Member


def owner_field(actor: Actor) -> forms.ModelChoiceField:
    """An active member that the actor may see, or nobody."""
    members = Member.objects.visible_to(actor).filter(is_active=True).order_by("name_pinyin", "pk")
    return forms.ModelChoiceField(queryset=members, required=False, empty_label=NOTHING_CHOSEN)


def department_field(actor: Actor) -> DepartmentField:
    """A department that the actor may see, or none."""
    field = DepartmentField(required=False)
    field.offer(actor)
    return field


def position_field(actor: Actor) -> PositionField:
    """A position, or none."""
    field = PositionField(required=False)
    field.offer(actor)
    return field


def yes_or_no(actor: Actor) -> forms.Field:
    """A switch."""
    return forms.TypedChoiceField(choices=[("True", _("Yes")), ("False", _("No"))], coerce=lambda text: text == "True")


def active_field(actor: Actor) -> forms.Field:
    """Whether somebody works here."""
    choices = [("True", _("Active")), ("False", _("Switched off"))]
    return forms.TypedChoiceField(choices=choices, coerce=lambda text: text == "True")


def day_field(actor: Actor) -> DayField:
    """A day, or none."""
    return DayField(required=False)


def role_form(actor: Actor, data: Any) -> AssignRoleForm:
    """A role for many, each in their own department where none is chosen."""
    return AssignRoleForm(data, actor=actor)
