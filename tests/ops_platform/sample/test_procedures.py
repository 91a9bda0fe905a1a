"""SOPs and runs of the sample company: each state that a page shows is there, with stamps in the past."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from ops_platform.sample import company
from ops_platform.sample.builder import build
from ops_platform.sample.procedures import PROCEDURES, write_procedures
from ops_platform.sample.runs import work_on_runs
from ops_platform.sample.stories import STORIES
from ops_platform.sample.texts import CHINESE
from organization.models import Attachment
from organization.tenancy import tenant_context, tenant_transaction
from processes.choices import AndonState, ApprovalState, DeviationKind, RunState, StepState, VersionState
from processes.models import AndonCall, Answer, Approval, Deviation, Run, RunStep, Sop, SopVersion, StepRound, StepStamp
from processes.queries.times import times_of
from processes.services.clock import acting_at, moment

AS_OF = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_sample_has_sops_and_runs_in_every_state_and_nothing_of_the_future() -> None:
    made = build(slug="sample", language=CHINESE, now=AS_OF, as_of=AS_OF, say=lambda _text: None, months=0)

    with tenant_transaction(made.company.organization.pk):
        assert Sop.objects.count() == len(PROCEDURES)
        states = SopVersion.objects.values_list("state", flat=True)
        assert {VersionState.DRAFT, VersionState.IN_REVIEW, VersionState.EFFECTIVE} <= set(states)
        runs = {run.title: run for run in Run.objects.all()}
        assert set(runs) == {story.title.en for story in STORIES}
        assert {run.state for run in runs.values()} == {RunState.RUNNING, RunState.FINISHED, RunState.CANCELLED}
        steps = set(RunStep.objects.values_list("state", flat=True))
        assert {
            StepState.OPEN,
            StepState.STARTED,
            StepState.IN_APPROVAL,
            StepState.DONE,
            StepState.NOT_APPLICABLE,
        } <= steps
        assert Approval.objects.filter(state=ApprovalState.OPEN).count() == 3
        assert set(AndonCall.objects.values_list("state", flat=True)) == {AndonState.CALLED, AndonState.RESOLVED}
        kinds = set(Deviation.objects.values_list("kind", flat=True))
        assert {DeviationKind.FAILED, DeviationKind.OUT_OF_RANGE, DeviationKind.ANDON, DeviationKind.LATE} <= kinds
        again = StepRound.objects.filter(comment__contains="打包台")
        assert again.count() == 2  # the step that waited, and the one that it went back to
        assert all(one.sent_back_by_id for one in again)
        assert Attachment.objects.filter(object_type="processes.runstep", content_type="image/jpeg").count() >= 5
        assert Answer.objects.filter(value="开箱时灯罩已碎。").count() == 1
        # Begun in the past by members, ended before the end of the data, and every second accounted for
        for run in runs.values():
            assert run.started_by is not None
            assert run.started_at < AS_OF
            assert run.finished_at is None or run.started_at < run.finished_at < AS_OF
        assert not StepStamp.objects.filter(made_at__gt=AS_OF).exists()
        told = times_of(runs["Lamp arrived broken"]).run.seconds()
        ended = runs["Lamp arrived broken"].finished_at
        assert ended is not None
        elapsed = (ended - runs["Lamp arrived broken"].started_at).total_seconds()
        assert told["elapsed"] == elapsed == sum(told[name] for name in told if name != "elapsed")


# A weekend's night, a Monday before work, an afternoon
@pytest.mark.parametrize(("day", "hour"), [(21, 18), (23, 0), (24, 7)])
@pytest.mark.django_db
def test_nothing_of_the_future_is_there_whenever_the_sample_is_made(day: int, hour: int) -> None:
    as_of = datetime(2026, 11, day, hour, 17, tzinfo=UTC)
    made = company.found_company("sample", CHINESE)
    with tenant_context(made.organization.pk):
        write_procedures(made, CHINESE, as_of)
        work_on_runs(made, CHINESE, as_of)

        assert Run.objects.count() == len(STORIES)
        assert not StepStamp.objects.filter(made_at__gt=as_of).exists()
        assert not AndonCall.objects.filter(called_at__gt=as_of).exists()
        assert not Run.objects.filter(finished_at__gt=as_of).exists()


def test_a_moment_of_the_past_ends_with_its_block() -> None:
    with acting_at(AS_OF):
        assert moment() == AS_OF
    assert moment() > AS_OF
    assert abs((moment() - timezone.now()).total_seconds()) < 1
