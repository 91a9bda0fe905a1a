"""KPIs: filters of the list, identity, and the definition builder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import Aggregation, ColumnRole, Direction, GrainCode, KpiKind, Unit
from metrics.errors import BadExpression
from metrics.models import Dataset, Kpi
from metrics.queries.definitions import row_types
from metrics.services.kpis import NEEDS_EXPRESSION, NEEDS_SUBJECT, DefinitionSpec
from ops_platform.web.forms import row_number
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
from organization.models.base import name_key

STATUSES = (
    ("", _("Any")),
    ("good", _("On track")),
    ("watch", _("Close to target")),
    ("bad", _("Off track or overdue")),
    ("neutral", _("No target or no value")),
)
PAIRS = 2
TEXTAREA = {"rows": 2, "spellcheck": "false", "autocomplete": "off", "class": "code"}


@dataclass(frozen=True)
class Pointer:
    """The place in an expression that is at fault. caret: a line of spaces and carets to stand below it."""

    before: str
    fault: str
    after: str
    caret: str


class KpiFilters(FilterForm):
    """The filters of the KPI list."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("All"))
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Member.objects.none(), required=False, empty_label=_("Anyone")
    )
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES, required=False)
    use = forms.ChoiceField(
        label=_("In use"),
        choices=[("", _("In use")), ("archived", _("Archived")), ("all", _("All"))],
        required=False,
    )

    def offer(self) -> None:
        field_of(self, "department").offer(self.actor)
        owners = Kpi.objects.visible_to(self.actor).exclude(owner=None).values("owner")
        field_of(self, "owner").queryset = (
            Member.objects.visible_to(self.actor).filter(pk__in=owners).order_by("name_pinyin", "pk")
        )


class IdentityForm(NamedForm):
    """What a KPI is called, who answers for it, and how its figures are read."""

    key = forms.SlugField(label=_("Short name"), max_length=60, help_text=_("Formulas of other KPIs use it."))
    description = forms.CharField(
        label=_("Why it is measured"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Member.objects.none(), required=False, empty_label=NOTHING_CHOSEN
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("The whole organization"))
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices)
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices)
    decimals = forms.IntegerField(label=_("Decimal places"), min_value=0, max_value=6, initial=0)
    grain = forms.TypedChoiceField(
        label=_("Looked at by"),
        choices=GrainCode.choices,
        coerce=int,
        initial=GrainCode.DAY,
        help_text=_("The period people judge it by."),
    )
    due_hours = forms.IntegerField(
        label=_("Due after"),
        min_value=0,
        max_value=24 * 366,
        initial=24,
        help_text=_("Hours after the end of a period by which its value should be there."),
    )

    def offer(self) -> None:
        super().offer()
        field_of(self, "owner").queryset = (
            Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        )
        field_of(self, "department").offer(self.actor)


class ChangeKpiForm(IdentityForm):
    """Changes to a KPI as somebody saw it. Its numbers stay as they are."""

    is_active = forms.BooleanField(label=_("In use"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class DefinitionForm(ActorForm):
    """How a KPI is computed. Offers what fits the chosen dataset and aggregation, and leaves the rest out."""

    kind = forms.ChoiceField(
        label=_("Where its values come from"),
        choices=KpiKind.choices,
        initial=KpiKind.AGGREGATE,
        widget=forms.RadioSelect,
    )
    dataset = forms.ModelChoiceField(
        label=_("Dataset"), queryset=Dataset.objects.none(), required=False, empty_label=NOTHING_CHOSEN
    )
    aggregation = forms.ChoiceField(
        label=_("Computed as"), choices=Aggregation.choices, initial=Aggregation.SUM, required=False
    )
    expression = forms.CharField(
        label=_("Of what"), max_length=2000, required=False, strip=False, widget=forms.Textarea(TEXTAREA)
    )
    subject = forms.ChoiceField(label=_("Different values of"), required=False)
    occasion = forms.ChoiceField(label=_("Occurring in"), required=False)
    at_least = forms.IntegerField(label=_("At least"), min_value=2, max_value=1000, initial=2, required=False)
    percentile = forms.DecimalField(label=_("Percentile"), min_value=0, max_value=100, decimal_places=2, required=False)
    filter = forms.CharField(
        label=_("Only rows where"), max_length=2000, required=False, strip=False, widget=forms.Textarea(TEXTAREA)
    )
    breakdowns = forms.MultipleChoiceField(
        label=_("Broken down by"), required=False, widget=forms.CheckboxSelectMultiple
    )
    formula = forms.CharField(
        label=_("Formula"), max_length=2000, required=False, strip=False, widget=forms.Textarea(TEXTAREA)
    )

    pointer: Pointer | None = None
    pointer_field = ""

    def offer(self) -> None:
        super().offer()
        field_of(self, "dataset").queryset = Dataset.objects.visible_to(self.actor).order_by(name_key())
        self.chosen = self._chosen_dataset()
        self.columns = list(self.chosen.columns.all()) if self.chosen else []
        texts = [
            (column.key, column.display_name)
            for column in self.columns
            if column.role in (ColumnRole.DIMENSION, ColumnRole.DEPARTMENT)
        ]
        for name in ("subject", "occasion"):
            self.fields[name].choices = [("", "—"), *texts]  # type: ignore[attr-defined]
        field_of(self, "breakdowns").choices = texts
        for number in range(1, PAIRS + 1):
            for side in ("first", "second"):
                self.fields[f"pair{number}_{side}"] = forms.ChoiceField(
                    label=_("And by the pair of") if side == "first" else _("and"),
                    choices=[("", "—"), *texts],
                    required=False,
                )
        for name in self._unfitting(len(texts)):
            del self.fields[name]

    @property
    def names(self) -> list[tuple[str, str, str]]:
        """What expressions may name: (name as written, kind, label); KPIs for a formula."""
        if self._value("kind") == KpiKind.FORMULA:
            found = Kpi.objects.visible_to(self.actor).order_by("key")
            return [(kpi.key, "number", kpi.display_name) for kpi in found]
        types = row_types(self.columns)
        return [(column.key, types[column.key], column.display_name) for column in self.columns if column.key in types]

    def spec(self) -> DefinitionSpec:
        """The definition, once the form is valid."""
        facts = self.cleaned_data
        if facts.get("kind") == KpiKind.FORMULA:
            return DefinitionSpec(formula=facts.get("formula", "").strip() or " ")
        pairs = [
            (facts.get(f"pair{number}_first", ""), facts.get(f"pair{number}_second", ""))
            for number in range(1, PAIRS + 1)
        ]
        return DefinitionSpec(
            dataset=facts.get("dataset"),
            aggregation=facts.get("aggregation", ""),
            expression=facts.get("expression", ""),
            filter=facts.get("filter", ""),
            subject=facts.get("subject", ""),
            occasion=facts.get("occasion", ""),
            at_least=facts.get("at_least") or 2,
            percentile=facts.get("percentile"),
            breakdowns=[*((key,) for key in facts.get("breakdowns", ())), *(pair for pair in pairs if all(pair))],
        )

    def point_at(self, error: BadExpression) -> None:
        """Keep the place of an error for the page."""
        text = self._value(error.field or "")
        self.pointer_field = error.field or ""
        self.pointer = pointer(text, error.start, error.end)

    def _unfitting(self, text_count: int) -> set[str]:
        pairs = {f"pair{number}_{side}" for number in range(1, PAIRS + 1) for side in ("first", "second")}
        if self._value("kind") == KpiKind.FORMULA:
            kept = {"formula", "kind"} | (set(self.fields) - set(DefinitionForm.base_fields) - pairs)
            return set(self.fields) - kept
        aggregation = self._value("aggregation")
        left_out = {"formula"}
        if aggregation not in NEEDS_EXPRESSION:
            left_out.add("expression")
        if aggregation not in NEEDS_SUBJECT:
            left_out.add("subject")
        if aggregation != Aggregation.REPEAT:
            left_out |= {"occasion", "at_least"}
        if aggregation != Aggregation.PERCENTILE:
            left_out.add("percentile")
        if text_count == 0:
            left_out.add("breakdowns")
        if text_count < 2:
            left_out |= pairs
        return left_out

    def _value(self, name: str) -> Any:
        """The value of a field before it is validated: what is sent, or what the form begins with."""
        if self.is_bound:
            return self.data.get(name, "")
        found = self.initial.get(name)
        return found if found is not None else self.base_fields[name].initial or ""

    def _chosen_dataset(self) -> Dataset | None:
        wanted = self._value("dataset")
        if isinstance(wanted, Dataset):
            return wanted
        queryset = field_of(self, "dataset").queryset
        number = row_number(str(wanted))
        return None if number is None else queryset.filter(pk=number).first()


class NewKpiForm(DefinitionForm, IdentityForm):
    """A KPI with its first definition."""


class RedefineForm(DefinitionForm):
    """A further version of the definition."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    since = forms.ChoiceField(
        label=_("Which periods change"),
        choices=[
            ("day", _("From a day on; what was before keeps its definition")),
            ("all", _("All, from the beginning")),
        ],
        initial="day",
        widget=forms.RadioSelect,
    )
    effective_on = DayField(label=_("In force from"), required=False)
    why = forms.CharField(
        label=_("Why this definition"), max_length=500, help_text=_("Readers of the KPI see it beside the version.")
    )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if facts.get("since") == "day" and not facts.get("effective_on") and "effective_on" not in self.errors:
            self.add_error("effective_on", _("Give the first day."))
        return facts


def pointer(text: str, start: int, end: int) -> Pointer:
    """The place `[start, end)` of `text`, with a caret line as wide as the characters above it."""
    end = max(end, start + 1)
    spaces = "".join(" " * _width(letter) for letter in text[:start])
    carets = "^" * max(1, sum(_width(letter) for letter in text[start:end]))
    return Pointer(text[:start], text[start:end], text[end:], spaces + carets)


def _width(letter: str) -> int:
    return 2 if east_asian_width(letter) in "WF" else 1
