"""Starter kits: recognise what a dataset holds by its columns, and define the KPIs and the dashboard for it at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from metrics.choices import ColumnRole
from metrics.engine.expressions.tokens import is_plain_name
from metrics.errors import BadDefinition, KitApplied, UnknownKit
from metrics.kits import KITS, DerivedRecipe, Kit, KpiRecipe, Wording
from metrics.models import Dashboard, Dataset, DatasetColumn, DimensionValue, Kpi
from metrics.services.dashboards import PanelSpec, create_dashboard
from metrics.services.datasets import ColumnSpec, extend_dataset
from metrics.services.kpis import DefinitionSpec, create_kpi
from organization.access import Actor
from organization.engine.named_ranges import NamedRange
from organization.models import Organization
from organization.services import audit
from organization.usecases import use_case

RECENT = timedelta(days=45)
CANCELLED = "C"
TRUE_WORDS = ("true", "yes", "y", "1", "是", "已成交", "成交")


@dataclass(frozen=True)
class KitSuggestion:
    """A kit that fits a dataset. columns: part of the kit -> key of the column; kpis: names of what it would define."""

    kit: str
    title: Any
    columns: dict[str, str]
    kpis: list[str]


@dataclass(frozen=True)
class Term:
    """A condition that was worked out from the data, and the sentence that says what it means."""

    expression: str
    words: Wording


@dataclass
class _Plan:
    """A kit applied to one dataset's columns."""

    kit: Kit
    columns: dict[str, str]
    prefix: str
    terms: dict[str, Term] = field(default_factory=dict)

    def fill(self, template: str) -> str:
        """The expression over the dataset's own names."""
        names = {part: quoted(key) for part, key in self.columns.items()}
        names |= {name: term.expression for name, term in self.terms.items()}
        names |= {recipe.key: f"{self.prefix}{recipe.key}" for recipe in self.kit.kpis}
        return template.format_map(names) if template else ""

    def recipes(self) -> list[KpiRecipe]:
        """The KPIs whose parts and operands are there, operands first."""
        known = set(self.columns) | set(self.terms)
        found: dict[str, KpiRecipe] = {}
        for recipe in self.kit.kpis:
            if set(recipe.needs) <= known and set(recipe.operands) <= found.keys():
                found[recipe.key] = recipe
        return list(found.values())


def suggest_kits(dataset: Dataset) -> list[KitSuggestion]:
    """The kits whose needs the dataset's columns meet and that were not applied to it yet."""
    columns = list(dataset.columns.all())
    found = []
    for kit in KITS.values():
        chosen = recognised(kit, columns)
        if _meets(kit, chosen) and not is_applied(dataset, kit):
            names = [_shown(recipe.name) for recipe in _plan(dataset, kit, chosen).recipes()]
            found.append(KitSuggestion(kit.key, kit.title, chosen, names))
    return found


def is_applied(dataset: Dataset, kit: Kit) -> bool:
    """Whether the kit's first KPI is defined on this dataset."""
    keys = [f"{prefix}{kit.kpis[0].key}" for prefix in ("", _own_prefix(dataset))]
    return Kpi.objects.filter(key__in=keys, versions__dataset=dataset).exists()


def recognised(kit: Kit, columns: Iterable[DatasetColumn]) -> dict[str, str]:
    """Part -> key of the column that its names speak for. No column stands for two parts."""
    candidates = list(columns)
    chosen: dict[str, str] = {}
    for part in kit.parts:
        fitting = [c for c in candidates if c.role in part.roles and c.key not in chosen.values()]
        column = next((c for word in part.words for c in fitting if _is_called(c, word)), None)
        if column is not None:
            chosen[part.key] = column.key
    return chosen


@use_case("metrics.kpi.edit")
def apply_kit(actor: Actor, dataset: Dataset, *, kit: str, columns: Mapping[str, str]) -> Dashboard:
    """Define the kit's KPIs on the dataset and a dashboard that shows them.

    columns: part -> column key, as `suggest_kits` found them or a person corrected them; parts without a column are
    left out. Raises UnknownKit, KitApplied, BadDefinition when a needed part is missing or a column cannot be it.
    """
    dataset = Dataset.objects.select_for_update(of=("self",)).get(pk=dataset.pk)
    found = KITS.get(kit)
    if found is None:
        raise UnknownKit
    if is_applied(dataset, found):
        raise KitApplied
    plan = _plan(dataset, found, _checked(found, dataset, columns))
    for recipe in _derivations(plan):
        _derive(actor, dataset, plan, recipe)
    kpis = _define(actor, dataset, plan)
    dashboard = _lay_out(actor, dataset, plan, kpis)
    audit.record(actor, "metrics.kit.applied", dataset, kit=kit, columns=plan.columns, dashboard=dashboard.pk)
    return dashboard


def _plan(dataset: Dataset, kit: Kit, columns: Mapping[str, str]) -> _Plan:
    plan = _Plan(kit, dict(columns), _free_prefix(dataset, kit))
    for name in kit.terms:
        term = TERMS[name](dataset, plan)
        if term is not None:
            plan.terms[name] = term
    for recipe in _derivations(plan):  # named already, so that what rests on them counts as possible
        plan.columns[recipe.part] = recipe.key
    return plan


def _checked(kit: Kit, dataset: Dataset, columns: Mapping[str, str]) -> dict[str, str]:
    """The chosen columns that exist, each able to be its part. Raises BadDefinition."""
    by_key = {column.key: column for column in dataset.columns.all()}
    chosen = {}
    for part in kit.parts:
        key = columns.get(part.key, "")
        if key and (key not in by_key or by_key[key].role not in part.roles):
            raise BadDefinition(_("This column cannot be that."), field=part.key)
        if key:
            chosen[part.key] = key
    if not _meets(kit, chosen):
        raise BadDefinition(_("Choose more columns: from these the kit can compute nothing."))
    return chosen


def _meets(kit: Kit, columns: Mapping[str, str]) -> bool:
    return any(set(needed) <= columns.keys() for needed in kit.needs)


def _derivations(plan: _Plan) -> list[DerivedRecipe]:
    """The measures to derive: those whose parts are there and whose own column is not."""
    return [
        recipe
        for recipe in plan.kit.derived
        if set(recipe.needs) <= plan.columns.keys() and plan.columns.get(recipe.part, recipe.key) == recipe.key
    ]


def _derive(actor: Actor, dataset: Dataset, plan: _Plan, recipe: DerivedRecipe) -> None:
    spec = ColumnSpec(
        recipe.key,
        ColumnRole.MEASURE,
        name=recipe.name.en,
        name_zh=recipe.name.zh,
        unit=recipe.unit,
        expression=plan.fill(recipe.expression),
    )
    extend_dataset(actor, dataset, columns=[spec])


def _define(actor: Actor, dataset: Dataset, plan: _Plan) -> dict[str, Kpi]:
    organization = Organization.objects.get(pk=dataset.organization_id)
    splits = tuple((plan.columns[part],) for part in plan.kit.splits if part in plan.columns)
    kpis = {}
    for recipe in plan.recipes():
        definition = DefinitionSpec(
            dataset=None if recipe.formula else dataset,
            aggregation="" if recipe.formula else recipe.aggregation,
            expression=plan.fill(recipe.expression),
            filter=plan.fill(recipe.filter),
            subject=plan.columns.get(recipe.subject.strip("{}"), ""),
            occasion=plan.columns.get(recipe.occasion.strip("{}"), ""),
            formula=plan.fill(recipe.formula),
            breakdowns=() if recipe.formula else splits,
        )
        kpis[recipe.key] = create_kpi(
            actor,
            organization,
            name=recipe.name.en,
            name_zh=recipe.name.zh,
            key=f"{plan.prefix}{recipe.key}",
            definition=definition,
            description=_explained(plan, recipe, organization.language),
            unit=recipe.unit,
            decimals=recipe.decimals,
            direction=recipe.direction,
            grain=recipe.grain,
            owner_id=actor.member_id,
            department=dataset.department,
        )
    return kpis


def _explained(plan: _Plan, recipe: KpiRecipe, language: str) -> str:
    """Why it is measured, with the meaning of every condition that it or one of its operands rests on."""
    by_key = {other.key: other for other in plan.kit.kpis}
    needs = {need for key in (recipe.key, *recipe.operands) for need in by_key[key].needs}
    terms = [term for name, term in plan.terms.items() if name in needs]
    return " ".join(text.in_language(language) for text in (recipe.why, *(term.words for term in terms)))


def _lay_out(actor: Actor, dataset: Dataset, plan: _Plan, kpis: Mapping[str, Kpi]) -> Dashboard:
    columns = {column.key: column for column in dataset.columns.all()}
    panels = []
    for recipe in plan.kit.panels:
        split = next((plan.columns[part] for part in recipe.by if part in plan.columns), None)
        if recipe.kpi in kpis and (split or not recipe.by):
            panels.append(PanelSpec(kpis[recipe.kpi], recipe.kind, columns[split] if split else None))
    return create_dashboard(
        actor,
        Organization.objects.get(pk=dataset.organization_id),
        name=f"{plan.kit.name.en}: {dataset.name}"[:200],
        name_zh=f"{plan.kit.name.zh}：{dataset.name_zh or dataset.name}"[:200],
        panels=panels,
        owner_id=actor.member_id,
        department=dataset.department,
        default_period=default_period(dataset, as_of=timezone.now()),
    )


def default_period(dataset: Dataset, *, as_of: datetime) -> str:
    """The quarter of a year that people act on; for data that came to an end, its last year."""
    is_recent = dataset.last_at is None or as_of - dataset.last_at < RECENT
    return NamedRange.LAST_90_DAYS if is_recent else NamedRange.LAST_12_MONTHS


def quoted(key: str) -> str:
    """The key as expressions name it."""
    return key if is_plain_name(key) else f"`{key}`"


def _free_prefix(dataset: Dataset, kit: Kit) -> str:
    """Nothing, or the dataset's own key where another KPI has one of the kit's keys already."""
    taken = Kpi.objects.filter(key__in=[recipe.key for recipe in kit.kpis]).exists()
    return _own_prefix(dataset) if taken else ""


def _own_prefix(dataset: Dataset) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", dataset.key.lower()).strip("_")[:30]
    return f"{plain}_" if plain[:1].isalpha() else f"d{dataset.pk}_"


def _return_term(dataset: Dataset, plan: _Plan) -> Term | None:
    """A negative quantity (or amount) is a return; so is a "C" before an order number, where some but not most have it."""
    measure = plan.columns.get("quantity") or plan.columns.get("amount")
    if measure is None or "order" not in plan.columns:
        return None
    of = ("quantity", "数量") if "quantity" in plan.columns else ("amount", "金额")
    negative = f"{quoted(measure)} < 0"
    if not _marks_cancellations(dataset, plan.columns["order"]):
        words = Wording(f"A return is a line with a negative {of[0]}.", f"退货指{of[1]}为负的行。")
        return Term(negative, words)
    words = Wording(
        f"A return is a line with a negative {of[0]}, or whose order number begins with C.",
        f"退货指{of[1]}为负、或订单号以 C 开头的行。",
    )
    return Term(f'{negative} or starts_with({quoted(plan.columns["order"])}, "{CANCELLED}")', words)


def _marks_cancellations(dataset: Dataset, order_key: str) -> bool:
    numbers = DimensionValue.objects.filter(column__dataset=dataset, column__key=order_key)
    marked = numbers.filter(value__regex=rf"^{CANCELLED}[0-9]").count()
    return 0 < marked * 2 < numbers.count()


def _bought_term(dataset: Dataset, plan: _Plan) -> Term | None:
    """What "bought" looks like: a number above 0, or a word that says yes."""
    key = plan.columns.get("bought")
    if key is None:
        return None
    words = Wording("A visit bought when its row says so.", "行中标明成交的访问计为成交。")
    if DatasetColumn.objects.get(dataset=dataset, key=key).role == ColumnRole.MEASURE:
        return Term(f"{quoted(key)} > 0", words)
    options = ", ".join(f'"{word}"' for word in TRUE_WORDS)
    return Term(f"lower({quoted(key)}) in ({options})", words)


TERMS = {"is_return": _return_term, "has_bought": _bought_term}


def _is_called(column: DatasetColumn, word: str) -> bool:
    names = {_plain(name) for name in (column.key, column.name, column.name_zh) if name}
    if word.startswith("*"):
        return any(word[1:] in name for name in names)
    return word in names


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def _shown(wording: Wording) -> str:
    return wording.in_language(get_language() or "en")
