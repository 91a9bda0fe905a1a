"""Dashboards and their panels."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import ColumnRole, PanelKind
from metrics.engine.panel_settings import SPLIT_KINDS
from metrics.forms.ranges import RANGES
from metrics.models import DatasetColumn, Kpi
from metrics.queries.periods import CUSTOM
from metrics.services.dashboards import MOST_PANELS, PanelSpec
from organization.forms.base import NOTHING_CHOSEN, DepartmentField, FilterForm, NamedForm
from organization.models import Member
from organization.models.base import name_key

EXTRA_PANELS = 4
# The others need settings
PLAIN_KINDS = [
    kind for kind in PanelKind.choices if kind[0] not in (PanelKind.COHORT, PanelKind.FUNNEL, PanelKind.TEXT)
]


class SearchFilters(FilterForm):
    """A list's search."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)


class DashboardForm(NamedForm):
    """What a dashboard is called, whose it is, and which period it shows first."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Member.objects.none(), required=False, empty_label=NOTHING_CHOSEN
    )
    department = DepartmentField(label=_("Department"), required=False, empty_label=_("The whole organization"))
    default_period = forms.ChoiceField(
        label=_("Period shown first"), choices=[choice for choice in RANGES if choice[0] != CUSTOM]
    )

    def offer(self) -> None:
        self.fields["owner"].queryset = (  # type: ignore[attr-defined]
            Member.objects.visible_to(self.actor).filter(is_active=True).order_by("name_pinyin", "pk")
        )
        self.fields["department"].offer(self.actor)  # type: ignore[attr-defined]


class ChangeDashboardForm(DashboardForm):
    """Changes to a dashboard as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class PanelForm(forms.Form):
    """One panel; a line without a KPI is left out."""

    use_required_attribute = False

    position = forms.IntegerField(label=_("Place"), min_value=1, max_value=999, required=False)
    kpi = forms.ChoiceField(label=_("KPI"), required=False)
    kind = forms.ChoiceField(label=_("Drawn as"), choices=PLAIN_KINDS, required=False)
    column = forms.ChoiceField(label=_("Broken down by"), required=False)

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        self.fields["kpi"].choices = [("", "—"), *offered.kpi_choices]  # type: ignore[attr-defined]
        self.fields["column"].choices = [("", "—"), *offered.column_choices]  # type: ignore[attr-defined]

    def spec(self) -> PanelSpec | None:
        """The panel, None for an empty line."""
        facts = self.cleaned_data
        if not facts.get("kpi"):
            return None
        kind = facts.get("kind") or PanelKind.LINE
        column = self.offered.columns.get(facts.get("column", "")) if kind in SPLIT_KINDS else None
        return PanelSpec(self.offered.kpis[facts["kpi"]], kind, column)


class Offered:
    """KPIs and properties that panels may choose from, read once for all lines."""

    def __init__(self, actor: Any) -> None:
        kpis = Kpi.objects.visible_to(actor).select_related("department").order_by(name_key(), "pk")
        self.kpis = {str(kpi.pk): kpi for kpi in kpis}
        columns = (
            DatasetColumn.objects.filter(
                role__in=(ColumnRole.DIMENSION, ColumnRole.DEPARTMENT), dataset__kpi_versions__kpi__in=list(kpis)
            )
            .select_related("dataset")
            .distinct()
            .order_by(f"dataset__{name_key()}", "position", "pk")
        )
        self.columns = {str(column.pk): column for column in columns}
        self.kpi_choices = [(key, kpi.display_name) for key, kpi in self.kpis.items()]
        self.column_choices = [
            (key, f"{column.dataset.display_name} · {column.display_name}") for key, column in self.columns.items()
        ]


def ordered_panels(formset: Any) -> list[PanelSpec]:
    """The panels of a valid formset by their places; lines without one go last."""
    lines = [(form.cleaned_data.get("position") or 10_000, number, form.spec()) for number, form in enumerate(formset)]
    return [spec for _place, _number, spec in sorted(lines, key=lambda line: line[:2]) if spec is not None]


PanelFormSet = forms.formset_factory(PanelForm, extra=EXTRA_PANELS, max_num=MOST_PANELS, absolute_max=MOST_PANELS)
