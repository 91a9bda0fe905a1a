"""What metrics knows of the chain: sources feed datasets, KPIs are counted from them, formulas and dashboards use KPIs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from metrics.models import DashboardPanel, DataSource, KpiOperand, KpiVersion
from organization.queries.chains import Edge, End, register_neighbours

FEEDS, COUNTED, PART, SHOWN = (
    pgettext_lazy("chain", "feeds"),
    _("is counted in"),
    _("is part of"),
    _("is shown on"),
)
KPI, DATASET, SOURCE, DASHBOARD = "metrics.kpi", "metrics.dataset", "metrics.datasource", "metrics.dashboard"
MOST = 200


@register_neighbours
def known_edges(ends: Iterable[End], is_upwards: bool) -> list[Edge]:
    """The references into (upwards) or out of the given objects, by definitions as they stand today."""
    by_label: dict[str, set[int]] = defaultdict(set)
    for label, pk in ends:
        by_label[label].add(pk)
    kpis, datasets = by_label[KPI], by_label[DATASET]
    found: list[Edge] = []
    if counted := (kpis if is_upwards else datasets):
        wanted = Q(kpi__in=counted, dataset__isnull=False) if is_upwards else Q(dataset__in=counted)
        newest = KpiVersion.objects.filter(kpi=OuterRef("kpi")).order_by("-number").values("number")[:1]
        rows = KpiVersion.objects.filter(wanted, number=Subquery(newest)).values_list("dataset", "kpi")
        found += [Edge((DATASET, dataset), COUNTED, (KPI, kpi)) for dataset, kpi in rows[:MOST]]
    if kpis:
        part = "version__kpi__in" if is_upwards else "kpi__in"
        newest = KpiVersion.objects.filter(kpi=OuterRef("version__kpi")).order_by("-number").values("number")[:1]
        operands = KpiOperand.objects.filter(**{part: kpis}).filter(version__number=Subquery(newest))
        found += [
            Edge((KPI, used), PART, (KPI, user)) for used, user in operands.values_list("kpi", "version__kpi")[:MOST]
        ]
    if fed := (datasets if is_upwards else by_label[SOURCE]):
        wanted = Q(dataset__in=fed) if is_upwards else Q(pk__in=fed, dataset__isnull=False)
        sources = DataSource.objects.filter(wanted).values_list("pk", "dataset")
        found += [Edge((SOURCE, source), FEEDS, (DATASET, dataset)) for source, dataset in sources[:MOST]]
    if shown := (by_label[DASHBOARD] if is_upwards else kpis):
        wanted = Q(dashboard__in=shown) if is_upwards else Q(kpi__in=shown)
        panels = DashboardPanel.objects.filter(wanted, kpi__isnull=False).order_by().values_list("kpi", "dashboard")
        found += [Edge((KPI, kpi), SHOWN, (DASHBOARD, board)) for kpi, board in panels.distinct()[:MOST]]
    return found
