"""The grid in which targets are set."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from metrics.choices import GrainCode, MarginKind, Unit
from metrics.forms.targets import TargetGridForm, TargetPlaceForm, entered
from metrics.models import Kpi
from metrics.queries.kpi_page import kpis_for_page
from metrics.queries.target_grid import TargetGrid, target_grid
from metrics.queries.target_page import target_history
from metrics.queries.units import unit_of
from metrics.services.targets import set_targets
from metrics.views.kpis import detail_url
from organization.models import Department
from organization.views.base import FormPageView


class TargetGridView(FormPageView):
    """Targets of one KPI, period by period of a year, for the whole or for one department."""

    permission = "metrics.target.edit"
    template = "metrics/target_grid.html"
    title = _("Targets")
    submit_label = _("Save targets")
    message = _("The targets are saved.")

    kpi: Kpi
    grid: TargetGrid

    def prepare(self, **kwargs: Any) -> None:
        self.kpi = self.subject(kpis_for_page(self.actor), pk=kwargs["pk"])
        self.place = TargetPlaceForm(self.request.GET or None, actor=self.actor)
        self.place.is_valid()
        facts = getattr(self.place, "cleaned_data", {})
        organization = self.request.organization
        default = max(self.kpi.grain, GrainCode.DAY)
        self.department: Department | None = facts.get("department")
        self.grain = GrainCode(facts.get("grain") or default)
        today: date = timezone.localdate()
        self.grid = target_grid(
            self.kpi,
            grain=self.grain,
            year=facts.get("year") or today.year,
            department=self.department,
            as_of=timezone.now(),
            rule=organization.period_rule,
            currency=organization.currency,
        )
        self.place.initial = {"grain": self.grain, "department": self.department, "year": self.grid.year}
        self.place.is_bound = False

    def form(self, data: Any = None, files: Any = None) -> TargetGridForm:
        is_share = self.kpi.unit == Unit.PERCENT
        initial: dict[str, Any] = {"version": self.grid.version}
        margin_kind, margin = MarginKind.RELATIVE, None
        for line in self.grid.lines:
            if line.own is None:
                continue
            for bound in ("value", "low", "high"):
                initial[f"{bound}_{line.period.first_on}"] = entered(getattr(line.own, bound), is_share=is_share)
        if self.grid.newest is not None:
            margin_kind = MarginKind(self.grid.newest.margin_kind)
            margin = self.grid.newest.warning_margin
        initial["margin_kind"] = margin_kind
        initial["warning_margin"] = entered(margin, is_share=is_share or margin_kind == MarginKind.RELATIVE)
        periods = [line.period for line in self.grid.lines]
        return TargetGridForm(data, actor=self.actor, kpi=self.kpi, periods=periods, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        form = self.form(self.request.POST)
        form.is_valid()
        set_targets(
            self.actor,
            self.kpi,
            grain=self.grain,
            targets=form.targets(),
            department=self.department,
            margin_kind=facts["margin_kind"],
            warning_margin=form.margin(),
            version=facts["version"],
        )
        return detail_url(self.kpi)

    def show(self, form: Any, status: int = 200) -> Any:
        self.lines = [
            (line, [form[f"{bound}_{line.period.first_on}"] for bound in form.bounds]) for line in self.grid.lines
        ]
        return super().show(form, status)

    def context(self) -> dict[str, Any]:
        return {
            "kpi": self.kpi,
            "grid": self.grid,
            "lines": self.lines,
            "place_form": self.place,
            "history": target_history(self.actor, self.kpi, unit_of(self.kpi, self.request.organization.currency)),
            "is_percent": self.kpi.unit == Unit.PERCENT,
            "steps": [(_("KPIs"), reverse("metrics:kpi-list")), (self.kpi.display_name, detail_url(self.kpi))],
        }
