"""Defining KPIs: identity, and versions of the definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from metrics.choices import Aggregation, ColumnRole, GrainCode, KpiKind
from metrics.engine.expressions import ExpressionError, Type, check, names, parse
from metrics.engine.formula_levels import levels, reached, turned
from metrics.errors import BadDefinition, BadExpression, CircularFormula, KeyTaken
from metrics.events import KPI_CHANGED, KPI_DEFINED
from metrics.models import DashboardPanel, Dataset, DatasetColumn, Kpi, KpiBreakdown, KpiOperand, KpiVersion
from metrics.queries.wording import expression_sentence
from metrics.services.datasets import check_row_expression
from organization.access import Actor
from organization.errors import StateConflict, StillInUse
from organization.models import Organization
from organization.queue import enqueue
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import authorize, use_case

NEEDS_EXPRESSION = frozenset(
    {
        Aggregation.SUM,
        Aggregation.AVERAGE,
        Aggregation.MINIMUM,
        Aggregation.MAXIMUM,
        Aggregation.FIRST,
        Aggregation.LAST,
        Aggregation.MEDIAN,
        Aggregation.PERCENTILE,
    }
)
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
NEEDS_SUBJECT = frozenset({Aggregation.DISTINCT, Aggregation.REPEAT})
MOST_BREAKDOWNS = 12
MOST_LEVELS = 20


@dataclass(frozen=True)
class DefinitionSpec:
    """How a KPI is computed. Columns are named by key; breakdowns are one key or a pair of keys."""

    dataset: Dataset | None = None
    aggregation: str = ""
    expression: str = ""
    filter: str = ""
    subject: str = ""
    occasion: str = ""
    at_least: int = 2
    percentile: Decimal | None = None
    formula: str = ""
    breakdowns: Sequence[tuple[str, ...]] = field(default_factory=tuple)

    @property
    def kind(self) -> str:
        return KpiKind.FORMULA if self.formula else KpiKind.AGGREGATE


@use_case("metrics.kpi.edit")
def create_kpi(
    actor: Actor, organization: Organization, *, name: str, key: str, definition: DefinitionSpec, **values: Any
) -> Kpi:
    """A KPI with its first version, in force from the beginning.

    values: further fields of Kpi. Raises KeyTaken, BadDefinition, BadExpression, CircularFormula.
    """
    try:
        with transaction.atomic():
            kpi = Kpi.objects.create(name=name, key=key, reference=next_reference("KPI"), **values)
    except IntegrityError as error:
        raise KeyTaken from error
    _add_version(actor, kpi, definition, effective_on=None, why="")
    audit.record(actor, "metrics.kpi.defined", kpi)
    events.emit(actor, KPI_DEFINED, kpi)
    return kpi


@use_case("metrics.kpi.edit")
def change_kpi(actor: Actor, kpi: Kpi, *, version: int, **values: Any) -> Kpi:
    """Change what does not touch the numbers: name, owner, department, unit, direction, due hours.

    version: what the editor saw. Raises StateConflict, KeyTaken.
    """
    kpi = Kpi.objects.select_for_update(of=("self",)).get(pk=kpi.pk)
    if kpi.version != version:
        raise StateConflict
    if values.get("key", kpi.key) != kpi.key and KpiOperand.objects.filter(kpi=kpi).exists():
        raise StillInUse(_("Formulas of other KPIs use this short name, so it cannot change."))
    if (
        values.get("key", kpi.key) != kpi.key
        and DashboardPanel.objects.filter(settings__steps__contains=kpi.key).exists()
    ):
        raise StillInUse(_("Funnels on dashboards use this short name, so it cannot change."))
    changed = {name: [getattr(kpi, name), value] for name, value in values.items() if getattr(kpi, name) != value}
    for name, value in values.items():
        setattr(kpi, name, value)
    kpi.version += 1
    try:
        with transaction.atomic():
            kpi.save()
    except IntegrityError as error:
        raise KeyTaken from error
    audit.record(actor, "metrics.kpi.changed", kpi, changed=changed)
    events.emit(actor, KPI_CHANGED, kpi)
    return kpi


@use_case("metrics.kpi.edit")
def redefine_kpi(
    actor: Actor,
    kpi: Kpi,
    *,
    definition: DefinitionSpec,
    effective_on: date | None,
    why: str,
    version: int | None = None,
) -> KpiVersion:
    """A new version of the definition, in force from `effective_on`; None recomputes all history under it.

    version: the number of the version that the editor saw as the newest, None for whatever stands. Raises StateConflict,
    BadDefinition, BadExpression, CircularFormula.
    """
    if definition.kind == KpiKind.FORMULA:
        # One after the other: of two that are saved at once, neither would see that they lead to each other.
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [f"formulas:{actor.organization_id}"])
    kpi = Kpi.objects.select_for_update(of=("self",)).get(pk=kpi.pk)
    if version not in (None, _newest_number(kpi)):
        raise StateConflict
    made = _add_version(actor, kpi, definition, effective_on=effective_on, why=why)
    audit.record(actor, "metrics.kpi.redefined", kpi, number=made.number, effective_on=effective_on, why=why)
    events.emit(actor, KPI_CHANGED, kpi, number=made.number)
    return made


def _newest_number(kpi: Kpi) -> int:
    return KpiVersion.objects.filter(kpi=kpi).aggregate(last=Max("number"))["last"] or 0


def _add_version(actor: Actor, kpi: Kpi, spec: DefinitionSpec, *, effective_on: date | None, why: str) -> KpiVersion:
    version = KpiVersion(
        kpi=kpi,
        number=_newest_number(kpi) + 1,
        effective_on=effective_on,
        kind=spec.kind,
        why=why,
        created_by_id=actor.member_id,
    )
    if spec.kind == KpiKind.FORMULA:
        return _add_formula(actor, version, spec)
    if spec.dataset is None:
        raise BadDefinition(_("Choose the dataset that the KPI is counted from."), field="dataset")
    authorize(actor, "metrics.dataset.view", spec.dataset)
    columns = {column.key: column for column in spec.dataset.columns.all()}
    check_aggregate(spec, columns)
    version.dataset = spec.dataset
    version.aggregation = spec.aggregation
    version.expression, version.filter = spec.expression.strip(), spec.filter.strip()
    version.subject, version.occasion = columns.get(spec.subject), columns.get(spec.occasion)
    version.at_least, version.percentile = spec.at_least, spec.percentile
    hourly = kpi.grain == GrainCode.HOUR and not spec.dataset.is_daily
    version.finest_grain = GrainCode.HOUR if hourly else GrainCode.DAY
    version.full_clean(exclude=["organization", "created_by"])
    version.save()
    KpiBreakdown.objects.bulk_create(_breakdown_rows(version, spec, columns))
    enqueue("metrics.recompute_dataset", organization_id=actor.organization_id, dataset_id=spec.dataset.pk)
    return version


def check_aggregate(spec: DefinitionSpec, columns: dict[str, DatasetColumn]) -> None:
    """Raise BadDefinition or BadExpression unless the definition can be counted from a dataset of these columns."""
    aggregation = spec.aggregation
    if aggregation not in Aggregation.values:
        raise BadDefinition(_("Choose how the rows become one value."), field="aggregation")
    if aggregation in NEEDS_EXPRESSION and not spec.expression.strip():
        raise BadDefinition(_("Say of which number."), field="expression")
    if aggregation in NEEDS_SUBJECT:
        _require_text(spec.subject, columns, "subject", _("Choose the property whose different values count."))
    if aggregation == Aggregation.REPEAT:
        _require_text(
            spec.occasion, columns, "occasion", _("Choose the property in which a value must occur repeatedly.")
        )
    if aggregation == Aggregation.PERCENTILE and spec.percentile is None:
        raise BadDefinition(_("Say which percentile, from 0 to 100."), field="percentile")
    if aggregation in NEEDS_EXPRESSION:
        check_row_expression(spec.expression, list(columns.values()), expected=Type.NUMBER, field="expression")
    if spec.filter.strip():
        check_row_expression(spec.filter, list(columns.values()), expected=Type.BOOLEAN, field="filter")


def _require_text(key: str, columns: dict[str, DatasetColumn], field_name: str, sentence: str) -> None:
    if key not in columns or columns[key].role not in (ColumnRole.DIMENSION, ColumnRole.DEPARTMENT):
        raise BadDefinition(sentence, field=field_name)


def _breakdown_rows(version: KpiVersion, spec: DefinitionSpec, columns: dict[str, DatasetColumn]) -> list[KpiBreakdown]:
    rows = []
    wanted: dict[frozenset[str], tuple[str, ...]] = {}
    for keys in spec.breakdowns:  # a pair the other way round splits no differently
        wanted.setdefault(frozenset(keys), tuple(dict.fromkeys(keys)))
    for keys in wanted.values():
        if not 1 <= len(keys) <= 2 or any(key not in columns or not columns[key].slot for key in keys):
            raise BadDefinition(_("A breakdown is one property or a pair of them."), field="breakdowns")
        first, second = columns[keys[0]], columns[keys[1]] if len(keys) == 2 else None
        if any(column.role == ColumnRole.MEASURE for column in (first, second) if column):
            raise BadDefinition(_("A breakdown is one property or a pair of them."), field="breakdowns")
        rows.append(KpiBreakdown(version=version, first=first, second=second))
        if second is None and first.role == ColumnRole.DEPARTMENT:
            rows.append(KpiBreakdown(version=version, first=first, by_department=True))
    if len(rows) > MOST_BREAKDOWNS:
        raise BadDefinition(
            _("A KPI has at most %(limit)d breakdowns.") % {"limit": MOST_BREAKDOWNS}, field="breakdowns"
        )
    return rows


def _add_formula(actor: Actor, version: KpiVersion, spec: DefinitionSpec) -> KpiVersion:
    kpis = check_formula(actor, spec, kpi_id=version.kpi_id)
    version.formula = spec.formula.strip()
    version.save()
    KpiOperand.objects.bulk_create(KpiOperand(version=version, kpi=kpi, name=name) for name, kpi in kpis.items())
    return version


def check_formula(actor: Actor, spec: DefinitionSpec, *, kpi_id: int | None = None) -> dict[str, Kpi]:
    """The KPIs that the formula of `kpi_id` (None: of a new KPI) names. Raises as `redefine_kpi` does."""
    try:
        node = parse(spec.formula)
        wanted = names(node)
        kpis = {kpi.key: kpi for kpi in Kpi.objects.visible_to(actor).filter(key__in=wanted)}
        known = Kpi.objects.visible_to(actor).exclude(pk=kpi_id).values_list("key", flat=True)
        check(node, dict.fromkeys(known, Type.NUMBER) | dict.fromkeys(kpis, Type.NUMBER), expected=Type.NUMBER)
    except ExpressionError as error:
        raise BadExpression(expression_sentence(error), field="formula", start=error.start, end=error.end) from error
    if not wanted:
        raise BadDefinition(_("A formula names at least one other KPI."), field="formula")
    _check_levels({kpi.pk for kpi in kpis.values()}, kpi_id)
    return kpis


def _check_levels(operands: set[int], kpi_id: int | None) -> None:
    """Refuse circles, and towers of formulas: whoever reads the uppermost computes all below it."""
    uses: dict[int, set[int]] = {}
    for user, used in KpiOperand.objects.values_list("version__kpi_id", "kpi_id"):
        uses.setdefault(user, set()).add(used)
    if kpi_id in reached(uses, operands):
        raise CircularFormula
    above = 1 if kpi_id is None else levels(turned(uses), [kpi_id], most=MOST_LEVELS)
    if above + levels(uses, operands, most=MOST_LEVELS) > MOST_LEVELS:
        raise BadDefinition(
            _("Formulas that use formulas go at most %(limit)d levels deep. Name the KPIs further down directly.")
            % {"limit": MOST_LEVELS},
            field="formula",
        )
