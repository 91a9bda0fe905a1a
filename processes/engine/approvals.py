"""Whether the approvers have said yes (P5)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from processes.engine.content import ApprovalMode, ApprovalRule


class Outcome(StrEnum):
    """Where an approval stands. STUCK: those who may vote cannot give enough votes any more."""

    PENDING = "pending"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote of `by`; of a delegate on behalf of an absent approver, whose name is then in `instead_of`."""

    by: str
    approves: bool
    instead_of: str = ""

    @property
    def counts_for(self) -> str:
        """The approver whose vote it is."""
        return self.instead_of or self.by


@dataclass(frozen=True, slots=True)
class Approval:
    """outcome, and who can still vote now; counted: the votes that were heard."""

    outcome: Outcome
    waiting_for: frozenset[str]
    counted: tuple[Vote, ...]


def approval(
    rule: ApprovalRule, seats: Sequence[Collection[str]], votes: Sequence[Vote], *, excluded: Collection[str] = ()
) -> Approval:
    """Count `votes`, in the order in which they came.

    seats: for each approver of the rule the people whom it means now. excluded: the run's starter and the doer, when the
    rule is no_self; neither their own votes count, nor one given for them, nor one that they give for others. The first no
    that counts sends back. ALL wants a yes from every seat, ANY one, COUNT so many different people, IN_ORDER seat by
    seat; who sits in several seats (or, in order, in several that follow each other) fills them with one vote.
    """
    barred = set(excluded) if rule.no_self else set()
    open_seats = [frozenset(seat) - barred for seat in seats]
    counted: list[Vote] = []
    yes: list[str] = []
    for vote in votes:
        state = _Tally(rule, open_seats, yes)
        if state.is_reached:
            break
        if barred & {vote.by, vote.counts_for} or vote.counts_for not in state.waiting_for:
            continue
        counted.append(vote)
        if not vote.approves:
            return Approval(Outcome.SENT_BACK, frozenset(), tuple(counted))
        yes.append(vote.counts_for)
    end = _Tally(rule, open_seats, yes)
    if end.is_reached:
        return Approval(Outcome.APPROVED, frozenset(), tuple(counted))
    outcome = Outcome.PENDING if end.can_be_reached else Outcome.STUCK
    return Approval(outcome, end.waiting_for, tuple(counted))


@dataclass(frozen=True, slots=True)
class _Tally:
    rule: ApprovalRule
    seats: Sequence[frozenset[str]]
    yes: Sequence[str]

    @property
    def needed(self) -> int:
        return self.rule.count if self.rule.mode is ApprovalMode.COUNT else 1

    @property
    def empty(self) -> list[frozenset[str]]:
        """Seats without a yes, in order."""
        if self.rule.mode is not ApprovalMode.IN_ORDER:
            return [seat for seat in self.seats if not seat & set(self.yes)]
        left = list(self.seats)
        for person in self.yes:
            while left and person in left[0]:
                left.pop(0)
        return left

    @property
    def is_reached(self) -> bool:
        if self.rule.mode in (ApprovalMode.ALL, ApprovalMode.IN_ORDER):
            return bool(self.seats) and not self.empty
        return len(set(self.yes)) >= self.needed

    @property
    def waiting_for(self) -> frozenset[str]:
        if self.rule.mode is ApprovalMode.IN_ORDER:
            return self.empty[0] if self.empty else frozenset()
        of = self.empty if self.rule.mode is ApprovalMode.ALL else self.seats
        return frozenset().union(*of) - set(self.yes)

    @property
    def can_be_reached(self) -> bool:
        if self.rule.mode in (ApprovalMode.ALL, ApprovalMode.IN_ORDER):
            return bool(self.seats) and all(self.seats)
        return len(frozenset().union(*self.seats)) >= self.needed
