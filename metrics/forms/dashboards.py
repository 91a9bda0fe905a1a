"""Dashboards and their panels."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.forms.ranges import RANGES
from metrics.queries.dashboard_list import BIN, MINE, SHARED
from metrics.queries.periods import CUSTOM
from organization.forms.base import NOTHING_CHOSEN, ActorForm, DepartmentField, FilterForm, NamedForm, field_of
from organization.models import Department, Member, Role
from organization.models.base import name_key


class SearchFilters(FilterForm):
    """A list's search."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)


class DashboardFilters(SearchFilters):
    """The search of the list, and whose dashboards it shows."""

    whose = forms.ChoiceField(
        label=_("Whose"),
        required=False,
        choices=[("", _("All")), (MINE, _("Mine")), (SHARED, _("Shared with me")), (BIN, _("Deleted"))],
    )


class DashboardForm(NamedForm):
    """What a dashboard is called, whose it is, and which period it shows first."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Member.objects.none(), required=False, empty_label=NOTHING_CHOSEN
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("The whole organization"))
    default_period = forms.ChoiceField(
        label=_("Period shown first"), choices=[choice for choice in RANGES if choice[0] != CUSTOM]
    )
    is_private = forms.BooleanField(
        label=_("Private"),
        required=False,
        help_text=_("Open to its owner and to those it is shared with, to nobody else."),
    )

    def offer(self) -> None:
        field_of(self, "owner").queryset = (
            Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        )
        field_of(self, "department").offer(self.actor)


class ChangeDashboardForm(DashboardForm):
    """Changes to a dashboard as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class CopyForm(forms.Form):
    """What the copy is called."""

    name = forms.CharField(label=_("Name of the copy"), max_length=200)


class ShareForm(ActorForm):
    """With whom a dashboard is shared, and how far."""

    with_whom = forms.ChoiceField(
        label=_("Share with"),
        widget=forms.Select(attrs={"data-combobox": ""}),
        error_messages={"required": _("Choose whom.")},
    )
    may_edit = forms.ChoiceField(label=_("They may"), choices=[("see", _("see it")), ("edit", _("see and change it"))])

    def offer(self) -> None:
        people = Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        departments = Department.objects.visible_to(self.actor).filter(is_active=True).order_by("path")
        roles = Role.objects.visible_to(self.actor).order_by(name_key(), "pk")
        groups = (
            (_("People"), "member", people),
            (_("Departments"), "department", departments),
            (_("Roles"), "role", roles),
        )
        self.offered = {f"{kind}:{row.pk}": row for _label, kind, rows in groups for row in rows}
        field_of(self, "with_whom").choices = [
            ("", NOTHING_CHOSEN),
            *(
                (label, [(key, str(row)) for key, row in self.offered.items() if key.startswith(kind)])
                for label, kind, _rows in groups
            ),
        ]

    def clean_may_edit(self) -> bool:
        return self.cleaned_data["may_edit"] == "edit"

    def clean_with_whom(self) -> Any:
        return self.offered[self.cleaned_data["with_whom"]]


class FirstForRolesForm(ActorForm):
    """The roles for which a dashboard opens first."""

    roles = forms.ModelMultipleChoiceField(
        label=_("Opens first for"), queryset=Role.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def offer(self) -> None:
        field_of(self, "roles").queryset = Role.objects.visible_to(self.actor, "organization.role.edit").order_by(
            name_key(), "pk"
        )
