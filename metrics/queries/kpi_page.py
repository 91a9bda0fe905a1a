"""Everything that the page of one KPI shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from metrics.choices import GrainCode, KpiKind
from metrics.models import DatasetColumn, Kpi, KpiVersion, RollupCorrection
from metrics.queries.annotations import Note, notes_of
from metrics.queries.breakdowns import BreakdownView, breakdown_views, split_asks
from metrics.queries.definition_words import definition_words
from metrics.queries.figures import notes_on, rows_url, summary_of, trend
from metrics.queries.headlines import Answer, Headline, answer_of, day_words, headline, tile_of
from metrics.queries.known_facts import restore_known
from metrics.queries.known_on import KnownOn, asked_known
from metrics.queries.known_reader import reader_of
from metrics.queries.periods import Asked, Shown, compared_with, full_label, shown, with_lead
from metrics.queries.reader import GRAINS, Reader
from metrics.queries.targets import TargetBook, book_of, target_rows
from metrics.queries.units import unit_of
from metrics.queries.windows import Ask, Extent, Window
from ops_platform.web import formats
from ops_platform.web.charts import Chart, Payload
from ops_platform.web.formats import Unit
from ops_platform.web.stat import Tile
from organization.access import Actor, can
from organization.engine.periods import Grain, PeriodRule, period_of
from organization.models import Member
from organization.tenancy import TenantQuerySet

MOST_CORRECTIONS = 20


@dataclass(frozen=True)
class VersionView:
    """One version of the definition in words. is_overtaken: a later version counts on all its days."""

    number: int
    words: str
    expression: str
    filter: str
    formula: str
    effective_on: date | None
    why: str
    by: str
    at: datetime
    is_current: bool
    is_overtaken: bool
    is_computing: bool


@dataclass(frozen=True)
class CorrectionView:
    """An ended period whose number changed afterwards."""

    period: str
    grain: str
    before: str
    after: str
    at: datetime


@dataclass(frozen=True)
class KpiPage:
    """A KPI over a range. rows_url: of the headline; grains: by which it may be shown; notes: of the chart, as numbered."""

    kpi: Kpi
    unit: Unit
    tile: Tile
    headline: Headline
    book: TargetBook
    shown: Shown
    extent: Extent
    chart: Chart | None
    breakdowns: list[BreakdownView]
    versions: list[VersionView]
    grains: list[Grain]
    comparison: str
    rows_url: str
    newest_words: str
    notes: list[Note]
    known: KnownOn | None = None

    @property
    def attainment(self) -> Decimal | None:
        """How much of the target is reached, as a ratio."""
        return self.headline.assessment.attainment if self.headline.assessment else None

    @property
    def target_exact(self) -> str:
        """The target of the headline's period in full."""
        from_ = self.headline.target
        return "" if from_ is None or from_.value is None else formats.in_unit(from_.value, self.unit)

    @property
    def is_stale(self) -> bool:
        return self.headline.answer is Answer.STALE


def kpis_for_page(actor: Actor) -> TenantQuerySet:
    """The KPIs the actor may see, with what `kpi_page` needs."""
    return Kpi.objects.visible_to(actor).select_related("owner", "department").annotate(target_rows=target_rows())


def kpi_page(actor: Actor, kpi: Kpi, asked: Asked, *, as_of: datetime, rule: PeriodRule, currency: str) -> KpiPage:
    """The page of a KPI that `kpis_for_page` gave: as it is, or as it was known on the day that is asked for."""
    targets = kpi.target_rows  # type: ignore[attr-defined]  # annotated
    known = asked_known(asked.known_on, as_of=as_of, timezone=rule.timezone)
    if known is not None:
        targets = restore_known([kpi], {kpi.pk: targets}, known)[kpi.pk]
        as_of = known.at
    unit = unit_of(kpi, currency)
    book = book_of(kpi, targets)
    reader = reader_of([kpi.pk], known)
    extent = reader.extent(kpi.pk)
    own = GRAINS[GrainCode(kpi.grain)]
    there = shown(
        asked,
        as_of=as_of,
        rule=rule,
        grain=own,
        first_at=extent.first_at,
        last_at=extent.last_at,
        is_daily=extent.is_daily,
        finest=extent.finest,
    )
    ask = Ask(kpi.pk, Window(with_lead(there.periods, rule), compared_with(there, asked.comparison)))
    _answer, place = answer_of(kpi, there, extent, as_of=as_of)
    columns = reader.columns(kpi.pk)
    splits = [] if place is None else split_asks(kpi.pk, there.periods[place], columns)
    reader.load([ask, *splits])
    found = reader.series(ask)
    made = headline(kpi, there, extent, found, book, ask.window, as_of=as_of)
    # The rows behind a number are those of today
    rows_base = "" if known else rows_base_of(actor, kpi)
    noted, notes = notes_on(there, notes_of(actor, [kpi], [there], known=known)[kpi.pk])
    chart = None
    if any(value is not None for value in found.values[1:]):
        figure = trend(kpi, unit, there, found, book, comparison=asked.comparison, rows_base=rows_base, notes=noted)
        chart = Chart("trend", summary_of(kpi, there, found, unit), Payload.of(figure), size="tall")
    views = []
    if place is not None:
        period = there.periods[place]
        views = breakdown_views(actor, kpi, reader, period, columns, made.value, unit, rows_base=rows_base, book=book)
    return KpiPage(
        kpi=kpi,
        unit=unit,
        tile=tile_of(kpi, unit, made),
        headline=made,
        book=book,
        shown=there,
        extent=extent,
        chart=chart,
        breakdowns=views,
        versions=_versions(actor, kpi, reader),
        grains=[grain for grain in Grain if grain >= extent.finest],
        comparison=asked.comparison,
        rows_url="" if place is None else rows_url(rows_base, there.periods[place]),
        newest_words=day_words(extent.last_at, rule),
        notes=notes,
        known=known,
    )


def rows_base_of(actor: Actor, kpi: Kpi) -> str:
    """The address of the rows behind a KPI, empty for an actor who may not see them."""
    return reverse("metrics:kpi-rows", args=[kpi.pk]) if can(actor, "metrics.kpi.view_rows", kpi) else ""


def corrections_of(kpi: Kpi, unit: Unit, rule: PeriodRule, known: KnownOn | None = None) -> list[CorrectionView]:
    """Ended periods whose number changed after it was shown, newest first; known: those that had been by then."""
    ids = KpiVersion.objects.filter(kpi=kpi).values("pk")
    found = RollupCorrection.objects.filter(version_id__in=ids)
    if known is not None:
        found = found.filter(corrected_at__lt=known.at)
    rows = found.order_by("-id")[:MOST_CORRECTIONS]
    return [
        CorrectionView(
            period=full_label(period_of(GRAINS[GrainCode(row.grain)], row.bucket_start, rule), rule),
            grain=str(GrainCode(row.grain).label),
            before=formats.in_unit(row.before, unit),
            after=formats.in_unit(row.after, unit),
            at=row.corrected_at,
        )
        for row in rows
    ]


def _versions(actor: Actor, kpi: Kpi, reader: Reader) -> list[VersionView]:
    history = reader.history(kpi.pk)
    datasets = {version.dataset_id for version in history} - {None}
    columns = {row.pk: row.display_name for row in DatasetColumn.objects.filter(dataset__in=datasets)}
    makers = {version.created_by_id for version in history} - {None}
    names = dict(Member.objects.visible_to(actor).filter(pk__in=makers).values_list("pk", "name"))
    in_force = reader.numbers_in_force(kpi.pk)
    newest = reader.newest(kpi.pk)
    return [
        VersionView(
            number=version.number,
            words=definition_words(version, columns),
            expression=version.expression,
            filter=version.filter,
            formula=version.formula,
            effective_on=version.effective_on,
            why=version.why,
            by=names.get(version.created_by_id, "") if version.created_by_id else _("the system"),
            at=version.created_at,
            is_current=newest is not None and version.number == newest.number,
            is_overtaken=version.number not in in_force,
            is_computing=version.kind == KpiKind.AGGREGATE and version.computed_at is None,
        )
        for version in reversed(history)
    ]
