"""Reading sources: the list, one with its deliveries, and what its columns may be settled from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import ColumnRole, SourceKind
from metrics.engine.json_paths import MISSING, WHOLE, at, rows_of
from metrics.engine.source_guess import guess_body, guess_query
from metrics.engine.source_plan import SourceColumn, SourcePlan, plan_of
from metrics.models import Dataset, DatasetColumn, DataSource, SourceDelivery
from metrics.queries.source_words import worded_refusals
from ops_platform.web.status import Status
from organization.access import Actor
from organization.models.base import name_key

MOST_DELIVERIES = 50
EXAMPLES = 3
IGNORED = "ignore"


@dataclass(frozen=True)
class Line:
    """A place of the sample, what it may be, and what stands there."""

    column: SourceColumn
    examples: list[str]


def source_rows(actor: Actor) -> QuerySet[DataSource]:
    """The sources that the actor may see, with dataset and department."""
    return DataSource.objects.visible_to(actor).select_related("dataset__department", "made_by")


def sources_of(actor: Actor, dataset: Dataset) -> list[DataSource]:
    """The sources that feed the dataset, where the actor may see them."""
    return list(source_rows(actor).filter(dataset=dataset).order_by(name_key(), "pk"))


def deliveries_of(source: DataSource) -> list[SourceDelivery]:
    """The newest deliveries of a visible source."""
    newest = SourceDelivery.objects.filter(source=source).defer("refusals", "answer").order_by("-begun_at", "-pk")
    found = list(newest[:MOST_DELIVERIES])
    for delivery in found:
        delivery.source = source
    return found


def refusals_of(delivery: SourceDelivery) -> list[dict[str, Any]]:
    """What is wrong with the refused rows of a delivery, a line for each thing."""
    return worded_refusals(delivery.refusals, plan_of(delivery.source.plan))


def refused_rows(delivery: SourceDelivery) -> list[dict[str, Any]]:
    """The refused rows, one line each: row, reasons together, and the row as it was sent."""
    plan = plan_of(delivery.source.plan)
    found = []
    for refusal in delivery.refusals:
        lines = worded_refusals([refusal], plan)
        reasons = [f"{line['column']}: {line['reason']}" if line["column"] else line["reason"] for line in lines]
        found.append({"row": refusal["row"], "reason": " ".join(reasons), "sent": refusal["sent"]})
    return found


def status_of(source: DataSource) -> Status:
    """How a source stands, as shape and word."""
    if not source.plan:
        return Status("watch", _("Columns to settle"))
    if source.stopped_at and not source.is_enabled:
        return Status("bad", _("Switched off after failures"))
    if not source.is_enabled:
        return Status("neutral", _("Switched off"))
    return Status("watch", _("Failing")) if source.problem else Status("good", _("Working"))


def is_waiting(source: DataSource) -> bool:
    """Whether a worker has still to look at the query."""
    return bool(source.kind == SourceKind.SQL and source.sample.get("state") == "waiting")


def has_sample(source: DataSource) -> bool:
    """Whether there is something to settle columns by."""
    return bool(source.plan) or "body" in source.sample or "names" in source.sample


def proposed_plan(source: DataSource) -> SourcePlan:
    """The settled plan with what else the sample has, ignored; before that, the likeliest one."""
    guess = _fitted(_guess(source), source.dataset)
    if not source.plan:
        return guess
    settled = plan_of(source.plan)
    taken = {column.path for column in settled.columns}
    others = tuple(replace(column, role=IGNORED) for column in guess.columns if column.path not in taken)
    return replace(settled, columns=(*settled.columns, *others))


def lines_of(source: DataSource, plan: SourcePlan) -> list[Line]:
    """The plan's columns, each with what the sample has there."""
    if source.kind == SourceKind.SQL:
        names = source.sample.get("names", [])
        rows = [dict(zip(names, row, strict=True)) for row in source.sample.get("rows", [])]
        return [Line(column, _shown(row.get(column.path) for row in rows)) for column in plan.columns]
    body = source.sample.get("body")
    rows = [row for row in rows_of(body, plan.rows_at) or [] if isinstance(row, dict)]
    found = []
    for column in plan.columns:
        places = [body] if column.path.startswith(WHOLE) else rows
        found.append(Line(column, _shown(at(place, column.path.removeprefix(WHOLE)) for place in places)))
    return found


def _guess(source: DataSource) -> SourcePlan:
    if source.kind == SourceKind.SQL:
        names = source.sample.get("names", [])
        return guess_query(names, [dict(zip(names, row, strict=True)) for row in source.sample.get("rows", [])])
    return guess_body(source.sample["body"]) if "body" in source.sample else SourcePlan()


def _fitted(plan: SourcePlan, dataset: Dataset | None) -> SourcePlan:
    """The plan with the meaning that the dataset's columns have already; what it has none for is left out at first."""
    if dataset is None:
        return plan
    existing: dict[str, DatasetColumn] = {column.key: column for column in dataset.columns.all()}
    by_role = {role: [c for c in existing.values() if c.role == role] for role in (ColumnRole.INSTANT, ColumnRole.KEY)}
    taken: set[str] = set()
    columns = []
    for column in plan.columns:
        match = existing.get(column.key)
        alike = by_role.get(ColumnRole(column.role), []) if column.role in ColumnRole.values else []
        if match is None and len(alike) == 1 and alike[0].key not in {c.key for c in plan.columns}:
            match = alike[0]
        if match is None or match.expression or match.key in taken:
            columns.append(replace(column, role=IGNORED))
            continue
        taken.add(match.key)
        columns.append(replace(column, role=match.role, key=match.key, name=match.name, unit=match.unit))
    return replace(plan, columns=tuple(columns))


def _shown(values: Any) -> list[str]:
    texts = [str(value)[:40] for value in values if value is not MISSING and value is not None]
    return list(dict.fromkeys(texts))[:EXAMPLES]


def old_secret_left(source: DataSource) -> Any:
    """Until when the last secret is good beside the new one; None when it is not any more."""
    return source.old_until if source.old_until and source.old_until > timezone.now() else None
