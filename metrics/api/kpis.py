"""KPIs: what they are, and their values over time."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.api.lists import PAGE_PARAMETERS, answer_page, page_of
from metrics.choices import GrainCode, Unit
from metrics.engine.sent_rows import FIRST_YEAR, LAST_YEAR
from metrics.models import Kpi
from metrics.queries.points import PointsAsked, breakdown_name, kpi_points
from metrics.queries.series import Reader, visible_kpis
from metrics.serializers import KpiDetailShape, KpiShape, SeriesShape
from organization.api.schema import problems
from organization.api.views import ApiView
from organization.errors import NotVisible

GRAINS = [code.name.lower() for code in GrainCode]
COMPARISONS = ["previous", "year"]
DAY = {"type": "string", "format": "date"}


class KpiListView(ApiView):
    permission = "metrics.kpi.view"
    parameters = ("cursor", "size", "department", "unit", "grain", "active")

    @extend_schema(
        operation_id="list_kpis",
        summary="KPIs",
        tags=["kpis"],
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("department", str, description="Code of the department that answers for them."),
            OpenApiParameter("unit", str, enum=Unit.values),
            OpenApiParameter("grain", str, enum=GRAINS, description="The period they are judged by."),
            OpenApiParameter("active", str, enum=["true", "false"]),
        ],
        responses={200: page_of("KpiPage", KpiShape), **problems(400)},
    )
    def get(self, request: Request) -> Response:
        """Those that the caller may see."""
        rows = visible_kpis(self.actor)
        if department := request.query_params.get("department"):
            rows = rows.filter(department__code=department)
        if unit := _choice(request, "unit", Unit.values):
            rows = rows.filter(unit=unit)
        if grain := _choice(request, "grain", GRAINS):
            rows = rows.filter(grain=GrainCode[grain.upper()])
        if active := _choice(request, "active", ["true", "false"]):
            rows = rows.filter(is_active=active == "true")
        return answer_page(request, rows, KpiShape)


class KpiDetailView(ApiView):
    permission = "metrics.kpi.view"

    @extend_schema(
        operation_id="get_kpi",
        summary="A KPI with the versions of its definition",
        tags=["kpis"],
        responses={200: KpiDetailShape, **problems(400, 404)},
    )
    def get(self, request: Request, key: str) -> Response:
        """Values name the version that they were computed under."""
        kpi = _kpi(self, key)
        reader = Reader([kpi.pk])
        names = [breakdown_name(column) for column in reader.columns(kpi.pk)]
        shape = KpiDetailShape(kpi, context={"versions": reader.history(kpi.pk), "breakdowns": names})
        return Response(shape.data)


class KpiSeriesView(ApiView):
    permission = "metrics.kpi.view"
    parameters = ("grain", "from", "to", "breakdown", "comparison")

    @extend_schema(
        operation_id="get_kpi_series",
        summary="A KPI's values over time",
        tags=["kpis"],
        parameters=[
            OpenApiParameter("grain", str, enum=GRAINS, description="Without it: the period the KPI is judged by."),
            OpenApiParameter("from", DAY, description="First local day. Without it: 30 periods before the end."),
            OpenApiParameter("to", DAY, description="Last local day, included. Without it: the running period."),
            OpenApiParameter(
                "breakdown", str, description="One of the KPI's `breakdowns`; adds `parts`, for at most 100 periods."
            ),
            OpenApiParameter("comparison", str, enum=COMPARISONS, description="Adds `compared` to each point."),
        ],
        responses={200: SeriesShape, **problems(400, 404, 422)},
    )
    def get(self, request: Request, key: str) -> Response:
        """Whole periods that overlap the days from `from` to `to`; at most 2,000 of them."""
        kpi = _kpi(self, key)
        asked = PointsAsked(
            grain=_choice(request, "grain", GRAINS),
            first_on=_day(request, "from"),
            last_on=_day(request, "to"),
            breakdown=request.query_params.get("breakdown", ""),
            comparison=_choice(request, "comparison", COMPARISONS),
        )
        rule = self.request.organization.period_rule
        return Response(kpi_points(self.actor, kpi, asked, as_of=timezone.now(), rule=rule))


def _kpi(view: ApiView, key: str) -> Kpi:
    kpi = visible_kpis(view.actor).filter(key=key).first()
    if kpi is None:
        raise NotVisible
    return kpi


def _choice(request: Request, name: str, choices: list[str]) -> str:
    value = request.query_params.get(name, "")
    if value and value not in choices:
        raise ParseError(_("“%(name)s” is one of %(choices)s.") % {"name": name, "choices": ", ".join(choices)})
    return value


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if len(text) != 10 or not FIRST_YEAR < day.year < LAST_YEAR:
        raise ParseError(_("“%(name)s” is a day such as 2025-03-31.") % {"name": name})
    return day
