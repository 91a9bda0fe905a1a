"""Row 5: ticking a step against a plain transaction with an audit row; one's own steps among many runs; a plan's runs."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.measuring import Result, in_turn, ratio_of
from benchmarks.rows.pages import floor_client, floor_poster, member_of, signed_in
from benchmarks.world import World
from organization.access import Actor
from organization.models import Member
from organization.queries.actors import actor_for
from organization.queries.actors import member_of as membership
from organization.tenancy import tenant_transaction
from processes.choices import ChangeClass
from processes.models import Run, RunStep, Sop
from processes.services import plans, runs, sops, versions

ROUNDS = 60
STEPS, OWN, AMONG, PLANNED = 30, 200, 100_000, 1_000
UNCOUNTED = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
# Runs that have ended, each with one step, as copies of one: what lies around is large, what is open is not
COPIES = """
WITH made AS (
  INSERT INTO processes_run ({run_columns}, reference, state, finished_at)
  SELECT {run_columns}, 'OLD-' || i, 'finished', started_at + interval '1 hour'
    FROM processes_run, generate_series(1, %s) i WHERE id = %s RETURNING id)
INSERT INTO processes_runstep ({step_columns}, run_id, state, is_live, finished_at)
SELECT {step_columns}, made.id, 'done', false, opened_at + interval '1 minute'
  FROM made, processes_runstep step WHERE step.id = %s
"""
COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name = %s AND column_name <> ALL(%s) AND is_generated = 'NEVER'
"""


def ticking(world: World) -> list[Result]:
    """A step done in the browser: its answer, what it asks the database, and how long it takes beside a plain tick."""
    with tenant_transaction(world.organization.pk):
        owner = Member.objects.get(user=world.owner)
        actor = _actor(owner)
        sop = _procedure(world, actor)
        rows = runs.begin(actor, sop, [runs.Start() for _ in range(1 + OWN // STEPS)])
        _copies(rows[0])
        steps = list(RunStep.objects.filter(run__in=rows).order_by("run_id", "position").values_list("pk", flat=True))
    with world.cursor() as cursor:
        cursor.execute("ANALYZE processes_run; ANALYZE processes_runstep")
    product, floor = member_of(world), floor_client(world)
    mine = "/processes/my/"
    plain, own = in_turn(lambda: floor("/page/"), lambda: product(mine), rounds=ROUNDS, warm_up=5)
    asked = _statements(lambda: product(mine))
    tick, places = _tick(world), iter(steps)
    few = _statements(lambda: tick(next(places)))
    answer = tick(next(places))
    plainly, ticked = in_turn(floor_poster(world), lambda: tick(next(places)), rounds=ROUNDS, warm_up=5)
    started = _planned(world, actor, sop)
    return [
        Result(5, "ticking a step", plainly.median, ticked.median, ratio=ratio_of(ticked, plainly), limit="<= 1.5"),
        Result(5, "statements of a tick", ratio=few, limit="<= 10"),
        Result(5, "bytes of its answer", ratio=len(answer.content), limit="<= 2000"),
        Result(
            5,
            f"my steps: {OWN} open among {AMONG:,} runs",
            plain.median,
            own.median,
            ratio=ratio_of(own, plain),
            limit="<= 1.5",
            facts={"statements": asked},
        ),
        Result(5, f"{PLANNED:,} runs of {STEPS} steps by a plan", product=started, unit="steps per second"),
    ]


def _actor(member: Member) -> Actor:
    found = membership(member.user_id)
    assert found is not None
    return actor_for(found)


def _procedure(world: World, actor: Actor) -> Sop:
    """A SOP of 30 steps in force, all of them the starter's."""
    steps = [{"key": f"s{place}", "title": f"Step {place}", "minutes": 5} for place in range(STEPS)]
    content = {"sections": [{"key": "all", "title": "All", "steps": steps}]}
    sop = sops.make_sop(actor, world.organization, name="Bench", content=content)
    version = sop.versions.get()
    versions.submit_for_review(actor, version, change_class=ChangeClass.MAJOR, reason="First")
    versions.approve_version(world.actor, version, change_class=ChangeClass.MAJOR)
    return Sop.objects.get(pk=sop.pk)


def _copies(run: Run) -> None:
    step = run.steps.order_by("position").first()
    assert step is not None
    with connection.cursor() as inside:
        inside.execute(COLUMNS, ["processes_run", ["id", "reference", "state", "finished_at"]])
        (run_columns,) = inside.fetchone()
        inside.execute(COLUMNS, ["processes_runstep", ["id", "run_id", "state", "is_live", "finished_at"]])
        (step_columns,) = inside.fetchone()
        inside.execute(COPIES.format(run_columns=run_columns, step_columns=step_columns), [AMONG, run.pk, step.pk])


def _tick(world: World) -> Any:
    """What finishes a step as its page does, under a number of its own."""
    client = signed_in(world)

    def tick(step: int) -> Any:
        answer = client.post(f"/processes/steps/{step}/save/", {"finish": "1", "operation": str(uuid.uuid4())})
        if answer.status_code != 302:
            raise RuntimeError(f"Step {step} answered {answer.status_code}.")
        return answer

    return tick


def _planned(world: World, actor: Actor, sop: Sop) -> float:
    """Steps per second of a plan that starts 1,000 runs in one go."""
    with tenant_transaction(world.organization.pk):
        rule = {"rrule": "FREQ=DAILY", "at": "00:00", "starts_on": timezone.localdate().isoformat()}
        plan = plans.make_plan(actor, sop, name="All at once", rule=rule, runs_each=PLANNED)
    begun = time.perf_counter()
    as_of = timezone.now() + timedelta(days=1, minutes=1)
    made = plans.run_plan(organization_id=world.organization.pk, plan_id=plan.pk, as_of=as_of)
    assert made >= PLANNED, made
    return made * STEPS / (time.perf_counter() - begun)


def _statements(work: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        work()
    return sum(not query["sql"].startswith(UNCOUNTED) for query in seen.captured_queries)
