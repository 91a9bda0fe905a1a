"""Planning what is entered by hand."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from metrics.forms.entries import ChangePlanForm, EnteredKpiForm
from metrics.models import EntryPlan
from metrics.queries.entries import entry_plans
from metrics.services.entry_plans import PlanSpec, change_plan, create_entered_kpi
from metrics.views.entries import grid_url
from organization.usecases import authorize
from organization.views.base import FormPageView, visible_or_404

OF_PLAN = ("grain", "starts_on", "due_days", "member", "role", "lowest", "highest")
OF_KPI = ("name", "name_zh", "key", "unit", "decimals", "direction", "department", "together")


class EntryKpiNewView(FormPageView):
    """A KPI entered by hand: dataset, KPI and plan by one form."""

    permission = "metrics.kpi.edit"
    title = _("New KPI entered by hand")
    submit_label = _("Make the KPI")
    message = _("The KPI is made. Enter its first figures here.")

    def form(self, data: Any = None, files: Any = None) -> EnteredKpiForm:
        initial = {"member": self.actor.member_id, "starts_on": timezone.localdate().replace(day=1)}
        return EnteredKpiForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        spec = PlanSpec(
            **{name: facts[name] for name in OF_PLAN},
            department=facts["role_department"],
            places=list(facts["places"]),
        )
        values = {name: facts[name] for name in OF_KPI}
        kpi = create_entered_kpi(self.actor, self.request.organization, plan=spec, owner=facts["member"], **values)
        return grid_url(EntryPlan.objects.get(dataset__kpi_versions__kpi=kpi))

    def context(self) -> dict[str, Any]:
        return {"steps": [(_("Enter figures"), reverse("metrics:entry-list"))]}


class EntryPlanView(FormPageView):
    """Who enters the figures, by when, and whether anybody still does."""

    permission = "metrics.dataset.edit"
    title = _("Who enters the figures")
    submit_label = _("Save")
    message = _("The plan is saved.")

    def prepare(self, **kwargs: Any) -> None:
        self.plan: EntryPlan = visible_or_404(entry_plans(self.actor), pk=kwargs["pk"])
        authorize(self.actor, self.permission, self.plan.dataset)

    def form(self, data: Any = None, files: Any = None) -> ChangePlanForm:
        initial = {
            "member": self.plan.member_id,
            "role": self.plan.role_id,
            "role_department": self.plan.department_id,
            "due_days": self.plan.due_days,
            "is_active": self.plan.is_active,
            "version": self.plan.version,
        }
        return ChangePlanForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        names = ("version", "due_days", "member", "role", "is_active")
        change_plan(
            self.actor,
            self.plan.dataset,
            department=facts["role_department"],
            **{name: facts[name] for name in names},
        )
        return grid_url(self.plan)

    def context(self) -> dict[str, Any]:
        steps = [(_("Enter figures"), reverse("metrics:entry-list"))]
        return {"steps": [*steps, (self.plan.dataset.display_name, grid_url(self.plan))]}
