"""Members and the roles they bear."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organization.forms.base import (
    NOTHING_CHOSEN,
    ActorForm,
    DayField,
    DepartmentField,
    FilterForm,
    PositionField,
    field_of,
)
from organization.models import Role


class MemberFilters(FilterForm):
    """How the member list is narrowed."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.SearchInput({"placeholder": _("Name, pinyin or e-mail")}),
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("All"))
    position = PositionField(label=_("Position"), required=False, empty_label=_("All"))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Active")), ("inactive", _("Switched off")), ("all", _("All"))],
    )

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)
        field_of(self, "position").offer(self.actor)


class MemberForm(ActorForm):
    """Who somebody is in the organization."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=200)
    department = DepartmentField(label=_("Department"), required=False)
    position = PositionField(label=_("Position"), required=False)
    joined_on = DayField(label=_("Joined on"), required=False)

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor, "organization.member.edit")
        field_of(self, "position").offer(self.actor)


class NewMemberForm(MemberForm):
    """Somebody who joins."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    password = forms.CharField(
        label=_("Initial password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Empty: the person sets one through “Forgot your password?” on the sign-in page."),
    )

    field_order = ("email", "name", "password")

    def clean_password(self) -> str | None:
        password = self.cleaned_data["password"]
        if password:
            validate_password(password)
        return password or None


class ChangeMemberForm(MemberForm):
    """Changes to a member as somebody saw them."""

    is_active = forms.BooleanField(
        label=_("Active"), required=False, help_text=_("Switched off, the person cannot enter; their work stays.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class AssignRoleForm(ActorForm):
    """A role, and the department that its narrow rights mean."""

    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.none(), empty_label=NOTHING_CHOSEN)
    department = DepartmentField(
        label=_("For the department"),
        required=False,
        empty_label=_("The member's own department"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "role").queryset = Role.objects.order_by("pk")

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)
