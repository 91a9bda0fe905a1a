"""Procedures, their runs, and what departs from them. What is listed here is public."""

from processes.models.approval import Approval, ApprovalVote, ApprovalVoter
from processes.models.deviation import AndonCall, Deviation
from processes.models.run import Answer, AnswerChange, Handover, Operation, Run, RunRow, RunStep, StepRound, StepStamp
from processes.models.sop import Sop, SopStep, SopVersion, VersionAuthor, VersionComment
from processes.models.starting import GuestLink, PublicForm, StartPlan

__all__ = [
    "AndonCall",
    "Answer",
    "AnswerChange",
    "Approval",
    "ApprovalVote",
    "ApprovalVoter",
    "Deviation",
    "GuestLink",
    "Handover",
    "Operation",
    "PublicForm",
    "Run",
    "RunRow",
    "RunStep",
    "Sop",
    "SopStep",
    "SopVersion",
    "StartPlan",
    "StepRound",
    "StepStamp",
    "VersionAuthor",
    "VersionComment",
]
