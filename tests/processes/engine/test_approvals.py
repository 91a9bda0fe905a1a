"""Approvals: all, any, so many of, in order; who is barred; delegates."""

from __future__ import annotations

import pytest

from processes.engine.approvals import Approval, Outcome, Vote, approval
from processes.engine.content import ApprovalMode, ApprovalRule, Responsible, Who

THREE = [{"ann"}, {"bob"}, {"cid"}]


def rule(mode: str, count: int = 1, *, no_self: bool = True) -> ApprovalRule:
    return ApprovalRule((Responsible(Who.HEAD),), ApprovalMode(mode), count, no_self)


def yes(*people: str) -> list[Vote]:
    return [Vote(person, True) for person in people]


@pytest.mark.parametrize(
    ("mode", "count", "voters", "outcome", "waiting"),
    [
        ("any", 1, [], "pending", {"ann", "bob", "cid"}),
        ("any", 1, ["bob"], "approved", set()),
        ("all", 1, ["cid", "ann"], "pending", {"bob"}),
        ("all", 1, ["cid", "ann", "bob"], "approved", set()),
        ("count", 2, ["ann"], "pending", {"bob", "cid"}),
        ("count", 2, ["ann", "ann"], "pending", {"bob", "cid"}),
        ("count", 2, ["ann", "cid"], "approved", set()),
        ("count", 4, ["ann"], "stuck", {"bob", "cid"}),
        ("in_order", 1, ["bob"], "pending", {"ann"}),
        ("in_order", 1, ["ann", "cid"], "pending", {"bob"}),
        ("in_order", 1, ["ann", "bob", "cid"], "approved", set()),
        ("any", 1, ["eve"], "pending", {"ann", "bob", "cid"}),
    ],
)
def test_p5_how_many_must_say_yes(mode: str, count: int, voters: list[str], outcome: str, waiting: set[str]) -> None:
    found = approval(rule(mode, count), THREE, yes(*voters))

    assert (found.outcome, found.waiting_for) == (Outcome(outcome), waiting)


def test_p5_two_of_three_pass_on_the_second_yes_and_a_third_is_not_heard() -> None:
    found = approval(rule("count", 2), THREE, yes("ann", "bob", "cid"))

    assert found == Approval(Outcome.APPROVED, frozenset(), tuple(yes("ann", "bob")))


def test_p5_the_first_no_sends_back() -> None:
    found = approval(rule("all"), THREE, [Vote("ann", True), Vote("bob", False), Vote("cid", True)])

    assert found.outcome is Outcome.SENT_BACK
    assert found.counted == (Vote("ann", True), Vote("bob", False))


def test_p5_the_starter_is_not_counted_where_self_approval_is_barred() -> None:
    seats = [{"ann", "bob"}]

    barred = approval(rule("any"), seats, yes("ann"), excluded={"ann"})
    allowed = approval(rule("any", no_self=False), seats, yes("ann"), excluded={"ann"})
    nobody = approval(rule("all"), [{"ann"}, {"bob"}], yes("bob"), excluded={"ann"})

    assert (barred.outcome, barred.waiting_for, barred.counted) == (Outcome.PENDING, {"bob"}, ())
    assert allowed.outcome is Outcome.APPROVED
    assert nobody.outcome is Outcome.STUCK


def test_p5_a_delegate_votes_for_the_absent_and_both_names_stay() -> None:
    vote = Vote("dan", True, instead_of="ann")

    found = approval(rule("any"), [{"ann"}], [vote])
    barred = approval(rule("any"), [{"ann"}], [vote], excluded={"dan"})

    assert found == Approval(Outcome.APPROVED, frozenset(), (vote,))
    assert barred.outcome is Outcome.PENDING


def test_p5_who_sits_in_two_seats_is_not_asked_twice_in_a_row() -> None:
    found = approval(rule("in_order"), [{"ann"}, {"ann", "bob"}, {"cid"}, {"ann"}], yes("ann", "cid"))

    assert (found.outcome, found.waiting_for) == (Outcome.PENDING, {"ann"})


def test_p5_an_approval_that_names_nobody_is_stuck_and_never_given() -> None:
    assert approval(rule("all"), [], []).outcome is Outcome.STUCK
    assert approval(rule("any"), [set()], []).outcome is Outcome.STUCK
