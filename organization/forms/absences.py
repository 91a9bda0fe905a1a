"""When somebody is away, and who stands in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organization.choices import BuiltInRole
from organization.forms.base import NOTHING_CHOSEN, ActorForm, DayField, FewChoices, FilterForm, field_of
from organization.models import Member, RoleAssignment


class AbsenceFilters(FilterForm):
    """How the list of absences is narrowed."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Now and to come")), ("now", _("Away now")), ("past", _("Over"))],
    )


class LentRoles(forms.ModelMultipleChoiceField):
    """Roles of the member who is away."""

    iterator = FewChoices

    def label_from_instance(self, obj: RoleAssignment) -> str:
        place = f" · {obj.department.display_name}" if obj.department else ""
        return f"{obj.role.display_name}{place}"


class AbsenceForm(ActorForm):
    """The days, the deputy, and what the deputy may do beside."""

    starts_on = DayField(label=_("First day away"))
    ends_on = DayField(label=_("Last day away"))
    deputy = forms.ModelChoiceField(
        label=_("Deputy"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=NOTHING_CHOSEN,
        help_text=_("Is told and shown what this person owes. They finish it where their own rights allow it."),
    )
    roles = LentRoles(
        label=_("Roles lent to the deputy"),
        queryset=RoleAssignment.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Until the last day the deputy may do what these roles allow. The audit trail names both."),
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("Shown only to who may set this absence.")
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        self.member = member
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        others = Member.objects.visible_to(self.actor).filter(is_active=True).exclude(pk=self.member.pk)
        field_of(self, "deputy").queryset = others.order_by("name_pinyin", "pk")
        if self.actor.member_id == self.member.pk or self.actor.holds("organization.role.edit"):
            borne = RoleAssignment.objects.filter(member=self.member).exclude(role__key=BuiltInRole.OWNER)
            field_of(self, "roles").queryset = borne.select_related("role", "department").order_by("pk")


class ChangeAbsenceForm(AbsenceForm):
    """Changes to an absence as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
