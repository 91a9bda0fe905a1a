"""What a definition would say, before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from metrics.choices import Aggregation, KpiKind
from metrics.engine.expressions import evaluate, parse
from metrics.errors import BadDefinition
from metrics.models import KpiVersion
from metrics.queries.periods import data_until
from metrics.queries.reader import Reader
from metrics.queries.rows_behind import rows_behind
from metrics.queries.windows import Ask, Window
from metrics.services.kpis import DefinitionSpec, check_aggregate, check_formula
from organization.access import Actor
from organization.engine.periods import Grain, Period, period_of, shift
from organization.models import Organization
from organization.usecases import authorize, use_case


@dataclass(frozen=True)
class Preview:
    """The value in the newest complete period; period None where there is no data. count: rows, None for formulas."""

    period: Period | None
    value: Decimal | None
    count: int | None


@use_case("metrics.kpi.edit")
def preview_definition(
    actor: Actor,
    organization: Organization,
    *,
    definition: DefinitionSpec,
    grain: Grain,
    as_of: datetime,
    kpi_id: int | None = None,
) -> Preview:
    """Compute one period under a definition that is not saved. Writes nothing.

    kpi_id: the KPI that is redefined. Raises BadDefinition, BadExpression, CircularFormula as saving would.
    """
    if definition.kind == KpiKind.FORMULA:
        return _formula(actor, organization, definition, grain, as_of, kpi_id)
    dataset = definition.dataset
    if dataset is None:
        raise BadDefinition(_("Choose the dataset that the KPI is counted from."), field="dataset")
    authorize(actor, "metrics.dataset.view", dataset)
    columns = list(dataset.columns.all())
    by_key = {column.key: column for column in columns}
    check_aggregate(definition, by_key)
    period = _newest(dataset.last_at, grain, organization, as_of)
    if period is None:
        return Preview(None, None, None)
    version = KpiVersion(
        kind=KpiKind.AGGREGATE,
        organization_id=organization.pk,
        dataset=dataset,
        aggregation=Aggregation(definition.aggregation),
        expression=definition.expression.strip(),
        filter=definition.filter.strip(),
        subject=by_key.get(definition.subject),
        occasion=by_key.get(definition.occasion),
        at_least=definition.at_least,
        percentile=definition.percentile,
    )
    made = rows_behind(version, columns, period).recomputed()
    return Preview(period, made.value, made.count)


def _formula(
    actor: Actor,
    organization: Organization,
    definition: DefinitionSpec,
    grain: Grain,
    as_of: datetime,
    kpi_id: int | None,
) -> Preview:
    kpis = check_formula(actor, definition, kpi_id=kpi_id)
    reader = Reader(kpi.pk for kpi in kpis.values())
    lasts = [reader.extent(kpi.pk).last_at for kpi in kpis.values()]
    oldest = None if None in lasts else min(last for last in lasts if last is not None)
    period = _newest(oldest, grain, organization, as_of)
    if period is None:
        return Preview(None, None, None)
    asks = {name: Ask(kpi.pk, Window((period,))) for name, kpi in kpis.items()}
    reader.load(asks.values())
    operands = {name: reader.series(ask).values for name, ask in asks.items()}
    return Preview(period, evaluate(parse(definition.formula), operands)[0], None)


def _newest(last_at: datetime | None, grain: Grain, organization: Organization, as_of: datetime) -> Period | None:
    """The newest period that is over, by the clock and by the data; the one before where the data breaks off in it."""
    rule = organization.period_rule
    until = data_until(last_at, Grain.DAY, rule)
    if last_at is None or until is None:
        return None
    period = period_of(grain, last_at, rule)
    return period if period.end <= min(until, as_of) else shift(period, -1, rule)
