"""One number with what it is made of: its rows, or the numbers that its formula names."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from metrics.choices import KpiKind
from metrics.models import DatasetColumn, Kpi, KpiVersion
from metrics.queries.dashboard_filter import facts_of
from metrics.queries.definition_words import definition_words
from metrics.queries.figures import rows_url
from metrics.queries.panel_cohort import cohort_count
from metrics.queries.periods import full_label
from metrics.queries.reader import Reader
from metrics.queries.rows_behind import Cut, Recomputed, RowsBehind, dimension_texts, row_columns, rows_behind
from metrics.queries.units import unit_of, written_unit
from metrics.queries.windows import Ask, Slice, Split, Window
from ops_platform.web import formats
from ops_platform.web.columns import Column
from ops_platform.web.formats import Unit
from organization.access import Actor, can
from organization.engine.periods import Period, PeriodRule, period_of
from organization.errors import NotVisible
from organization.models import Department


@dataclass(frozen=True)
class Operand:
    """A KPI that a formula names. url: its rows, its page, or empty where the actor may not see it."""

    name: str
    label: str
    value_text: str
    url: str


@dataclass(frozen=True)
class NumberPage:
    """value: as charts show it; recomputed: from `rows`, the very rows listed. facts: (property, value) of the slice."""

    kpi: Kpi
    unit: Unit
    version: KpiVersion
    period: Period
    period_label: str
    words: str
    facts: list[tuple[str, str]]
    value: Decimal | None
    rows: RowsBehind | None
    columns: list[Column]
    recomputed: Recomputed | None
    operands: list[Operand]

    @property
    def value_text(self) -> str:
        return formats.in_unit(self.value, self.unit)

    @property
    def recomputed_text(self) -> str:
        return formats.in_unit(self.recomputed.value, self.unit) if self.recomputed else ""

    @property
    def is_equal(self) -> bool:
        """Whether charts and rows agree; they differ for the moments in which new rows are being rolled up."""
        return self.recomputed is not None and self.recomputed.value == self.value


def number_page(
    actor: Actor, kpi: Kpi, reader: Reader, period: Period, cut: Cut | None, *, rule: PeriodRule, currency: str
) -> NumberPage:
    """The number of a KPI in a period, whole or of a slice. The caller has checked `metrics.kpi.view_rows` on the KPI.

    reader: has the KPI. Raises NotVisible where no definition is in force, or where the cut names another dataset's
    columns or a department that the actor may not see.
    """
    version = reader.in_force_on(kpi.pk, period)
    if version is None:
        raise NotVisible
    department = _department(actor, cut)
    unit = unit_of(kpi, currency)
    ask = _ask(kpi, period, cut)
    reader.load([ask])
    value = _value(reader, ask, cut)
    label = full_label(period, rule)
    if version.kind == KpiKind.FORMULA:
        operands = _operands(actor, reader, version, period, cut, currency)
        words = definition_words(version, {})
        return NumberPage(kpi, unit, version, period, label, words, [], value, None, [], None, operands)
    columns = list(DatasetColumn.objects.filter(dataset=version.dataset_id))
    _refuse_foreign(columns, cut)
    found = rows_behind(version, columns, period, cut)
    facts = _facts(columns, cut, department)
    if cut is not None and cut.cohort is not None:
        # Not the KPI's own number: how many of those that came first together were there again
        value, unit = Decimal(cohort_count(version, columns, period, cut)), Unit()
        who = next(column.display_name for column in columns if column.pk == cut.cohort.column_id)
        born = full_label(period_of(period.grain, cut.cohort.start, rule), rule)
        facts = [*facts, (_("Different values of"), who), (_("First in"), born)]
    return NumberPage(
        kpi=kpi,
        unit=unit,
        version=version,
        period=period,
        period_label=label,
        words=definition_words(version, {column.pk: column.display_name for column in columns}),
        facts=facts,
        value=value,
        rows=found,
        columns=row_columns(found, lambda code: written_unit(code, None, currency)),
        recomputed=found.recomputed(),
        operands=[],
    )


def cut_facts(cut: Cut | None) -> dict[str, object]:
    """How an address names a cut."""
    if cut is None:
        return {}
    if cut.terms:
        return facts_of(cut.where())
    if cut.department_column is not None:
        return {"tree": cut.department_column, "department": cut.department_id}
    facts: dict[str, object] = {}
    for number, (column_id, code) in enumerate(cut.keys, 1):
        tail = "" if number == 1 else str(number)
        facts |= {f"column{tail}": column_id, f"key{tail}": code}
    return facts


def _ask(kpi: Kpi, period: Period, cut: Cut | None) -> Ask:
    window = Window((period,))
    if cut is None or (not cut.keys and cut.department_column is None and not cut.terms):
        return Ask(kpi.pk, window)
    if cut.terms:
        return Ask(kpi.pk, window, cut.where())
    if cut.department_column is not None:
        return Ask(kpi.pk, window, Slice(cut.department_column, cut.department_id or 0, by_department=True))
    (column_id, code), *more = cut.keys
    if not more:
        return Ask(kpi.pk, window, Slice(column_id, code))
    return Ask(kpi.pk, window, Slice(column_id, code), Split(more[0][0]))


def _value(reader: Reader, ask: Ask, cut: Cut | None) -> Decimal | None:
    if ask.split is None or cut is None:
        return reader.series(ask).values[0]
    wanted = cut.keys[1][1]
    return next((part.value for part in reader.parts(ask) or [] if part.key1 == wanted), None)


def _refuse_foreign(columns: list[DatasetColumn], cut: Cut | None) -> None:
    if cut is None:
        return
    known = {column.pk for column in columns if column.slot.startswith("d")}
    named = {column_id for column_id, _code in cut.keys} | {cut.department_column} - {None}
    named |= {cut.cohort.column_id} if cut.cohort else set()
    if not named <= known or any(term.of(known) is None for term in cut.terms):
        raise NotVisible


def _department(actor: Actor, cut: Cut | None) -> Department | None:
    """The department whose subtree is cut out. Raises NotVisible for one that does not exist for the actor."""
    if cut is None or cut.department_column is None:
        return None
    department = Department.objects.visible_to(actor).filter(pk=cut.department_id).first()
    if department is None:
        raise NotVisible
    return department


def _facts(columns: list[DatasetColumn], cut: Cut | None, department: Department | None) -> list[tuple[str, str]]:
    if cut is None:
        return []
    names = {column.pk: column.display_name for column in columns}
    if department is not None and cut.department_column is not None:
        return [(names[cut.department_column], department.display_name)]
    held = [(term, *pair) for term in cut.where().terms if (pair := term.of(names)) is not None]
    wanted: dict[int, set[int]] = {}
    for _term, column_id, codes in held:
        wanted.setdefault(column_id, set()).update(codes)
    texts = dimension_texts(wanted)
    facts = []
    for term, column_id, codes in held:
        listed = formats.listed(texts.get((column_id, code), "") or _("(none)") for code in codes)
        facts.append((names[column_id], _("none of %(names)s") % {"names": listed} if term.is_other else listed))
    return facts


def _operands(
    actor: Actor, reader: Reader, version: KpiVersion, period: Period, cut: Cut | None, currency: str
) -> list[Operand]:
    rows = version.operand_rows  # type: ignore[attr-defined]  # annotated
    kpis = {
        kpi.pk: kpi
        for kpi in Kpi.objects.visible_to(actor)
        .filter(pk__in=[row["kpi"] for row in rows])
        .select_related("department")
    }
    asks = {pk: _ask(kpi, period, cut) for pk, kpi in kpis.items()}
    reader.load(asks.values())
    made = []
    for row in sorted(rows, key=lambda row: row["name"]):
        kpi = kpis.get(row["kpi"])
        if kpi is None:
            made.append(Operand(row["name"], _("A KPI you may not see"), "", ""))
            continue
        value = formats.in_unit(_value(reader, asks[kpi.pk], cut), unit_of(kpi, currency))
        url = reverse("metrics:kpi-detail", args=[kpi.pk])
        if can(actor, "metrics.kpi.view_rows", kpi):
            url = rows_url(reverse("metrics:kpi-rows", args=[kpi.pk]), period, **cut_facts(cut))
        made.append(Operand(row["name"], kpi.display_name, value, url))
    return made
