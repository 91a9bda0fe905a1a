"""A version from its draft to the day on which it takes effect."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from organization.access import Actor
from organization.errors import StateConflict
from organization.models import AuditEntry, Organization, WorkItem
from organization.tenancy import tenant_context
from processes.choices import ChangeClass, VersionState
from processes.errors import BadProcedure, ClassNotConfirmed, NotNow, OwnVersion
from processes.models import Sop, SopVersion
from processes.services import sops, versions
from processes.services.runs import start_run
from tests.factories import make_actor, make_member
from tests.factories.processes import approved, draft_of, in_force, make_sop, step, text

pytestmark = pytest.mark.django_db


def test_p8_an_author_cannot_approve_what_they_wrote(owner: Actor, scope: Organization) -> None:
    draft = draft_of(make_sop(owner, scope))
    versions.submit_for_review(owner, draft, change_class=ChangeClass.MAJOR, reason="New")

    with pytest.raises(OwnVersion):
        versions.approve_version(owner, draft, change_class=ChangeClass.MAJOR)

    assert draft_of(draft.sop).state == VersionState.IN_REVIEW


def test_p8_who_wrote_on_a_version_and_did_not_submit_it_cannot_approve_it_either(
    owner: Actor, scope: Organization
) -> None:
    other = make_actor("owner")
    draft = draft_of(make_sop(owner, scope))
    sops.edit_step(other, draft, step=step("a", "Anders"), before=step("a"))
    versions.submit_for_review(owner, draft, change_class=ChangeClass.MAJOR, reason="New")

    with pytest.raises(OwnVersion):
        versions.approve_version(other, draft, change_class=ChangeClass.MAJOR)


def test_p8_the_approver_confirms_the_class_of_the_change(owner: Actor, scope: Organization) -> None:
    draft = draft_of(make_sop(owner, scope))
    versions.submit_for_review(owner, draft, change_class=ChangeClass.MINOR, reason="A word")

    with pytest.raises(ClassNotConfirmed):
        versions.approve_version(make_actor("owner"), draft, change_class=ChangeClass.MAJOR)


def test_p8_before_its_day_new_runs_follow_the_old_version_and_from_it_on_the_new_one(
    owner: Actor, scope: Organization
) -> None:
    sop = in_force(owner, scope)
    old = sop.current_id
    second = sops.start_draft(owner, sop, reason="Better")
    sops.edit_draft(owner, second, content=text(step("a"), step("b"), step("c")), seen=second.version)
    tomorrow = timezone.now() + timedelta(days=1)
    second = approved(owner, second, effective_on=tomorrow.date())
    before = start_run(owner, sop)

    versions.follow_versions(organization_id=scope.pk, as_of=timezone.now())
    still = start_run(owner, sop)
    versions.follow_versions(organization_id=scope.pk, as_of=tomorrow)
    after = start_run(owner, sop)

    assert [run.sop_version_id for run in (before, still, after)] == [old, old, second.pk]
    assert SopVersion.objects.get(pk=old).state == VersionState.RETIRED
    assert [row.key for row in after.steps.all()] == ["a", "b", "c"]


def test_p6_publishing_a_version_changes_no_byte_of_the_runs_before_it(owner: Actor, scope: Organization) -> None:
    sop = in_force(owner, scope)
    run = start_run(owner, sop)
    before = (run.sop_version.sha256, list(run.steps.values()))
    second = sops.start_draft(owner, sop)
    sops.edit_draft(owner, second, content=text(step("a", "Another title")), seen=second.version)

    approved(owner, second)

    kept = SopVersion.objects.get(pk=run.sop_version_id)
    assert (kept.sha256, list(run.steps.values())) == before
    assert Sop.objects.get(pk=sop.pk).current_id == second.pk


@pytest.mark.parametrize(
    "change",
    [
        "content = '{\"sections\": []}'",
        "sha256 = repeat('0', 64)",
        "number = 9",
        "state = 'draft'",
        "state = 'approved'",
    ],
)
def test_p6_the_database_refuses_a_change_of_a_version_in_force(owner: Actor, scope: Organization, change: str) -> None:
    version = draft_of(in_force(owner, scope))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE processes_sopversion SET {change} WHERE id = %s", [version.pk])

    assert SopVersion.objects.get(pk=version.pk).state == VersionState.EFFECTIVE


def test_p6_the_text_in_review_is_fixed_too(owner: Actor, scope: Organization) -> None:
    draft = draft_of(make_sop(owner, scope))
    versions.submit_for_review(owner, draft, change_class=ChangeClass.MAJOR, reason="New")

    with pytest.raises(NotNow):
        sops.edit_draft(owner, draft, content=text(step("x")), seen=draft.version)
    with pytest.raises(DatabaseError), transaction.atomic():
        SopVersion.objects.filter(pk=draft.pk).update(content=text(step("x")))


def test_p6_a_run_keeps_its_version_in_the_database(owner: Actor, scope: Organization) -> None:
    run = start_run(owner, in_force(owner, scope))
    other = draft_of(in_force(owner, scope))

    with pytest.raises(DatabaseError), transaction.atomic():
        type(run).objects.filter(pk=run.pk).update(sop_version=other)


def test_p8_two_authors_of_different_steps_lose_nothing(owner: Actor, scope: Organization) -> None:
    draft = draft_of(make_sop(owner, scope))
    other = make_actor("owner")

    sops.edit_step(owner, draft, step=step("a", "One"), before=step("a"))
    sops.edit_step(other, draft, step=step("b", "Two"), before=step("b"))
    with pytest.raises(StateConflict):
        sops.edit_step(other, draft, step=step("a", "Three"), before=step("a"))
    with pytest.raises(StateConflict):
        sops.edit_draft(other, draft, content=text(), seen=1)

    titles = [one["title"] for one in draft_of(draft.sop).content["sections"][0]["steps"]]
    assert titles == ["One", "Two"]


def test_p8_a_review_that_is_due_is_asked_for_once(owner: Actor, scope: Organization) -> None:
    sop = in_force(owner, scope, review_every_months=6)
    version = SopVersion.objects.get(pk=sop.current_id)
    assert version.effective_on is not None
    assert version.review_on == versions.months_after(version.effective_on, 6)
    on_the_day = timezone.now() + timedelta(days=190)

    versions.follow_versions(organization_id=scope.pk, as_of=on_the_day)
    versions.follow_versions(organization_id=scope.pk, as_of=on_the_day)

    [item] = WorkItem.objects.filter(kind="processes.review")
    assert (item.owner_id, item.source_id) == (owner.member_id, version.pk)


def test_p8_what_is_sent_back_can_be_written_on_again(owner: Actor, scope: Organization) -> None:
    draft = draft_of(make_sop(owner, scope))
    reviewer = make_member("owner")
    versions.submit_for_review(owner, draft, change_class=ChangeClass.MAJOR, reason="New", reviewer=reviewer)
    assert WorkItem.objects.get(kind="processes.version").owner_id == reviewer.pk

    versions.send_back(make_actor("owner"), draft, comment="Step b is missing a photo")

    draft = draft_of(draft.sop)
    assert draft.state == VersionState.DRAFT
    assert [comment.text for comment in draft.comments.all()] == ["Step b is missing a photo"]
    assert not WorkItem.objects.filter(kind="processes.version", closed_at=None).exists()


def test_p8_a_text_without_a_step_is_not_submitted(owner: Actor, scope: Organization) -> None:
    draft = draft_of(make_sop(owner, scope, {"sections": []}))
    entries = AuditEntry.objects.count()

    with pytest.raises(BadProcedure):
        versions.submit_for_review(owner, draft, change_class=ChangeClass.MAJOR, reason="New")

    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_months_after_the_last_day_stays_in_the_month(day: date, months: int, expected: date) -> None:
    assert versions.months_after(day, months) == expected


@pytest.mark.django_db(transaction=True)
def test_o4_versions_of_another_organization_do_not_exist(organization: Organization) -> None:
    with tenant_context(organization.pk), transaction.atomic():
        assert list(Sop.objects.visible_to(make_actor("owner"))) == []
