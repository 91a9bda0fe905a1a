"""Starting with the KPIs that a dataset of a known shape asks for."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from metrics.errors import UnknownKit
from metrics.forms.kits import KitForm
from metrics.kits import KITS
from metrics.models import Dataset
from metrics.services import kits
from organization.errors import NotVisible
from organization.usecases import authorize
from organization.views.base import FormPageView, visible_or_404


class KitApplyView(FormPageView):
    """Which column is what, and the button that makes KPIs and dashboard. The offer's own button posts here at once."""

    permission = "metrics.kpi.edit"
    template = "metrics/kit_form.html"
    submit_label = _("Make KPIs and dashboard")
    message = _("The KPIs are defined. Their numbers appear as soon as they are computed.")

    def prepare(self, **kwargs: Any) -> None:
        self.dataset = visible_or_404(Dataset.objects.visible_to(self.actor), pk=kwargs["pk"])
        authorize(self.actor, self.permission, self.dataset)
        if kwargs["kit"] not in KITS:
            raise NotVisible(str(UnknownKit.message))
        self.kit = KITS[kwargs["kit"]]
        self.title = self.kit.title

    def form(self, data: Any = None, files: Any = None) -> KitForm:
        guessed = kits.recognised(self.kit, self.dataset.columns.all())
        return KitForm(data, kit=self.kit, dataset=self.dataset, initial=guessed)

    def save(self, facts: dict[str, Any]) -> str:
        chosen = {part: key for part, key in facts.items() if key}
        dashboard = kits.apply_kit(self.actor, self.dataset, kit=self.kit.key, columns=chosen)
        return reverse("metrics:dashboard-detail", args=[dashboard.pk])

    def context(self) -> dict[str, Any]:
        suggestions = {suggestion.kit: suggestion for suggestion in kits.suggest_kits(self.dataset)}
        return {
            "dataset": self.dataset,
            "suggestion": suggestions.get(self.kit.key),
            "steps": [
                (_("Datasets"), reverse("metrics:dataset-list")),
                (self.dataset.display_name, reverse("metrics:dataset-detail", args=[self.dataset.pk])),
            ],
        }
