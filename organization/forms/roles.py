"""Roles and the matrix of rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organization.choices import Scope
from organization.forms.base import NamedForm
from organization.permissions import Permission, all_permissions


class RoleForm(NamedForm):
    """What a role is called and what it is for."""

    description = forms.CharField(label=_("Description"), max_length=500, required=False)


class ChangeRoleForm(RoleForm):
    """Changes to a role as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class MatrixForm(forms.Form):
    """The scope of every right for one role. A field is named by its codename."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, grants: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for permission in all_permissions():
            self.fields[permission.codename] = forms.ChoiceField(
                label=permission.label,
                required=False,
                initial=grants.get(permission.codename, ""),
                choices=[
                    ("", pgettext_lazy("right", "No")),
                    *((scope.value, Scope(scope).label) for scope in permission.scopes),
                ],
            )

    @property
    def groups(self) -> list[tuple[Any, list[tuple[Permission, Any]]]]:
        """(pillar, [(permission, bound field)]) in declaration order."""
        groups: dict[str, tuple[Any, list[tuple[Permission, Any]]]] = {}
        for permission in all_permissions():
            lines = groups.setdefault(str(permission.group), (permission.group, []))[1]
            lines.append((permission, self[permission.codename]))
        return list(groups.values())

    @property
    def rights(self) -> dict[str, str | None]:
        """Codename to scope, None for no right."""
        return {p.codename: self.cleaned_data[p.codename] or None for p in all_permissions()}
