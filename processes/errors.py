"""Expected failures of processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.errors import DomainError, StateConflict


class BadProcedure(DomainError):
    """The content cannot be a procedure. problems: what `engine.content` found, in the order of the text."""

    message = _("This text cannot be a procedure yet.")
    field = "content"

    def __init__(self, message: Any = None, *, problems: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class NotNow(StateConflict):
    """What was asked for cannot happen in the state that the object is in. current: that state."""

    def __init__(self, message: Any = None, *, current: str = "") -> None:
        super().__init__(message)
        self.current = current


class OwnVersion(DomainError):
    """An author cannot approve what they wrote."""

    message = _("You wrote on this version. Somebody else has to approve it.")


class ClassNotConfirmed(DomainError):
    """The approver names the class of the change; it must be the author's."""

    message = _("The author calls this change something else. Look at it again and confirm its class, or send it back.")
    field = "change_class"


class NothingInForce(DomainError):
    """A SOP without a version in force starts no runs."""

    message = _("No version of this SOP is in force yet, so nobody can follow it.")


class OtherRun(DomainError):
    """An id from elsewhere that a run of another SOP has already."""

    message = _("A run of another SOP was started with this id. Give each thing an id of its own.")
    field = "external_id"


class NeedsReason(DomainError):
    """Something that departs from the text says why."""

    message = _("Say why.")
    field = "reason"


class TakenBySomebody(StateConflict):
    """Two people wanted one step; the other one has it."""

    message = _("Somebody else has taken this step meanwhile.")


class NotYours(DomainError):
    """The step is somebody else's."""

    message = _("This step is somebody else's. Ask them to hand it over, or ask your team leader.")


class BadAnswer(DomainError):
    """An answer that its field does not take. field: its key."""

    message = _("This answer does not fit the field.")


class NotComplete(DomainError):
    """The step cannot be finished. missing: keys of the fields that lack an answer, or its note, or its evidence."""

    message = _("Something is still missing in this step.")

    def __init__(self, message: Any = None, *, field: str | None = None, missing: Sequence[str] = ()) -> None:
        super().__init__(message, field=field)
        self.missing = tuple(missing)


class NotAVoter(DomainError):
    """Somebody approves who was not asked."""

    message = _("You are not among those who approve this step.")


class NobodyToApprove(DomainError):
    """An approval that nobody can give would never end."""

    message = _("Nobody who may approve this step can be found. Ask whoever answers for the SOP.")


class LinkClosed(DomainError):
    """A guest's link or a public form that is used up, revoked or past its time."""

    message = _("This link is not valid any more. Ask the person who sent it for a new one.")
