"""What people of the sample company enter by hand, and what they noted on charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics.choices import AnnotationKind, Direction, GrainCode, Unit
from metrics.models import Annotation, EntryChange, EntryPlan, ImportBatch, Kpi, KpiVersion, ReplacedObservation
from metrics.queries.entries import periods_of
from metrics.services.annotations import NoteSpec, annotate
from metrics.services.entries import Cell, Outcome, enter_figures, waive_period
from metrics.services.entry_plans import PlanSpec, create_entered_kpi
from metrics.services.entry_work import follow_plan
from ops_platform.sample import season, trouble
from ops_platform.sample.company import Company
from ops_platform.sample.rows import local_day
from ops_platform.sample.texts import Text
from organization.engine.local_time import day_start
from organization.engine.periods import Period
from organization.models import Department

MONTHS = 12


@dataclass(frozen=True)
class Figure:
    """A KPI that is entered by the month. department: whose head enters it. values: a year of them, the newest last.

    left_out: how many of the newest periods nobody has entered. places: departments with figures of their own.
    """

    key: str
    name: Text
    department: str
    unit: str
    direction: str
    together: str
    values: tuple[str, ...]
    left_out: int = 0
    places: tuple[str, ...] = ()
    decimals: int = 0


FIGURES = (
    Figure(
        "electricity",
        Text("Electricity used (kWh)", "用电量（千瓦时）"),
        "WH",
        Unit.NUMBER,
        Direction.LOWER,
        "sum",
        ("48200", "46900", "51300", "44100", "42800", "40500", "43900", "47600", "49800", "45200", "43700", "46100"),
    ),
    Figure(
        "accidents",
        Text("Accidents at work", "工伤事故数"),
        "HR",
        Unit.NUMBER,
        Direction.LOWER,
        "sum",
        ("2", "1", "0", "1", "3", "0", "1", "0", "2", "1", "0", "1"),
        left_out=1,
        places=("WH", "OPS"),
    ),
    Figure(
        "cash_at_bank",
        Text("Cash at bank", "银行存款余额"),
        "FIN",
        Unit.MONEY,
        Direction.HIGHER,
        "last",
        (
            *("5120000", "5340000", "4980000", "5410000", "5660000", "5590000"),
            *("5820000", "5740000", "6010000", "6180000", "6050000", "6390000"),
        ),
    ),
)
CORRECTED, CORRECTION = "electricity", Text("The meter of hall 2 was read a day late.", "二号库电表晚抄一天。")
CORRECTED_BY = Decimal(-1250)
WAIVED, WAIVER = "accidents", Text("The site was not open yet.", "该场地尚未启用。")


@dataclass(frozen=True)
class Remark:
    """A note on the charts of some KPIs, by the trouble that it explains or by a day of the year."""

    kpis: tuple[str, ...]
    kind: str
    text: Text
    trouble: trouble.Trouble


REMARKS = (
    Remark(
        ("net_revenue", "orders", "web_visits", "conversion_rate"),
        AnnotationKind.OUTAGE,
        Text("Web shop down, 10:00 to 16:00", "网店宕机（10:00–16:00）"),
        trouble.OUTAGE,
    ),
    Remark(
        ("gross_margin", "average_order_value"),
        AnnotationKind.DATA,
        Text("Pot sold at a tenth of its price", "铸铁锅误标一折出售"),
        trouble.PRICING,
    ),
    Remark(
        ("return_rate", "on_time_rate"),
        AnnotationKind.CHANGE,
        Text("Lighting supplier late and faulty", "灯具供应商延误且有瑕疵"),
        trouble.SUPPLIER,
    ),
    Remark(
        ("satisfaction", "first_response", "complaints"),
        AnnotationKind.NOTE,
        Text("Wave of complaints from the South", "华南质量投诉激增"),
        trouble.COMPLAINTS,
    ),
)
FESTIVAL = Text("Singles' Day", "双十一")


class ByHand:
    """Makes the figures and the notes that are not there yet, in the open transaction."""

    def __init__(self, made: Company, language: str, as_of: datetime) -> None:
        self._company, self._language, self._as_of = made, language, as_of
        self._zone = made.organization.timezone

    def figures(self) -> bool:
        """KPIs entered by hand, the newest of them overdue, one corrected and one waived."""
        known = set(Kpi.objects.values_list("key", flat=True))
        missing = [figure for figure in FIGURES if figure.key not in known]
        for figure in missing:
            self._make(figure)
        return bool(missing)

    def notes(self) -> bool:
        """What happened, on the charts that it explains."""
        if Annotation.objects.exists():
            return False
        kpis = {kpi.key: kpi for kpi in Kpi.objects.select_related("department")}
        today = local_day(self._as_of)
        for remark in REMARKS:
            first, last = remark.trouble.days(today)
            for key in remark.kpis:
                if key in kpis:
                    self._note(kpis[key], remark.text, remark.kind, first, last if last > first else None)
        festival = date(today.year if today >= date(today.year, 11, 11) else today.year - 1, 11, 11)
        for key in ("net_revenue", "orders"):
            if key in kpis:
                self._note(kpis[key], FESTIVAL, AnnotationKind.PROMOTION, festival, None)
        return True

    def _note(self, kpi: Kpi, text: Text, kind: str, first: date, last: date | None) -> None:
        ends_at = day_start(last + timedelta(days=1), self._zone) - timedelta(microseconds=1) if last else None
        note = NoteSpec(text.shown(self._language), day_start(first, self._zone), ends_at, kind)
        annotate(self._company.actor, kpi, note=note)

    def _make(self, figure: Figure) -> None:
        head = Department.objects.select_related("head").get(code=figure.department)
        places = list(Department.objects.filter(code__in=figure.places).order_by("code"))
        values: dict[str, Any] = {"name_zh": figure.name.zh, "unit": figure.unit, "direction": figure.direction}
        kpi = create_entered_kpi(
            self._company.actor,
            self._company.organization,
            name=figure.name.en,
            key=figure.key,
            together=figure.together,
            decimals=figure.decimals,
            department=head,
            owner=head.head,
            plan=PlanSpec(
                GrainCode.MONTH,
                season.first_day(local_day(self._as_of), MONTHS),
                member=head.head,
                places=places,
                lowest=Decimal(0),
            ),
            **values,
        )
        plan = EntryPlan.objects.select_related("dataset__department", "member").get(dataset__kpi_versions__kpi=kpi)
        self._enter(figure, plan, [place.pk for place in places] or [None])

    def _enter(self, figure: Figure, plan: EntryPlan, places: list[int | None]) -> None:
        column = plan.dataset.columns.get(key="value")
        ended = [
            p for p in periods_of(plan, self._company.organization.period_rule, self._as_of) if p.end <= self._as_of
        ]
        # Defined before its first figure, so that pages as known then have both
        KpiVersion.objects.filter(dataset=plan.dataset).update(created_at=ended[0].start)
        for number, (period, value) in enumerate(zip(ended, figure.values, strict=False)):
            if number >= len(ended) - figure.left_out:
                break
            cells = [Cell(column.pk, place, period.first_on, Decimal(value)) for place in places]
            if figure.key == WAIVED and number == 0:
                place = Department.objects.get(pk=places[0])
                reason = WAIVER.shown(self._language)
                waive_period(self._company.actor, plan, starts_on=period.first_on, department=place, reason=reason)
                cells = cells[1:]
            [*_others, last] = self._at(plan, period, 2, cells)
            if figure.key == CORRECTED and number == len(ended) - 3:
                cell = Cell(column.pk, None, period.first_on, Decimal(value) + CORRECTED_BY, last.version)
                self._at(plan, period, 9, [cell], CORRECTION.shown(self._language))
        follow_plan(self._company.actor, plan, as_of=self._as_of)

    def _at(self, plan: EntryPlan, period: Period, days: int, cells: list[Cell], reason: str = "") -> list[Outcome]:
        """Enter, as if by the one who owes the figures some days after the period: so pages as known then show it."""
        outcomes = enter_figures(self._company.actor, plan, cells=cells, reason=reason)
        moment = min(period.end + timedelta(days=days, hours=10), self._as_of)
        batch = ImportBatch.objects.filter(dataset=plan.dataset).latest("pk")
        ImportBatch.objects.filter(pk=batch.pk).update(loaded_at=moment, received_at=moment, started_by=plan.member)
        EntryChange.objects.filter(batch=batch).update(made_at=moment, made_by=plan.member)
        ReplacedObservation.objects.filter(replaced_by=batch).update(replaced_at=moment)
        return outcomes
