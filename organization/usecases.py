"""The use-case decorator: one transaction, one permission, one place where both are decided."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from organization.access import Actor, Answer, can, on_behalf_of
from organization.errors import NotAllowed, NotVisible, OutOfReach
from organization.tenancy import TenantModel

P = ParamSpec("P")
R = TypeVar("R")

_inside: ContextVar[bool] = ContextVar("inside_use_case", default=False)


def use_case(codename: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run a service in one transaction, when the actor holds `codename` on the second argument.

    The signature is always `(actor, subject, *, facts)`. A use case called by another joins its transaction. Raises
    NotVisible when the actor cannot see the subject, NotAllowed when it may not act on it, and OutOfReach when the
    object that comes back would no longer be visible to its actor; then nothing was written.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def wrapper(*args: Any, **facts: Any) -> Any:
            actor, subject = args[0], args[1]
            with transaction.atomic(savepoint=not _inside.get()):
                token, behalf = _inside.set(True), on_behalf_of.set(on_behalf_of.get())
                try:
                    if (answer := authorize(actor, codename, subject)).on_behalf_of is not None:
                        on_behalf_of.set(answer.on_behalf_of)
                    result: Any = function(*args, **facts)
                    _check_reach(actor, result)
                finally:
                    _inside.reset(token)
                    on_behalf_of.reset(behalf)
            return result

        wrapper.permission = codename  # type: ignore[attr-defined]
        return wrapper

    return decorate


def authorize(actor: Actor, codename: str, subject: Any) -> Answer:
    """The answer that allows it. Raises NotVisible or NotAllowed unless the actor holds the permission on the subject."""
    answer = can(actor, codename, subject)
    if answer:
        return answer
    view = getattr(subject, "view_permission", "")
    if view and not can(actor, view, subject):
        raise NotVisible
    raise NotAllowed(answer.reason, codename=codename)


def _check_reach(actor: Actor, result: Any) -> None:
    is_seen = isinstance(result, TenantModel) and result.view_permission and result.pk is not None
    if is_seen and not can(actor, result.view_permission, result):
        raise OutOfReach
