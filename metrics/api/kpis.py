"""KPIs: what they are, and their values over time."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from metrics.choices import GrainCode, Unit
from metrics.engine.sent_rows import FIRST_YEAR, LAST_YEAR
from metrics.forms.kpis import ChangeKpiForm, IdentityForm
from metrics.models import Dataset, Kpi
from metrics.queries.points import PointsAsked, breakdown_name, kpi_points
from metrics.queries.series import Reader, visible_kpis
from metrics.serializers.kpis import KpiDetailShape, KpiShape, SentKpi, SentKpiChanges, SentVersion
from metrics.serializers.series import SeriesShape
from metrics.services import kpis
from metrics.services.kpis import DefinitionSpec
from metrics.views.kpis import KpiListView
from organization.api.bodies import facts_from
from organization.api.lists import MakeApiView, listed
from organization.api.schema import Operation, problems
from organization.api.views import ItemView, ReadItem
from organization.errors import NotVisible

VIEW, EDIT = "metrics.kpi.view", "metrics.kpi.edit"
TAG = "kpis"
GRAINS = [code.name.lower() for code in GrainCode]
COMPARISONS = ["previous", "year"]
DAY = {"type": "string", "format": "date"}


class KpiListApi(MakeApiView):
    permission = {"GET": VIEW, "POST": EDIT}
    tag = TAG
    page = KpiListView
    drawn = ("spark",)
    shape = KpiShape
    more = (
        OpenApiParameter("unit", {"type": "string", "enum": Unit.values}),
        OpenApiParameter("grain", {"type": "string", "enum": GRAINS}, description=_("The period they are judged by.")),
        OpenApiParameter("active", {"type": "string", "enum": ["true", "false"]}),
    )
    operations = {
        "GET": listed("list_kpis", _("KPIs"), KpiShape),
        "POST": Operation(
            "define_kpi",
            _("A new KPI with its first definition"),
            body=SentKpi,
            answer=KpiDetailShape,
            status=201,
            problems=(404,),
        ),
    }

    def rows(self) -> Any:
        active = one_of(self.request, "active", ["true", "false"])
        self.shared.is_active = active == "true" if active else None
        rows = super().rows()
        if unit := one_of(self.request, "unit", Unit.values):
            rows = rows.filter(unit=unit)
        if grain := one_of(self.request, "grain", GRAINS):
            rows = rows.filter(grain=GrainCode[grain.upper()])
        return rows

    def post(self, request: Request, **kwargs: Any) -> Response:
        sent = self.sent(SentKpi)
        definition = definition_of(self.actor, sent.pop("definition"))
        facts = facts_from(identity(sent), IdentityForm, actor=self.actor)

        def work() -> tuple[int, Any]:
            kpi = kpis.create_kpi(self.actor, self.request.organization, definition=definition, **facts)
            return 201, detail(visible_kpis(self.actor).get(pk=kpi.pk))

        return self.answer_once(work)


class KpiItem(ItemView):
    """One KPI, by its short name."""

    lookup = "key"

    def rows(self) -> Any:
        return visible_kpis(self.actor)

    def shown(self, row: Kpi) -> Any:
        return detail(row)


class KpiApi(KpiItem, ReadItem):
    permission = {"GET": VIEW, "PATCH": EDIT}
    tag = TAG
    operations = {
        "GET": Operation("get_kpi", _("A KPI with the versions of its definition"), answer=KpiDetailShape),
        "PATCH": Operation(
            "change_kpi",
            _("Change a KPI; its numbers stay as they are"),
            body=SentKpiChanges,
            answer=KpiDetailShape,
            is_versioned=True,
        ),
    }

    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Name, owner, unit, direction."""
        row = self.row()
        sent = self.sent(SentKpiChanges, is_versioned=True)
        facts = facts_from(identity(sent), ChangeKpiForm, row=row, actor=self.actor)
        return self.write(row, lambda: kpis.change_kpi(self.actor, row, **facts))


class KpiVersionsApi(KpiItem):
    permission = EDIT
    tag = TAG
    operations = {
        "POST": Operation(
            "redefine_kpi",
            _("A further version of the definition"),
            body=SentVersion,
            answer=KpiDetailShape,
            status=201,
        )
    }

    def post(self, request: Request, **kwargs: Any) -> Response:
        """From a day on, or for all history."""
        row = self.row()
        sent = self.sent(SentVersion)
        definition = definition_of(self.actor, sent["definition"])

        def work() -> Kpi:
            kpis.redefine_kpi(
                self.actor,
                row,
                definition=definition,
                effective_on=sent["effective_on"],
                why=sent["why"],
                version=sent.get("after"),
            )
            return row

        return self.write(row, work, code=201)


class KpiSeriesApi(KpiItem):
    permission = VIEW
    tag = TAG
    parameters = ("grain", "from", "to", "breakdown", "comparison", "known_on")

    @extend_schema(
        operation_id="get_kpi_series",
        summary=_("A KPI's values over time"),
        parameters=[
            OpenApiParameter("grain", str, enum=GRAINS, description="Without it: the period the KPI is judged by."),
            OpenApiParameter("from", DAY, description="First local day. Without it: 30 periods before the end."),
            OpenApiParameter("to", DAY, description="Last local day, included. Without it: the running period."),
            OpenApiParameter(
                "breakdown", str, description="One of the KPI's `breakdowns`; adds `parts`, for at most 100 periods."
            ),
            OpenApiParameter("comparison", str, enum=COMPARISONS, description="Adds `compared` to each point."),
            OpenApiParameter("known_on", DAY, description="As it was known at the end of that local day."),
        ],
        responses={200: SeriesShape, **problems(400, 404, 422)},
    )
    def get(self, request: Request, key: str) -> Response:
        """Whole periods that overlap the days from `from` to `to`; at most 2,000 of them."""
        kpi = self.row()
        asked = PointsAsked(
            grain=one_of(request, "grain", GRAINS),
            first_on=day_of(request, "from"),
            last_on=day_of(request, "to"),
            breakdown=request.query_params.get("breakdown", ""),
            comparison=one_of(request, "comparison", COMPARISONS),
            known_on=day_of(request, "known_on"),
        )
        rule = self.request.organization.period_rule
        return Response(kpi_points(self.actor, kpi, asked, as_of=timezone.now(), rule=rule))


def detail(kpi: Kpi) -> Any:
    """A KPI with its versions and breakdowns as JSON."""
    reader = Reader([kpi.pk])
    names = [breakdown_name(column) for column in reader.columns(kpi.pk)]
    return KpiDetailShape(kpi, context={"versions": reader.history(kpi.pk), "breakdowns": names}).data


def definition_of(actor: Any, sent: dict[str, Any]) -> DefinitionSpec:
    """What was sent as the service takes it. Raises NotVisible for a dataset that the caller cannot see."""
    facts = dict(sent)
    if key := facts.pop("dataset", None):
        facts["dataset"] = Dataset.objects.visible_to(actor).select_related("department").filter(key=key).first()
        if facts["dataset"] is None:
            raise NotVisible
    facts["breakdowns"] = [tuple(keys) for keys in facts.pop("breakdowns", [])]
    return DefinitionSpec(**facts)


def identity(sent: dict[str, Any]) -> dict[str, Any]:
    """The members as the form of the page has them: its grains are numbers."""
    return sent | ({"grain": int(GrainCode[sent["grain"].upper()])} if "grain" in sent else {})


def one_of(request: Request, name: str, choices: list[str]) -> str:
    """The value of a query parameter, "" without it. Raises ParseError for another than the choices."""
    value = request.query_params.get(name, "")
    if value and value not in choices:
        raise ParseError(_now("“%(name)s” is one of %(choices)s.") % {"name": name, "choices": ", ".join(choices)})
    return value


def day_of(request: Request, name: str) -> date | None:
    """The day of a query parameter, None without it. Raises ParseError for what is no ISO day within reach."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if len(text) != 10 or not FIRST_YEAR < day.year < LAST_YEAR:
        raise ParseError(_now("“%(name)s” is a day such as 2025-03-31.") % {"name": name})
    return day
