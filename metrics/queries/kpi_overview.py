"""The list of KPIs with what each says now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString

from metrics.models import Kpi
from metrics.queries.headlines import Headline, goal_words, headline
from metrics.queries.periods import Shown, is_historic, latest, seen_from, with_lead
from metrics.queries.reader import GRAINS, Reader
from metrics.queries.targets import book_of, target_rows
from metrics.queries.units import ARROWS, unit_of
from metrics.queries.windows import Ask, Extent, Window
from ops_platform.web import formats
from ops_platform.web.formats import Unit
from ops_platform.web.stat import Tile, spark_line
from ops_platform.web.status import Level, Status
from organization.access import Actor
from organization.engine.periods import PeriodRule
from organization.tenancy import TenantQuerySet

SPARK_PERIODS = 12
MOST_JUDGED = 2_000


@dataclass(frozen=True)
class KpiRow:
    """A KPI as the list shows it."""

    kpi: Kpi
    unit: Unit
    headline: Headline
    values: tuple[Decimal | None, ...]
    last_at: datetime | None

    @property
    def value(self) -> Decimal | None:
        return self.headline.value

    @property
    def value_text(self) -> str:
        """The figure, or what is said in its place."""
        return self.headline.words or formats.compact(self.headline.value, self.unit)

    @property
    def target_text(self) -> str:
        return goal_words(self.headline, self.unit)

    @property
    def status(self) -> Status:
        return self.headline.status

    @property
    def verdict(self) -> Status:
        """The status, or since when there is no value to judge."""
        return Status("watch", self.headline.words) if self.headline.words else self.headline.status

    @property
    def change_text(self) -> str:
        """The change against the period before, with whether that is better or worse."""
        tile = self._tile
        return f"{tile.change_text} {tile.change_word}".strip() if tile.change is not None else ""

    @property
    def change_mark(self) -> SafeString:
        """The same for the eye."""
        return self._tile.change_mark

    @property
    def spark(self) -> SafeString:
        return spark_line(list(self.values))

    @property
    def _tile(self) -> Tile:
        return Tile("", None, change=self.headline.relative, direction=ARROWS[self.kpi.direction])

    @property
    def newest_on(self) -> date | None:
        """The day of the newest data, in the running zone."""
        return None if self.last_at is None else timezone.localdate(self.last_at)


def kpi_rows(
    actor: Actor, *, q: str = "", department: object = None, owner: object = None, is_active: bool | None = True
) -> TenantQuerySet:
    """The KPIs that the actor may see and that match, with what `overview` needs."""
    conditions = Q()
    if text := q.strip().replace("\0", ""):
        conditions &= (
            Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(key__icontains=text) | Q(reference__iexact=text)
        )
    if department is not None:
        conditions &= Q(department=department)
    if owner is not None:
        conditions &= Q(owner=owner)
    if is_active is not None:
        conditions &= Q(is_active=is_active)
    return (
        Kpi.objects.visible_to(actor)
        .filter(conditions)
        .select_related("owner", "department")
        .annotate(target_rows=target_rows())
    )


def overview(kpis: Sequence[Kpi], *, as_of: datetime, rule: PeriodRule, currency: str) -> list[KpiRow]:
    """What each KPI says by the grain it is judged by, in two statements. kpis: rows of `kpi_rows`."""
    reader = Reader(kpi.pk for kpi in kpis)
    extents = {kpi.pk: reader.extent(kpi.pk) for kpi in kpis}
    windows = {kpi.pk: _shown(kpi, extents[kpi.pk], as_of, rule) for kpi in kpis}
    asks = {kpi.pk: Ask(kpi.pk, Window(with_lead(windows[kpi.pk].periods, rule))) for kpi in kpis}
    reader.load(asks.values())
    rows = []
    for kpi in kpis:
        found, extent = reader.series(asks[kpi.pk]), extents[kpi.pk]
        book = book_of(kpi, kpi.target_rows)  # type: ignore[attr-defined]  # annotated
        made = headline(kpi, windows[kpi.pk], extent, found, book, asks[kpi.pk].window, as_of=as_of)
        ended = found.values[1:-1] if windows[kpi.pk].running else found.values[1:]
        rows.append(
            KpiRow(
                kpi=kpi,
                unit=unit_of(kpi, currency),
                headline=made,
                values=tuple(ended),
                last_at=extent.last_at,
            )
        )
    return rows


def with_status(rows: Iterable[KpiRow], level: Level) -> list[int]:
    """Ids of the KPIs whose status has this level."""
    return [row.kpi.pk for row in rows if row.status.level == level]


def _shown(kpi: Kpi, extent: Extent, as_of: datetime, rule: PeriodRule) -> Shown:
    grain = max(GRAINS[kpi.grain], extent.finest)  # type: ignore[index]
    if not is_historic(extent.last_at, as_of):
        return latest(grain, SPARK_PERIODS, as_of, rule)
    seen_at = seen_from(extent.last_at, is_daily=extent.is_daily, as_of=as_of, rule=rule)
    return latest(grain, SPARK_PERIODS, seen_at, rule, is_anchored=True)
