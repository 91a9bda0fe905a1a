"""Targets of a KPI, by grain and department."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.api.datasets import visible
from metrics.api.kpis import GRAINS, KpiItem, one_of
from metrics.choices import GrainCode
from metrics.models import Kpi, KpiTarget
from metrics.queries.targets import targets_version
from metrics.serializers.targets import SentTargets, TargetsShape
from metrics.services.targets import TargetSpec, set_targets
from organization.api.schema import Operation
from organization.models import Department


class KpiTargetsApi(KpiItem):
    permission = {"GET": "metrics.kpi.view", "PUT": "metrics.target.edit"}
    tag = "targets"
    parameters = ("grain", "department")
    operations = {
        "GET": Operation(
            "get_targets",
            _("The targets of a KPI"),
            answer=TargetsShape,
            parameters=(
                OpenApiParameter("grain", {"type": "string", "enum": GRAINS}, description=_("Without it: of a month.")),
                OpenApiParameter(
                    "department", {"type": "integer", "minimum": 1}, description=_("Without it: of the whole.")
                ),
            ),
        ),
        "PUT": Operation("set_targets", _("Set targets; other periods stay"), body=SentTargets, answer=TargetsShape),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Of one grain, of the whole or of one department."""
        row = self.row()
        grain = GrainCode[(one_of(request, "grain", GRAINS) or "month").upper()]
        text = request.query_params.get("department", "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 19):
            raise ParseError(_("“%(name)s” is the number of an object.") % {"name": "department"})
        department = visible(self.actor, Department, int(text) if text else None)
        return Response(targets_of(row, grain, department))

    def put(self, request: Request, **kwargs: Any) -> Response:
        """From each day on, until the next target."""
        row = self.row()
        facts = self.sent(SentTargets)
        department = visible(self.actor, Department, facts.pop("department", None))
        grain = GrainCode[facts.pop("grain").upper()]
        targets = [TargetSpec(**target) for target in facts.pop("targets")]
        seen = facts.pop("seen", None)

        def work() -> tuple[int, Any]:
            set_targets(self.actor, row, grain=grain, targets=targets, department=department, version=seen, **facts)
            return 200, targets_of(row, grain, department)

        return self.answer_once(work)


def targets_of(kpi: Kpi, grain: GrainCode, department: Department | None) -> Any:
    """The targets as JSON."""
    rows = list(KpiTarget.objects.filter(kpi=kpi, grain=grain, department=department).order_by("starts_on"))
    return TargetsShape({"seen": targets_version(rows), "results": rows}).data
