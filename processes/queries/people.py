"""Who does or approves something: what the text of a SOP says, among the people that there are when it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from organization.models import Department, Member, Role
from organization.queries.work import bearers
from processes.engine.content import Responsible, Who
from processes.models import Run


@dataclass(frozen=True)
class Owed:
    """Who owes a step: a member; or whoever bears `role` in `department`; or anybody in `department`; or a guest."""

    member: Member | None = None
    role: Role | None = None
    department: Department | None = None
    is_guest: bool = False


@dataclass
class People:
    """Answers who somebody is, each question once; of one transaction, since people come and go."""

    _known: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def owed(self, responsible: Responsible | None, run: Run, answers: Mapping[str, Any]) -> Owed:
        """Who owes a step of a run that opens now. Where the text's answer is nobody, the SOP's owner or the starter."""
        who = responsible.who if responsible else Who.STARTER
        if who is Who.GUEST:
            return Owed(is_guest=True)
        reference = responsible.reference if responsible else ""
        if who is Who.GROUP and (place := self.department(reference, run)) is not None:
            return Owed(department=place)
        if who is Who.ROLE and (role := self.role(reference)) is not None:
            place, members = self._bearers(role, run.department)
            if len(members) == 1:
                return Owed(member=members[0])
            if members:
                return Owed(role=role, department=place)
        found = self.members(responsible, run, answers) if responsible else []
        return Owed(member=found[0] if found else self._fallback(run))

    def members(self, responsible: Responsible, run: Run, answers: Mapping[str, Any]) -> list[Member]:
        """Everybody active whom it means now."""
        who, reference = responsible.who, responsible.reference
        if who is Who.STARTER:
            return [run.started_by] if run.started_by and run.started_by.is_active else []
        if who is Who.ROLE:
            role = self.role(reference)
            return self._bearers(role, run.department)[1] if role else []
        if who is Who.HEAD:
            head = self._head(self.department(reference, run))
            return [head] if head else []
        if who is Who.GROUP:
            place = self.department(reference, run)
            return list(Member.objects.filter(department=place, is_active=True).order_by("pk")) if place else []
        if who is Who.FIELD:
            return self._of_reference(str(answers.get(reference) or ""))
        if who is Who.MEMBER:
            return self._of_reference(reference)
        if who is Who.POSITION:
            return self._in_position(reference, run.department)
        return []

    def role(self, reference: str) -> Role | None:
        """The role of that key or name."""
        named = Q(key=reference) | Q(name=reference) | Q(name_zh=reference)
        return self._once(("role", reference), lambda: Role.objects.filter(named).order_by("pk").first())

    def department(self, code: str, run: Run) -> Department | None:
        """The department of that code, the run's own for none."""
        if not code:
            return run.department
        return self._once(("department", code), lambda: Department.objects.filter(code=code).first())

    def _bearers(self, role: Role, department: Department | None) -> Any:
        return self._once(("bearers", role.pk, department and department.pk), lambda: bearers(role, department))

    def _head(self, department: Department | None) -> Member | None:
        """The head of the department, or of the nearest one above it that has one."""
        if department is None:
            return None
        ids = [int(part) for part in department.path.strip("/").split("/")]
        rows = Department.objects.filter(pk__in=ids, head__is_active=True).select_related("head").order_by("-depth")
        found = self._once(("head", department.pk), rows.first)
        return found.head if found else None

    def _of_reference(self, reference: str) -> list[Member]:
        """The member of that number or e-mail address."""
        if not reference:
            return []
        named = Q(pk=int(reference)) if reference.isdecimal() else Q(user__email=reference.lower())
        rows = Member.objects.filter(named, is_active=True).select_related("department")
        return self._once(("member", reference), lambda: list(rows[:1]))

    def _in_position(self, title: str, department: Department | None) -> list[Member]:
        named = Q(position__name=title) | Q(position__name_zh=title)
        rows = Member.objects.filter(named, is_active=True).order_by("pk")
        found = self._once(("position", title), lambda: list(rows))
        near = [member for member in found if department and member.department_id == department.pk]
        return near or found

    def _fallback(self, run: Run) -> Member | None:
        owner = run.sop.owner
        return next((one for one in (run.started_by, owner, self._head(run.department)) if one and one.is_active), None)

    def _once(self, key: tuple[Any, ...], ask: Any) -> Any:
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]
