"""Who is acting, and what they may do: actors, `can`, and the filter behind `visible_to`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organization.choices import ActorKind, Scope

NOTHING = Q(pk__in=[])
# For whom the running use case acts: set while only a lent role allows it, so that the trail names both
on_behalf_of: ContextVar[int | None] = ContextVar("on_behalf_of", default=None)


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission held over one scope. department_id and path name the department that narrow scopes mean.

    lent_by: the member who is away and lends the role that gives it; None for a right of one's own.
    """

    scope: str
    department_id: int | None = None
    path: str = ""
    lent_by: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes, or no with the sentence for the screen. on_behalf_of: the member whose lent role alone allows it."""

    allowed: bool
    reason: Any = ""
    on_behalf_of: int | None = None

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Actor:
    """A member, an API token, or the system with its reason.

    grants: codename -> the grants held, from all roles together. The system holds everything inside the open scope.
    """

    kind: str
    organization_id: int
    member_id: int | None = None
    user_id: int | None = None
    token_id: int | None = None
    department_id: int | None = None
    name: str = ""
    reason: str = ""
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)

    @property
    def is_system(self) -> bool:
        return self.kind == ActorKind.SYSTEM

    def holds(self, codename: str) -> bool:
        """Whether the actor has the permission over any scope at all (menus, creating below the organization)."""
        return self.is_system or bool(self.grants.get(codename))

    def holds_everywhere(self, codename: str) -> bool:
        """Whether the actor has the permission over the whole organization."""
        return self.is_system or any(g.scope == Scope.ORGANIZATION for g in self.grants.get(codename, ()))

    def covers(self, codename: str, scope: str, department_id: int | None = None, path: str = "") -> bool:
        """Whether the actor itself holds all that `codename` over `scope` (of the department) would give away."""
        if self.holds_everywhere(codename):
            return True
        held = self.grants.get(codename, ())
        if scope == Scope.OWN:
            return bool(held)
        if scope == Scope.ORGANIZATION or department_id is None:
            return False
        return any(
            (grant.scope == Scope.BELOW and grant.path and path.startswith(grant.path))
            or (grant.scope == scope == Scope.DEPARTMENT and grant.department_id == department_id)
            for grant in held
        )

    def rows(self, model: Any, codename: str) -> Q:
        """The filter on `model` that leaves the rows on which the actor holds `codename`."""
        granted = self.granted(model, codename)
        return model.sharing.rows(self, codename, granted) if model.sharing else granted

    def granted(self, model: Any, codename: str) -> Q:
        """What the scopes of roles alone give of `rows`."""
        if self.is_system:
            return Q()
        filters = NOTHING
        for grant in self.grants.get(codename, ()):
            if grant.scope == Scope.ORGANIZATION:
                return Q()
            filters |= self._narrow(model, grant)
        return filters

    def _narrow(self, model: Any, grant: Grant) -> Q:
        if grant.scope == Scope.OWN:
            owner = model.owner_lookup
            return Q(**{owner: self.member_id}) if owner and self.member_id else NOTHING
        department = model.department_lookup
        if department is None or grant.department_id is None:
            return NOTHING
        prefix = "" if department == "self" else f"{department}__"
        if grant.scope == Scope.DEPARTMENT:
            return Q(**{f"{prefix}pk": grant.department_id})
        if not grant.path:
            return NOTHING
        # '0' follows '/' in the "C" collation: a range of leakproof comparisons, unlike LIKE
        return Q(**{f"{prefix}path__gte": grant.path, f"{prefix}path__lt": grant.path[:-1] + "0"})


class Sharing(Protocol):
    """How a model whose rows are shared one by one narrows and widens what the scopes of roles give."""

    def rows(self, actor: Actor, codename: str, granted: Q) -> Q:
        """The rows on which the actor holds `codename`; granted: those by the scopes alone."""

    def covers(self, row: Any, actor: Actor, codename: str, granted: bool) -> bool:
        """Whether the row is one of `rows`; granted: whether the scopes alone give it."""

    def reasons(self, row: Any, actor: Actor, codename: str) -> list[tuple[bool, str]]:
        """What beyond the scopes speaks for (True) and against it, in sentences for the screen."""


def system_actor(organization_id: int, reason: str) -> Actor:
    """The system acting in one organization; the reason goes into the audit trail."""
    return Actor(kind=ActorKind.SYSTEM, organization_id=organization_id, reason=reason)


def can(actor: Actor, codename: str, subject: Any = None) -> Answer:
    """Whether `actor` holds `codename` on `subject`.

    subject None or an Organization asks for any scope at all (menus, creating). An unsaved row is asked by its owner
    and department as they stand.
    """
    if actor.is_system:
        return Answer(True)
    if not actor.holds(codename):
        return Answer(False, _("Your roles do not include this right."))
    if subject is None or subject._meta.label == "organization.Organization":
        return Answer(True, on_behalf_of=_lender(actor.grants[codename]))
    held = [one for one in actor.grants[codename] if covers_subject(one, subject, member_id=actor.member_id)]
    if subject.sharing.covers(subject, actor, codename, bool(held)) if subject.sharing else held:
        return Answer(True, on_behalf_of=_lender(held))
    return Answer(False, _("Your right to do this ends outside your department or your own items."))


def _lender(grants: Iterable[Grant]) -> int | None:
    """Who lends all of these grants; None where one of them is the actor's own."""
    lenders = [grant.lent_by for grant in grants]
    return lenders[0] if lenders and None not in lenders else None


def reach(actor: Actor, codename: str) -> Callable[[Any], bool]:
    """`can` for many rows: whether the actor holds `codename` on each, asked once where it is the same for all."""
    if not actor.holds_everywhere(codename):
        return lambda subject: bool(can(actor, codename, subject))
    return lambda subject: subject.sharing is None or bool(can(actor, codename, subject))


def covers_subject(grant: Grant, subject: Any, *, member_id: int | None) -> bool:
    """Whether a grant of the member reaches the row."""
    if grant.scope == Scope.ORGANIZATION:
        return True
    if grant.scope == Scope.OWN:
        return member_id is not None and owner_of(subject) == member_id
    department = department_of(subject)
    if department is None or grant.department_id is None:
        return False
    if grant.scope == Scope.DEPARTMENT:
        return department.pk == grant.department_id
    return bool(grant.path) and department.path.startswith(grant.path)


def owner_of(subject: Any) -> int | None:
    """The number of the member whose own the row is, None for nobody's."""
    owner: int | None = _follow(subject, subject.owner_lookup) if subject.owner_lookup else None
    return owner


def department_of(subject: Any) -> Any:
    """The department that the row belongs to, None for one of the whole organization."""
    if subject.department_lookup is None:
        return None
    return subject if subject.department_lookup == "self" else _follow(subject, subject.department_lookup)


def _follow(subject: Any, lookup: str) -> Any:
    for part in lookup.split("__"):
        subject = getattr(subject, part) if subject is not None else None
    return subject
