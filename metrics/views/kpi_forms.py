"""Defining KPIs: new ones, changes, further versions, and the check while one writes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from metrics.choices import GrainCode, KpiKind
from metrics.errors import BadExpression
from metrics.forms.kpis import ChangeKpiForm, DefinitionForm, IdentityForm, NewKpiForm, RedefineForm
from metrics.models import Kpi, KpiBreakdown, KpiVersion
from metrics.queries.periods import full_label
from metrics.queries.reader import GRAINS
from metrics.queries.units import written_unit
from metrics.services import kpis
from metrics.services.previews import preview_definition
from metrics.views.kpis import detail_url
from ops_platform.web import formats
from ops_platform.web.forms import row_number
from organization.errors import DomainError, NotVisible, StateConflict
from organization.views.base import FormPageView, PageView

IDENTITY = tuple(IdentityForm.base_fields)
DIGITS = frozenset("0123456")


class DefinitionView(FormPageView):
    """A form with the definition builder in it. A fault in an expression comes back with the place marked."""

    permission = "metrics.kpi.edit"
    template = "metrics/kpi_form.html"
    bound: Any = None

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "reload" in request.POST:
            # Without a script: another dataset or aggregation was chosen, and other fields fit it.
            self.prepare(**kwargs)
            return self.show(self.form(initial=request.POST.dict() | _lists(request)))
        return super().post(request, **kwargs)

    def form(self, data: Any = None, files: Any = None, initial: dict[str, Any] | None = None) -> Any:
        self.bound = self.make_form(data, initial or self.initial())
        return self.bound

    def make_form(self, data: Any, initial: dict[str, Any]) -> Any:
        """The form class of the page."""
        raise NotImplementedError

    def initial(self) -> dict[str, Any]:
        """What the form begins with."""
        return {}

    def save(self, facts: dict[str, Any]) -> str:
        try:
            return self.write(facts)
        except BadExpression as error:
            self.bound.point_at(error)
            raise

    def write(self, facts: dict[str, Any]) -> str:
        """Call the service; the address to go on to."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        return {
            "check_url": reverse("metrics:kpi-check"),
            "identity_names": IDENTITY,
            "kpi": getattr(self, "kpi", None),
        }


class KpiNewView(DefinitionView):
    """A KPI with its first definition."""

    title = _("New KPI")
    submit_label = _("Define the KPI")
    message = _("The KPI is defined. Its numbers appear as soon as they are computed.")

    def make_form(self, data: Any, initial: dict[str, Any]) -> NewKpiForm:
        return NewKpiForm(data, actor=self.actor, initial=initial)

    def initial(self) -> dict[str, Any]:
        return {"dataset": self.request.GET.get("dataset", ""), "owner": self.actor.member_id}

    def write(self, facts: dict[str, Any]) -> str:
        identity = {name: facts[name] for name in IDENTITY}
        kpi = kpis.create_kpi(self.actor, self.request.organization, definition=self.bound.spec(), **identity)
        return detail_url(kpi)

    def context(self) -> dict[str, Any]:
        return super().context() | {"steps": [(_("KPIs"), reverse("metrics:kpi-list"))]}


class OneKpiMixin:
    """Loads the KPI that the address names."""

    kpi: Kpi

    def prepare(self, **kwargs: Any) -> None:
        found = Kpi.objects.visible_to(self.actor).select_related("department")  # type: ignore[attr-defined]
        self.kpi = self.subject(found, pk=kwargs["pk"])  # type: ignore[attr-defined]

    def steps(self) -> list[tuple[Any, str]]:
        """The way back."""
        return [(_("KPIs"), reverse("metrics:kpi-list")), (self.kpi.display_name, detail_url(self.kpi))]


class KpiEditView(OneKpiMixin, FormPageView):
    """Name, owner, unit, direction: what leaves the numbers as they are."""

    permission = "metrics.kpi.edit"
    title = _("Edit KPI")
    submit_label = _("Save")
    message = _("The KPI is saved.")

    def form(self, data: Any = None, files: Any = None) -> ChangeKpiForm:
        initial = {name: getattr(self.kpi, name) for name in (*IDENTITY, "is_active", "version")}
        return ChangeKpiForm(data, actor=self.actor, initial=initial)

    def save(self, facts: dict[str, Any]) -> str:
        return detail_url(kpis.change_kpi(self.actor, self.kpi, **facts))

    def context(self) -> dict[str, Any]:
        return {"steps": self.steps()}


class KpiRedefineView(OneKpiMixin, DefinitionView):
    """A further version of the definition, from a day on or for all history."""

    title = _("New version of the definition")
    submit_label = _("Put the version in force")
    message = _("The new version is in force. Its numbers appear as soon as they are computed.")

    def make_form(self, data: Any, initial: dict[str, Any]) -> RedefineForm:
        return RedefineForm(data, actor=self.actor, initial=initial)

    def newest(self) -> KpiVersion:
        """The version that stands."""
        return KpiVersion.objects.filter(kpi=self.kpi).order_by("-number")[:1].get()

    def initial(self) -> dict[str, Any]:
        newest = self.newest()
        breakdowns = KpiBreakdown.objects.filter(version=newest, by_department=False).select_related("first", "second")
        pairs = [row for row in breakdowns if row.second]
        values: dict[str, Any] = {
            "version": newest.number,
            "kind": newest.kind,
            "dataset": newest.dataset_id or "",
            "aggregation": newest.aggregation,
            "expression": newest.expression,
            "filter": newest.filter,
            "subject": newest.subject.key if newest.subject else "",
            "occasion": newest.occasion.key if newest.occasion else "",
            "at_least": newest.at_least,
            "percentile": newest.percentile,
            "formula": newest.formula,
            "breakdowns": [row.first.key for row in breakdowns if row.second is None],
        }
        for number, row in enumerate(pairs, 1):
            values |= {f"pair{number}_first": row.first.key, f"pair{number}_second": row.second.key}
        return values

    def write(self, facts: dict[str, Any]) -> str:
        effective_on = facts["effective_on"] if facts["since"] == "day" else None
        kpis.redefine_kpi(
            self.actor,
            self.kpi,
            definition=self.bound.spec(),
            effective_on=effective_on,
            why=facts["why"],
            version=facts["version"],
        )
        return detail_url(self.kpi)

    def show_conflict(self, form: Any, error: StateConflict, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        newest = self.newest()
        data = self.request.POST.copy()
        data["version"] = str(newest.number)
        again = self.form(data)
        again.add_error(None, str(error))
        self.conflicts = [
            (again.fields["why"].label, newest.why),
            (_("Formula"), newest.formula) if newest.formula else (_("Of what"), newest.expression),
        ]
        return self.show(again, status=422)

    def context(self) -> dict[str, Any]:
        return super().context() | {"steps": self.steps()}


class KpiCheckView(PageView):
    """While a definition is written: the fields that fit the choices (`part=fields`), or what it would say."""

    permission = "metrics.kpi.edit"
    http_method_names = ["post", "options"]  # Django's own declaration

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.GET.get("part") == "fields":
            form = DefinitionForm(actor=self.actor, initial=request.POST.dict() | _lists(request))
            return render(request, "metrics/_kpi_definition.html", {"form": form, "check_url": request.path})
        return render(request, "metrics/_kpi_check.html", self._check(request))

    def _check(self, request: HttpRequest) -> dict[str, Any]:
        form = DefinitionForm(request.POST, actor=self.actor)
        form.is_valid()
        organization = self.request.organization
        given = request.POST.get("grain", "")
        grain = GRAINS[GrainCode(int(given))] if given in map(str, GrainCode.values) else GRAINS[GrainCode.DAY]
        try:
            made = preview_definition(
                self.actor,
                organization,
                definition=form.spec(),
                grain=grain,
                as_of=timezone.now(),
                kpi_id=row_number(request.POST.get("kpi", "")),
            )
        except BadExpression as error:
            form.point_at(error)
            return {"problem": str(error), "pointer": form.pointer}
        except NotVisible:
            raise
        except DomainError as error:
            is_empty = form.data.get("kind") == KpiKind.FORMULA and not form.data.get("formula", "").strip()
            return {"problem": "" if is_empty else str(error)}
        if made.period is None:
            return {"no_data": True}
        digits = request.POST.get("decimals", "")
        unit = written_unit(
            request.POST.get("unit", "number"),
            int(digits) if digits in DIGITS else None,
            organization.currency,
        )
        return {
            "value": formats.in_unit(made.value, unit),
            "count": made.count,
            "period": full_label(made.period, organization.period_rule),
        }


def _lists(request: HttpRequest) -> dict[str, Any]:
    return {"breakdowns": request.POST.getlist("breakdowns")}
