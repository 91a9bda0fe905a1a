"""Filters and forms of work items and the inbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organization import notice_kinds, work_kinds
from organization.choices import WorkWhen
from organization.forms.base import NOTHING_CHOSEN, ActorForm, DepartmentField, FilterForm, field_of
from organization.models import Member


class WorkFilters(FilterForm):
    """What is owed: when, of which kind, where."""

    when = forms.ChoiceField(label=_("Due"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("All departments"))

    def offer(self) -> None:
        field_of(self, "when").choices = [("", _("At any time")), *WorkWhen.choices]
        field_of(self, "kind").choices = [
            ("", _("All kinds")),
            *((kind.name, kind.label) for kind in work_kinds.all_kinds()),
        ]
        field_of(self, "department").offer(self.actor)


class InboxFilters(FilterForm):
    """What one was told, by kind."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def offer(self) -> None:
        field_of(self, "kind").choices = [
            ("", _("All kinds")),
            *((kind.name, kind.label) for kind in notice_kinds.all_kinds()),
        ]


class AssignForm(ActorForm):
    """To whom work is given."""

    owner = forms.ModelChoiceField(
        label=_("Who is to do it"), queryset=Member.objects.none(), empty_label=NOTHING_CHOSEN
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def offer(self) -> None:
        members: Any = Member.objects.visible_to(self.actor).filter(is_active=True)
        field_of(self, "owner").queryset = members.order_by("name_pinyin", "pk")
