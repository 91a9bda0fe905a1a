"""Runs as a whole: whose id from elsewhere it is, and what is still open when one is cancelled."""

from __future__ import annotations

import pytest

from organization.access import Actor
from organization.models import AuditEntry, Organization
from processes.choices import AndonState
from processes.errors import OtherRun
from processes.models import AndonCall, Run
from processes.services import andon
from processes.services.runs import Start, cancel_run, start_run
from tests.factories.processes import in_force, step, text

pytestmark = pytest.mark.django_db


def test_p14_an_id_from_elsewhere_is_one_run_of_one_sop(owner: Actor, scope: Organization) -> None:
    first, second = in_force(owner, scope, name="Opening"), in_force(owner, scope, name="Closing")
    start = Start(source="till", external_id="4711")

    run = start_run(owner, first, start=start)

    assert start_run(owner, first, start=start) == run
    with pytest.raises(OtherRun):
        start_run(owner, second, start=start)
    assert list(Run.objects.all()) == [run]


def test_p18_a_cancelled_run_leaves_no_call_for_help_open(owner: Actor, scope: Organization) -> None:
    run = start_run(owner, in_force(owner, scope, text(step("a"), step("b"))))
    for key in ("a", "b"):
        andon.call_for_help(owner, run.steps.get(key=key), reason="Stuck")
    assert AndonCall.objects.filter(run=run, state=AndonState.CALLED).count() == 2

    cancel_run(owner, run, reason="Closed today")

    calls = AndonCall.objects.filter(run=run)
    assert set(calls.values_list("state", "resolution", "escalate_at")) == {(AndonState.RESOLVED, "Closed today", None)}
    assert AuditEntry.objects.filter(verb="processes.andon.resolved").count() == 2
