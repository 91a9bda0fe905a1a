"""Actions on more rows than one request may take: asked for in a request, done by a worker in small transactions.

A transaction holds a few rows and how far the run is then, so a worker that is killed has done all of them or none, and
the next one goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from organization.access import Actor, system_actor
from organization.choices import JobStatus
from organization.errors import DomainError
from organization.models import BulkRun, Member, Organization, User
from organization.queries.actors import actor_for, member_of
from organization.queue import enqueue
from organization.services import audit, notices
from organization.tenancy import tenant_transaction
from organization.usecases import use_case

TASK = "ops_platform.run_bulk"
AT_A_TIME = 20
SECONDS = 40.0
OPEN = (JobStatus.WAITING, JobStatus.RUNNING)

Apply = Callable[[Actor, int], object]
Prepare = Callable[[Actor, BulkRun], Apply]


@use_case("organization.home.view")
def start_bulk(
    actor: Actor,
    organization: Organization,
    *,
    list_name: str,
    act: str,
    label: str,
    query: str,
    facts: dict[str, list[str]],
    row_ids: Sequence[int],
) -> BulkRun:
    """Have a worker do `act` of the list to these rows. What the actor may do to each is asked when its turn comes."""
    run = BulkRun.objects.create(
        list_name=list_name,
        act=act,
        label=label[:150],
        query=query[:2000],
        facts=facts,
        row_ids=list(row_ids),
        started_by_id=actor.member_id,
    )
    audit.record(actor, "organization.bulkrun.started", run, list=list_name, act=act, rows=run.total)
    enqueue(TASK, organization_id=actor.organization_id, run_id=run.pk)
    return run


def work_off(organization_id: int, run_id: int, prepare: Prepare) -> bool:
    """Do a run for SECONDS at most, a few rows a transaction, in the language of who asked; whether there is more to do."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        with tenant_transaction(organization_id):
            people = BulkRun.objects.filter(pk=run_id).values("started_by__user_id")
            person = User.objects.filter(pk__in=people).first()
            language, zone = (person.language, person.timezone) if person else ("", "")
            with translation.override(language or translation.get_language()), timezone.override(zone or None):
                if not do_some(run_id, prepare, as_of=timezone.now()):
                    return False
    return True


def do_some(run_id: int, prepare: Prepare, *, as_of: datetime) -> bool:
    """Do the next rows in this transaction, each in its own savepoint; whether there are more.

    prepare: what is done to a row, from the actor with their rights of this moment; a DomainError refuses everything that
    is left. While another worker holds the run, nothing is done.
    """
    run = BulkRun.objects.select_for_update(skip_locked=True).filter(pk=run_id, status__in=OPEN).first()
    if run is None:
        return False
    actor = _starter(run)
    if actor is None:
        return _end(run, JobStatus.FAILED, as_of)
    try:
        apply = prepare(actor, run)
    except (DomainError, LookupError) as error:
        run.error = str(error) if isinstance(error, DomainError) else ""
        return _end(run, JobStatus.FAILED, as_of)
    for pk in run.row_ids[run.position : run.position + AT_A_TIME]:
        try:
            with transaction.atomic():
                apply(actor, pk)
        except DomainError as error:
            run.refusals.append([pk, error.row_name, str(error)])
        run.position += 1
    if run.position >= run.total:
        return _end(run, JobStatus.DONE, as_of)
    run.status = JobStatus.RUNNING
    run.save(update_fields=["position", "refusals", "status"])
    return True


def _starter(run: BulkRun) -> Actor | None:
    """Who asked, with their rights of this moment; None for somebody who has left."""
    member = Member.objects.filter(pk=run.started_by_id, is_active=True, user__is_active=True).first()
    found = member_of(member.user_id) if member else None
    return actor_for(found) if found else None


def _end(run: BulkRun, status: JobStatus, as_of: datetime) -> bool:
    run.status, run.finished_at = status, as_of
    run.save(update_fields=["position", "refusals", "status", "error", "finished_at"])
    actor = system_actor(run.organization_id, "bulk")
    audit.record(actor, "organization.bulkrun.ended", run, done=run.changed, refused=len(run.refusals))
    notices.tell(
        actor,
        kind="organization.bulk_ended",
        recipients=[run.started_by],
        subject=run,
        facts={"what": run.label, "done": run.changed, "refused": len(run.refusals)},
        dedupe=f"bulk:{run.pk}",
        url=reverse("organization:bulk-detail", args=[run.pk]),
    )
    return False
