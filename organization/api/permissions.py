"""Default deny: an API view answers only with a declared permission that the actor holds."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission

from organization.access import can


class DeclaredPermission(BasePermission):
    """Asks the view's `permission`; a mapping by method where reading and writing differ."""

    def has_permission(self, request: Any, view: Any) -> bool:
        actor = getattr(request, "actor", None)
        if actor is None:
            return False
        declared: Any = view.permission
        codename: Any = declared.get(request.method, declared.get("GET")) if isinstance(declared, dict) else declared
        answer = can(actor, codename)
        self.message = str(answer.reason)
        return bool(answer)
