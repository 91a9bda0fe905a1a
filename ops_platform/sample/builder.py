"""Making the sample company step by step. Each step is one transaction and is skipped when it is done.

Killed in between, the next run goes on where it stopped, with the clock of the first one. Run again when all is done it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from metrics.choices import RowKey
from metrics.models import Dashboard, Dataset, DatasetColumn, Kpi, KpiTarget, KpiVersion
from metrics.services.dashboards import PanelSpec, create_dashboard
from metrics.services.datasets import create_dataset
from metrics.services.kpis import DefinitionSpec, create_kpi
from metrics.services.rollups import recompute_dataset
from metrics.services.targets import TargetSpec, set_targets
from ops_platform.sample import catalogue, company, feeding, generation, goals, indicators, season
from ops_platform.sample.by_hand import ByHand
from ops_platform.sample.company import Company
from ops_platform.sample.datasets import TABLES, Table
from ops_platform.sample.procedures import write_procedures
from ops_platform.sample.rows import Rows, local_day
from ops_platform.sample.runs import work_on_runs
from organization.models import Department, Member
from organization.tenancy import tenant_transaction

Say = Callable[[str], None]
WORKERS = 2
CHANGED_MONTHS_AGO = 6


@dataclass(frozen=True)
class Made:
    """What stands afterwards. is_new: whether this run did anything."""

    company: Company
    rows: int
    kpis: int
    dashboards: int
    is_new: bool


def build(
    *, slug: str, language: str, now: datetime, say: Say, as_of: datetime | None = None, months: int = season.MONTHS
) -> Made:
    """Make the sample company, or what is missing of it.

    as_of: where its data ends; else `now`, or the founding of the one that is there. months: how far back it reaches.
    Raises SlugTaken when a real company has the short name.
    """
    made = company.found(slug)
    is_new = made is None
    if made is None:
        say("Founding the company: departments, people, calendar.")
        made = company.found_company(slug, language)
        begun = now
    else:
        begun = made.organization.created_at
    builder = _Builder(made, language, as_of or begun, months, say)
    steps = (builder.load, builder.define, builder.tell, builder.aim, builder.lay_out, builder.follow, builder.compute)
    changed = [step() for step in steps]
    return builder.made(is_new=is_new or any(changed))


class _Builder:
    def __init__(self, made: Company, language: str, as_of: datetime, months: int, say: Say) -> None:
        self._company, self._language, self._say = made, language, say
        self._as_of, self._months = as_of, months
        self._id = made.organization.pk

    def load(self) -> bool:
        """Datasets with their rows, each in its transaction."""
        with tenant_transaction(self._id):
            there = set(Dataset.objects.values_list("key", flat=True))
        missing = {table.key: table for table in TABLES if table.key not in there}
        if not missing:
            return False
        for key, rows in generation.tables(self._as_of, self._language, months=self._months):
            if key in missing:
                self._load_one(missing[key], rows())
        return True

    def _load_one(self, table: Table, rows: Rows) -> None:
        name = table.name.en
        with tenant_transaction(self._id):
            dataset = create_dataset(
                self._company.actor,
                self._company.organization,
                name=name,
                name_zh=table.name.zh,
                key=table.key,
                columns=table.columns,
                row_key=RowKey.COLUMNS,
                is_daily=table.is_daily,
                description=table.what.shown(self._language),
                department=Department.objects.get(code=table.department),
                owner=self._head(table.department),
            )
            feeding.feed(
                self._company.actor,
                dataset,
                rows=rows,
                as_of=self._as_of,
                progress=lambda done: self._say(f"{name}: {done:,} of {len(rows):,} rows"),
            )

    def define(self) -> bool:
        """The KPIs, operands first."""
        with tenant_transaction(self._id):
            known = set(Kpi.objects.values_list("key", flat=True))
            missing = [each for each in indicators.INDICATORS if each.key not in known]
            if missing:
                self._say(f"Defining {len(missing)} KPIs.")
            datasets = {dataset.key: dataset for dataset in Dataset.objects.all()}
            for each in missing:
                self._define_one(each, datasets)
        return bool(missing)

    def _define_one(self, each: indicators.Indicator, datasets: dict[str, Dataset]) -> None:
        quality = catalogue.TOPICS[catalogue.QUALITY].shown(self._language)
        create_kpi(
            self._company.actor,
            self._company.organization,
            name=each.name.en,
            name_zh=each.name.zh,
            key=each.key,
            definition=DefinitionSpec(
                dataset=datasets.get(each.dataset),
                aggregation="" if each.formula else each.aggregation,
                expression=each.expression,
                filter=each.filter.format(quality=f'"{quality}"'),
                subject=each.subject,
                occasion=each.occasion,
                percentile=indicators.NINETY if each.aggregation == "percentile" else None,
                formula=each.formula,
                breakdowns=each.splits,
            ),
            description=each.why.shown(self._language),
            unit=each.unit,
            decimals=each.decimals,
            direction=each.direction,
            grain=each.grain,
            due_hours=each.due_hours,
            department=Department.objects.get(code=each.department),
            owner=self._head(each.department),
        )

    def tell(self) -> bool:
        """Figures that people enter by hand, and notes on charts."""
        with tenant_transaction(self._id):
            by_hand = ByHand(self._company, self._language, self._as_of)
            changed = [by_hand.figures(), by_hand.notes()]
        return any(changed)

    def aim(self) -> bool:
        """Targets, each with a change half a year before the end."""
        with tenant_transaction(self._id):
            if KpiTarget.objects.exists():
                return False
            self._say("Setting targets.")
            kpis = {kpi.key: kpi for kpi in Kpi.objects.all()}
            for goal in goals.GOALS:
                department = Department.objects.get(code=goal.department) if goal.department else None
                for grain in goal.grains:
                    set_targets(
                        self._company.actor,
                        kpis[goal.kpi],
                        grain=grain,
                        targets=self._stages(goal),
                        department=department,
                        warning_margin=Decimal(goal.margin) / 100,
                    )
        return True

    def _stages(self, goal: goals.Goal) -> list[TargetSpec]:
        today = local_day(self._as_of)
        stages = [_aimed(season.first_day(today), goal.first)]
        return [*stages, _aimed(season.first_day(today, CHANGED_MONTHS_AGO), goal.then)] if goal.then else stages

    def lay_out(self) -> bool:
        """The dashboards that are not there yet."""
        with tenant_transaction(self._id):
            known = set(Dashboard.objects.values_list("name", flat=True))
            missing = [board for board in goals.BOARDS if board.name.en not in known]
            kpis = {kpi.key: kpi for kpi in Kpi.objects.all()}
            for board in missing:
                create_dashboard(
                    self._company.actor,
                    self._company.organization,
                    name=board.name.en,
                    name_zh=board.name.zh,
                    panels=[_panel(kpis[laid.kpi], laid) for laid in board.panels],
                    default_period=board.period,
                    owner=self._head(board.department),
                )
        return bool(missing)

    def follow(self) -> bool:
        """SOPs, and runs of them."""
        with tenant_transaction(self._id):
            written = write_procedures(self._company, self._language, self._as_of)
        with tenant_transaction(self._id):
            worked = work_on_runs(self._company, self._language, self._as_of)
        if written or worked:
            self._say("Wrote SOPs and worked on some runs of them.")
        return written or worked

    def compute(self) -> bool:
        """Roll up what was never rolled up, as the workers do, so that the first page shows numbers."""
        with tenant_transaction(self._id):
            waiting = KpiVersion.objects.filter(computed_at=None, dataset__isnull=False)
            keys = dict(waiting.values_list("dataset_id", "dataset__key"))
        # The heaviest dataset first; the work is PostgreSQL's, so threads are enough
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda pk: self._compute_one(pk, keys[pk]), sorted(keys)))
        return bool(keys)

    def _compute_one(self, dataset_id: int, key: str) -> None:
        try:
            recompute_dataset(self._id, dataset_id)
            self._say(f"Computed the KPIs of {key}.")
        finally:
            connection.close()

    def made(self, *, is_new: bool) -> Made:
        """Count what stands."""
        with tenant_transaction(self._id):
            rows = sum(Dataset.objects.values_list("row_count", flat=True))
            return Made(self._company, rows, Kpi.objects.count(), Dashboard.objects.count(), is_new)

    def _head(self, code: str) -> Member | None:
        return Department.objects.select_related("head").get(code=code).head


def _aimed(starts_on: date, value: goals.Aim) -> TargetSpec:
    if isinstance(value, tuple):
        return TargetSpec(starts_on, low=value[0], high=value[1])
    return TargetSpec(starts_on, value)


def _panel(kpi: Kpi, laid: goals.Laid) -> PanelSpec:
    title, title_zh = (laid.title.en, laid.title.zh) if laid.title else ("", "")
    column = _column(kpi, laid.split)
    return PanelSpec(kpi, laid.kind, column, title, title_zh, laid.width, laid.height, laid.settings)


def _column(kpi: Kpi, key: str) -> DatasetColumn | None:
    """The column called `key` of the dataset that the KPI rests on."""
    if not key:
        return None
    version = kpi.versions.get()
    while version.dataset_id is None:
        version = version.operands.select_related("kpi").order_by("name")[0].kpi.versions.get()
    return DatasetColumn.objects.get(dataset_id=version.dataset_id, key=key)
