"""Forms around the text of a SOP: what it is called, how it begins, and the way of a version into force."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organization.forms.base import (
    NOTHING_CHOSEN,
    ActorForm,
    DayField,
    DepartmentField,
    FilterForm,
    NamedForm,
    field_of,
)
from organization.models import Member
from processes.choices import ChangeClass, VersionState
from processes.queries.files import LONGEST, MARKDOWN, TABLE


def people(actor: Any) -> Any:
    """The active members whom the actor sees, by name."""
    return Member.objects.visible_to(actor).filter(is_active=True).order_by("name_pinyin", "pk")


class SopFilters(FilterForm):
    """Search, and whose SOPs in which state."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("All"))
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Member.objects.none(), required=False, empty_label=_("All")
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("In use")),
            (VersionState.EFFECTIVE, _("In force")),
            (VersionState.DRAFT, _("Being written")),
            (VersionState.IN_REVIEW, VersionState.IN_REVIEW.label),
            ("overdue", _("Review overdue")),
            (VersionState.RETIRED, VersionState.RETIRED.label),
        ],
    )

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)
        field_of(self, "owner").queryset = people(self.actor)


class SopForm(NamedForm):
    """What stands around the text of a SOP."""

    code = forms.CharField(
        label=_("Code"), max_length=40, required=False, help_text=_("The number that the company uses.")
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=NOTHING_CHOSEN)
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Member.objects.none(), required=False, empty_label=NOTHING_CHOSEN
    )
    review_every_months = forms.IntegerField(
        label=_("Review every"), min_value=0, max_value=120, initial=12, help_text=_("Months; 0 for never.")
    )

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)
        field_of(self, "owner").queryset = people(self.actor)


class ChangeSopForm(SopForm):
    """Changes to a SOP as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ImportForm(SopForm):
    """A text to read, and what the SOP shall be called; an empty name takes the title of the text."""

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("Empty for the title of the text.")
    )
    kind = forms.ChoiceField(label=_("The text is"), choices=[(MARKDOWN, "Markdown"), (TABLE, _("A table (CSV)"))])
    source = forms.CharField(
        label=_("Text"), required=False, max_length=LONGEST, strip=False, widget=forms.Textarea(attrs={"rows": 12})
    )
    upload = forms.FileField(
        label=_("Or a file"), required=False, help_text=_("Markdown, CSV or an Excel workbook, up to 2 MB.")
    )


class DuplicateForm(NamedForm):
    """What the copy is called."""


class RetireForm(forms.Form):
    """Why a SOP goes out of use."""

    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class SubmitForm(ActorForm):
    """What changes, how much, who looks at it, and from when on it holds."""

    change_class = forms.ChoiceField(
        label=_("Kind of change"),
        choices=ChangeClass.choices,
        widget=forms.RadioSelect,
        help_text=_("A major change must be learned anew by those who follow it; a minor one need not."),
    )
    reason = forms.CharField(
        label=_("What changes, and why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    reviewer = forms.ModelChoiceField(label=_("Reviewer"), queryset=Member.objects.none(), empty_label=NOTHING_CHOSEN)
    effective_on = DayField(label=_("Takes effect on"), required=False, help_text=_("Empty for as soon as approved."))

    def offer(self) -> None:
        field_of(self, "reviewer").queryset = people(self.actor).exclude(pk=self.actor.member_id)


class ApproveForm(forms.Form):
    """The approver confirms the kind of change and the day."""

    change_class = forms.ChoiceField(
        label=_("Kind of change"),
        choices=ChangeClass.choices,
        widget=forms.RadioSelect,
        help_text=_("Choose what you think it is; it must be what the author says."),
    )
    effective_on = DayField(label=_("Takes effect on"), required=False, help_text=_("Empty or past: at once."))


class SendBackForm(forms.Form):
    """What has to change."""

    comment = forms.CharField(label=_("What has to change"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class CommentForm(forms.Form):
    """A comment on a step, or on the whole."""

    text = forms.CharField(label=_("Comment"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    step_key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


class DayForm(forms.Form):
    """Another day on which an approved version takes effect."""

    effective_on = DayField(label=_("Takes effect on"))
