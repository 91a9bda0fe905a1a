"""Who is told what happens to imports, sources and targets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import timezone

from metrics.choices import BatchStatus, GrainCode
from metrics.models import DataSource
from metrics.services import imports
from metrics.services.targets import TargetSpec, set_targets
from metrics.services.telling import FAILURES_TOLD, source_works, tell_of_failing
from organization.access import Actor
from organization.models import Member, Notice, NoticeDelivery, Organization, RoleAssignment
from organization.queries.told_words import notice_text, notice_title
from tests.factories import make_actor, make_member
from tests.factories.metrics import make_dataset, make_kpi
from tests.metrics.importing import checked, imported, ran
from tests.metrics.sourcing import make_webhook

ROWS = "Date,Amount\n" + "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 13)) + "2024-01-20,many\n"


def test_m5_who_started_an_import_is_told_how_it_ended(scope: Organization) -> None:
    actor = make_actor("manager")

    imported(actor, scope, ROWS)

    notice = Notice.objects.get(kind="metrics.import_done")
    assert notice.recipient_id == actor.member_id
    assert notice_title(notice) == "orders.csv is loaded"
    assert notice_text(notice) == "New: 12 · Corrected: 0 · Refused: 1"


def test_m5_who_started_an_import_that_fails_is_told_why_by_mail_too(scope: Organization) -> None:
    actor = make_actor("manager")

    batch = checked(actor, scope, ROWS)
    imports.load_checked(actor, batch)
    RoleAssignment.objects.filter(member=actor.member_id).delete()
    batch = ran(batch)

    assert batch.status == BatchStatus.FAILED
    notice = Notice.objects.get(kind="metrics.import_failed")
    assert (notice.recipient_id, notice_text(notice)) == (actor.member_id, batch.error)
    assert NoticeDelivery.objects.get().member_id == actor.member_id


def test_m3_the_owner_of_a_kpi_is_told_of_targets_that_somebody_else_changed(scope: Organization, owner: Actor) -> None:
    member = make_member("manager")
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count", owner=member, name="Orders")
    targets = [TargetSpec(date(2026, 1, 1), Decimal(10)), TargetSpec(date(2026, 1, 2), Decimal(11))]

    set_targets(owner, kpi, grain=GrainCode.DAY, targets=targets)
    set_targets(owner, kpi, grain=GrainCode.DAY, targets=targets)

    [notice] = Notice.objects.filter(kind="metrics.target_changed")
    assert (notice.recipient_id, notice.by_id) == (member.pk, owner.member_id)
    assert notice_title(notice) == "The targets of “Orders” were changed"
    assert notice.url == f"/metrics/kpis/{kpi.pk}/targets/"


def test_m3_an_owner_who_changes_targets_is_told_nothing(scope: Organization, owner: Actor) -> None:
    mine = Member.objects.get(pk=owner.member_id)
    kpi = make_kpi(owner, scope, dataset=make_dataset(owner, scope), aggregation="count", owner=mine)

    set_targets(owner, kpi, grain=GrainCode.DAY, targets=[TargetSpec(date(2026, 1, 1), Decimal(10))])

    assert not Notice.objects.filter(kind="metrics.target_changed").exists()


def test_m5_who_looks_after_sources_is_told_once_of_failures_until_they_end(scope: Organization, owner: Actor) -> None:
    source: DataSource = make_webhook(owner, scope, make_dataset(owner, scope))[0]
    make_member("staff")

    def kinds() -> list[tuple[str, bool]]:
        rows = Notice.objects.filter(recipient_id=owner.member_id, subject_id=source.pk).order_by("pk")
        return [(row.kind.partition(".")[2], row.done_at is None) for row in rows]

    for failures in range(1, FAILURES_TOLD + 3):
        source.failures, source.problem = failures, "No answer"
        tell_of_failing(source)
    assert kinds() == [("source_failing", True)]
    source.stopped_at = timezone.now()
    tell_of_failing(source)
    assert kinds() == [("source_failing", False), ("source_stopped", True)]
    source_works(source)
    assert kinds() == [("source_failing", False), ("source_stopped", False)]
    assert not Notice.objects.filter(recipient__role_assignments__role__key="staff").exists()
