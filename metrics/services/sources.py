"""What a person does with a source: set it up, settle its columns, switch it on and off, change its secret, remove it.

Bringing rows in is the work of `webhooks` and `source_run`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from metrics.choices import RowKey, SourceKind
from metrics.engine.source_plan import SourcePlan
from metrics.engine.sql_text import BadQuery, read_query
from metrics.errors import BadSource, SourceState
from metrics.events import SOURCE_CHANGED, SOURCE_CREATED, SOURCE_REMOVED
from metrics.models import Dataset, DataSource, SourceDelivery, WaitingEvent
from metrics.queries.own_events import PLAN
from metrics.queries.source_words import EVENT_KINDS, QUERY_FAULTS
from metrics.services import datasets
from metrics.services.imports import free_key
from metrics.services.sealing import seal
from metrics.services.source_events import gather_past
from metrics.services.source_plans import check_plan, specs_of
from metrics.services.source_run import WAITING
from metrics.services.telling import source_works
from organization.access import Actor
from organization.errors import NotVisible
from organization.models import Organization
from organization.queue import enqueue
from organization.services import audit, events
from organization.services.references import next_reference
from organization.usecases import authorize, use_case

ADDRESS_BYTES = 24
OLD_SECRET_FOR = timedelta(hours=24)
MANAGE = "metrics.source.manage"
SENT_TO = ("host", "port", "user", "tls")
ASKS_ANEW = ("host", "port", "database", "query", "cursor")


@use_case(MANAGE)
def create_source(
    actor: Actor,
    organization: Organization,
    *,
    kind: str,
    name: str,
    name_zh: str = "",
    dataset: Dataset | None = None,
    settings: Mapping[str, Any],
    sample: Any = None,
    secret: str = "",
) -> DataSource:
    """A new source, which takes nothing before its columns are settled; own events begin at once.

    dataset: None makes one when the columns are settled. secret: what senders sign with, or the database's password.
    Raises BadSource.
    """
    if dataset is not None:
        _may_feed(actor, kind, dataset)
    source = DataSource(
        kind=kind,
        name=name,
        name_zh=name_zh,
        dataset=dataset,
        reference=next_reference("SRC"),
        made_by_id=actor.member_id,
    )
    source.settings = checked_settings(kind, settings)
    source.sealed = seal(secret) if secret else ""
    if kind == SourceKind.WEBHOOK:
        source.address = secrets.token_urlsafe(ADDRESS_BYTES)
        source.sample = {"body": sample} if sample is not None else {}
    elif kind == SourceKind.SQL:
        source.sample, source.next_run_at = {"state": WAITING}, timezone.now()
    source.save()
    audit.record(actor, "metrics.source.created", source, kind=kind)
    events.emit(actor, SOURCE_CREATED, source)
    if kind == SourceKind.EVENTS:
        return _settle(actor, source, PLAN)
    _nudge(source)
    return source


@use_case(MANAGE)
def change_source(
    actor: Actor, source: DataSource, *, name: str, name_zh: str = "", settings: Mapping[str, Any], secret: str = ""
) -> DataSource:
    """Other settings. Another query or database is looked at anew and read from its start. Raises BadSource.

    secret: empty keeps the one there is, for the same server and user: nobody sends it elsewhere without knowing it.
    """
    source = _locked(source)
    before, source.settings = source.settings, checked_settings(source.kind, settings)
    if source.sealed and not secret and any(before.get(key) != source.settings.get(key) for key in SENT_TO):
        raise BadSource(_("Enter the password again: it would go to another server or user."), field="password")
    source.name, source.name_zh = name, name_zh
    if secret:
        source.sealed = seal(secret)
    if source.kind == SourceKind.SQL and (secret or before != source.settings):
        source.lease_until, source.failures, source.problem = None, 0, ""
        source.next_run_at = timezone.now() if source.is_enabled else None
        if not source.plan or any(before[key] != source.settings[key] for key in ASKS_ANEW):
            source.cursor, source.next_run_at, source.sample = "", timezone.now(), {"state": WAITING}
    source.save()
    if source.kind == SourceKind.EVENTS and source.is_enabled:
        _begin(source)
    changed = sorted(key for key in source.settings if before.get(key) != source.settings[key])
    audit.record(actor, "metrics.source.changed", source, fields=[*changed, *(["secret"] if secret else [])])
    events.emit(actor, SOURCE_CHANGED, source)
    _nudge(source)
    return source


@use_case(MANAGE)
def look_again(actor: Actor, source: DataSource, *, sample: Any = None) -> DataSource:
    """Another sample to settle the columns by: the given body of a webhook, or the query's rows of now."""
    source = _locked(source)
    if source.kind == SourceKind.WEBHOOK and sample is not None:
        source.sample = {"body": sample}
    elif source.kind == SourceKind.SQL:
        source.sample, source.next_run_at, source.lease_until = {"state": WAITING}, timezone.now(), None
    else:
        raise SourceState
    source.save()
    _nudge(source)
    return source


@use_case(MANAGE)
def settle_plan(actor: Actor, source: DataSource, *, plan: SourcePlan) -> DataSource:
    """Settle what fills which column, make or extend the dataset, and switch the source on. Raises BadMapping."""
    source = _locked(source)
    if source.kind == SourceKind.EVENTS:
        raise SourceState
    return _settle(actor, source, plan)


@use_case(MANAGE)
def switch_source(actor: Actor, source: DataSource, *, is_enabled: bool) -> DataSource:
    """On, at once; or off, keeping everything. Raises SourceState before the columns are settled."""
    source = _locked(source)
    if not source.plan:
        raise SourceState(_("Settle the columns first."))
    if source.is_enabled != is_enabled:
        source.is_enabled = is_enabled
        _begin(source) if is_enabled else _stop(source)
        audit.record(actor, f"metrics.source.switched_{'on' if is_enabled else 'off'}", source)
        events.emit(actor, SOURCE_CHANGED, source)
    return source


@use_case(MANAGE)
def run_now(actor: Actor, source: DataSource) -> DataSource:
    """Ask at once, and not only when it is due. Raises SourceState for one that is off, or waits to be called."""
    source = _locked(source)
    if not source.is_enabled or source.kind == SourceKind.WEBHOOK:
        raise SourceState
    if source.kind == SourceKind.EVENTS:
        gather_past(source)
    source.next_run_at = timezone.now()
    source.save(update_fields=["next_run_at"])
    audit.record(actor, "metrics.source.run", source)
    _nudge(source)
    return source


@use_case(MANAGE)
def rotate_secret(actor: Actor, source: DataSource, *, secret: str) -> DataSource:
    """Senders sign with another secret from now on; the old one is good for a day more. Raises SourceState."""
    source = _locked(source)
    if source.kind != SourceKind.WEBHOOK:
        raise SourceState
    source.old_sealed, source.old_until = source.sealed, timezone.now() + OLD_SECRET_FOR
    source.sealed = seal(secret)
    source.save()
    audit.record(actor, "metrics.source.secret_changed", source)
    events.emit(actor, SOURCE_CHANGED, source)
    return source


@use_case(MANAGE)
def remove_source(actor: Actor, source: DataSource) -> None:
    """Take a source away with the list of its deliveries. The rows that it brought stay, and can be undone as imports."""
    source = _locked(source)
    audit.record(actor, "metrics.source.removed", source, dataset=source.dataset_id)
    events.emit(actor, SOURCE_REMOVED, source, dataset=source.dataset_id)
    WaitingEvent.objects.filter(source=source).delete()
    SourceDelivery.objects.filter(source=source).delete()
    source.delete()


def checked_settings(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, when they can work. Raises BadSource at the field."""
    found = dict(settings)
    if kind == SourceKind.EVENTS and not set(found["events"]) <= set(EVENT_KINDS):
        raise BadSource(_("There is no such event."), field="events")
    if kind == SourceKind.SQL:
        try:
            query = read_query(found["query"])
        except BadQuery as error:
            raise BadSource(QUERY_FAULTS[error.code], field="query") from error
        if query.is_incremental != bool(found["cursor"]):
            raise BadSource(
                _("Write :since into the query and name the column that it continues from, or neither."), field="cursor"
            )
    return found


def _settle(actor: Actor, source: DataSource, plan: SourcePlan) -> DataSource:
    check_plan(source, plan)
    if source.dataset is None:
        source.dataset = datasets.create_dataset(
            actor,
            Organization.objects.get(pk=actor.organization_id),
            name=source.name,
            name_zh=source.name_zh,
            key=free_key(source.name),
            columns=specs_of(plan),
            row_key=RowKey.COLUMNS if plan.paths("key") else RowKey.CONTENT,
            owner_id=actor.member_id,
        )
    else:
        _may_feed(actor, source.kind, source.dataset)
        known = set(source.dataset.columns.values_list("key", flat=True))
        if added := [spec for spec in specs_of(plan) if spec.key not in known]:
            datasets.extend_dataset(actor, source.dataset, columns=added)
    if source.plan and source.plan != plan.to_dict():
        source.cursor = ""  # rows that came before are asked for again, for what they now hold besides
    if source.sample.get("state") == WAITING:
        source.sample = {}
    source.plan, source.is_enabled = plan.to_dict(), True
    _begin(source)
    audit.record(actor, "metrics.source.settled", source, columns=[column.key for column in plan.columns])
    events.emit(actor, SOURCE_CHANGED, source)
    return source


def _begin(source: DataSource) -> None:
    source_works(source)
    source.stopped_at = source.lease_until = None
    source.failures, source.problem = 0, ""
    source.next_run_at = None if source.kind == SourceKind.WEBHOOK else timezone.now()
    source.save()
    if source.kind == SourceKind.EVENTS:
        gather_past(source)
    _nudge(source)


def _stop(source: DataSource) -> None:
    source.next_run_at = source.lease_until = None
    source.save()


def _locked(source: DataSource) -> DataSource:
    return DataSource.objects.select_for_update(of=("self",)).select_related("dataset__department").get(pk=source.pk)


def _may_feed(actor: Actor, kind: str, dataset: Dataset) -> None:
    """The dataset must be the actor's to see, within the reach of its right, and such that this kind can feed it."""
    if not Dataset.objects.visible_to(actor).filter(pk=dataset.pk).exists():
        raise NotVisible
    authorize(actor, MANAGE, DataSource(dataset=dataset))
    if kind == SourceKind.SQL and dataset.row_key != RowKey.COLUMNS:
        raise BadSource(
            _("Rows of this dataset have no key, so a query that is asked again would not know them."), field="dataset"
        )


def _nudge(source: DataSource) -> None:
    if source.next_run_at is not None:
        enqueue("metrics.run_source", organization_id=source.organization_id, source_id=source.pk)
