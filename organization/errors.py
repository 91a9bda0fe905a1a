"""Expected failures: each carries a sentence that a person can act on."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal with a sentence for people.

    field: the form field it belongs to, where there is one; row_name: the row among many that was refused.
    """

    message: Any = _("This is not possible.")
    field: str | None = None
    row_name: str = ""

    def __init__(self, message: Any = None, *, field: str | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.field = field or self.field

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The object is visible to the actor, who may not do this to it."""

    message = _("You do not have the right to do this. Ask an administrator.")

    def __init__(self, message: Any = None, *, field: str | None = None, codename: str = "") -> None:
        super().__init__(message, field=field)
        self.codename = codename


class NotVisible(DomainError):
    """The object does not exist for this actor."""

    message = _("There is no such page, or it is not shared with you.")


class OutOfReach(DomainError):
    """What was saved would have left the actor's own reach."""

    message = _("Saved like this you could no longer see it. Choose an owner or department within your reach.")


class StateConflict(DomainError):
    """Somebody else changed the object meanwhile."""

    message = _("Somebody else changed this meanwhile. Look at the current state and try again.")


class TooNarrow(DomainError):
    """The change reaches beyond the departments that the actor may change."""

    message = _("Your right to do this ends at your department. Choose a department within it.")


class DepartmentCircle(DomainError):
    """A department cannot stand below itself."""

    message = _("A department cannot be moved below itself or below one of its own departments.")
    field = "parent"


class StillInUse(DomainError):
    """The object cannot go while others hang on it."""

    message = _("This is still in use.")


class BuiltInRoleFixed(DomainError):
    """The owner's and auditor's rights keep the organization repairable and auditable."""

    message = _("The rights of this role are fixed. Make a role of your own instead.")


class LastOwner(DomainError):
    """Somebody must be able to administer the organization."""

    message = _("This is the last owner. Make somebody else owner first.")


class FileRefused(DomainError):
    """An uploaded file is not what it says, too large, or of a kind that is not accepted."""

    message = _("This file cannot be accepted.")


class UnknownZone(DomainError):
    """The name is not an IANA time zone."""

    message = _("There is no time zone of this name. Choose one from the list, such as Asia/Shanghai.")
    field = "timezone"


class KeyReused(DomainError):
    """An idempotency key came again with another request."""

    message = _("This idempotency key was used for a different request. Use a new key for a new request.")


class UnknownOrganization(DomainError):
    """No organization has this short name."""

    message = _("There is no organization with this short name.")
