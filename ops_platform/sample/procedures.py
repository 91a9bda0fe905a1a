"""The sample company's SOPs: texts of the library, each with the department that keeps it and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_platform.sample.company import Company
from ops_platform.sample.texts import Text
from organization.access import Actor
from organization.models import Department, Member
from organization.queries.actors import actor_for, member_of
from processes.choices import ChangeClass
from processes.models import Sop
from processes.services.beginning import start_from_template
from processes.services.clock import acting_at
from processes.services.sops import describe_change, edit_step, start_draft
from processes.services.versions import approve_version, comment_on_step, submit_for_review

DRAFT, IN_REVIEW, EFFECTIVE = "draft", "in_review", "effective"
REVIEWED_AFTER, APPROVED_AFTER = timedelta(days=2, hours=3), timedelta(days=5, hours=1)
FIRST = Text("First version.", "首次发布。")
NEXT = Text(
    "Two complaints about lamps waited over a weekend: the first answer needs a deputy.",
    "两起灯具投诉在周末无人答复：首次答复需要指定代理人。",
)
REMARK = Text("Who walks round while the head is away?", "负责人不在时由谁巡查？")


@dataclass(frozen=True)
class Kept:
    """A SOP of the company. slug: its template; days: how long ago it was begun; state: how far its first version came."""

    slug: str
    code: str
    department: str
    days: int
    state: str = EFFECTIVE
    review_every_months: int = 12


PROCEDURES = (
    Kept("order-fulfilment", "WH-01", "WH", 290),
    Kept("return-handling", "WH-02", "WH", 260),
    Kept("equipment-inspection", "WH-03", "WH", 200, review_every_months=6),
    Kept("store-opening", "ST-01", "SAL-E", 240),
    Kept("customer-complaint", "CS-01", "SVC-H", 220),
    Kept("incident-response", "IT-01", "IT", 180),
    Kept("month-end-close", "FI-01", "FIN", 310),
    Kept("first-week", "HR-01", "HR", 230),
    Kept("safety-walk", "OP-01", "OPS", 6, IN_REVIEW),
    Kept("supplier-onboarding", "PU-01", "PUR", 3, DRAFT),
)
REVISED, REVISED_STEP = "CS-01", "Answer the customer"
ADDED = Text(
    "On weekends and holidays the **deputy of the day** answers; the name stands on the duty roster.",
    "周末和节假日由**当日代理人**答复，姓名见值班表。",
)


class Staff:
    """The members of the sample company as actors, by the first part of their address."""

    def __init__(self) -> None:
        rows = Member.objects.select_related("user", "department").order_by("pk")
        self._users = {row.user.email.partition("@")[0]: row.user_id for row in rows if row.user_id}
        self._names = {row.pk: row.user_id for row in rows}
        self._actors: dict[int, Actor] = {}

    def actor(self, local_part: str) -> Actor:
        """Who signs in with this address."""
        return self._actor(self._users[local_part])

    def of(self, member_id: int) -> Actor:
        """The member as an actor."""
        return self._actor(self._names[member_id])

    def member(self, local_part: str) -> Member:
        """Who signs in with this address, as a row."""
        return Member.objects.get(user_id=self._users[local_part])

    def _actor(self, user_id: int) -> Actor:
        if user_id not in self._actors:
            found = member_of(user_id)
            assert found is not None, user_id
            self._actors[user_id] = actor_for(found)
        return self._actors[user_id]


def write_procedures(made: Company, language: str, as_of: datetime) -> bool:
    """The SOPs that are not there yet, in the open transaction: written by the head, approved by the director."""
    known = set(Sop.objects.values_list("code", flat=True))
    missing = [kept for kept in PROCEDURES if kept.code not in known]
    staff = Staff() if missing else None
    for kept in missing:
        assert staff is not None
        _write(made, staff, kept, as_of - timedelta(days=kept.days), lambda text: text.shown(language))
    return bool(missing)


def _write(made: Company, staff: Staff, kept: Kept, begun: datetime, say: Callable[[Text], str]) -> None:
    department = Department.objects.select_related("head").get(code=kept.department)
    author = staff.of(department.head.pk) if department.head else made.actor
    with acting_at(begun):
        sop = start_from_template(
            author,
            made.organization,
            slug=kept.slug,
            code=kept.code,
            department=department,
            owner=department.head,
            review_every_months=kept.review_every_months,
        )
        draft = sop.versions.get()
        if kept.state == DRAFT:
            return
    with acting_at(begun + REVIEWED_AFTER):
        version = submit_for_review(author, draft, change_class=ChangeClass.MAJOR, reason=say(FIRST))
    director = staff.actor("owner")
    with acting_at(begun + APPROVED_AFTER):
        if kept.state == IN_REVIEW:
            step = version.content["sections"][0]["steps"][0]["key"]
            comment_on_step(director, version, text=say(REMARK), step_key=step)
            return
        approve_version(director, version, change_class=ChangeClass.MAJOR)
    if kept.code == REVISED:
        sop.refresh_from_db()
        with acting_at(begun + timedelta(days=kept.days - 2)):
            again = start_draft(author, sop, reason=say(NEXT))
            describe_change(author, again, change_class=ChangeClass.MINOR, reason=say(NEXT))
            before = next(
                step for part in again.content["sections"] for step in part["steps"] if step["title"] == REVISED_STEP
            )
            after = {**before, "instruction": f"{before['instruction']}\n\n{ADDED.en}"}
            after["instruction_zh"] = f"{before['instruction_zh']}\n\n{ADDED.zh}"
            edit_step(author, again, step=after, before=before)
