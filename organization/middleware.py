"""Opens the organization of a request: from the session of a person, or named by a machine's token."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from organization.tenancy import tenant_context

SESSION_KEY = "organization_id"
BEARER = "Bearer ops_"


def claimed_organization(request: HttpRequest) -> int | None:
    """The organization that a bearer token names. Only a claim: the token must then be found inside it."""
    header = request.headers.get("Authorization", "")
    if not header.startswith(BEARER):
        return None
    number = header.removeprefix(BEARER).split("_", 1)[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


class OrganizationMiddleware:
    """Opens the scope around the view. Membership is checked in the view's own transaction, with the rights."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        organization_id = claimed_organization(request)
        if organization_id is None:
            organization_id = request.session.get(SESSION_KEY)
        if organization_id is None:
            return self.get_response(request)
        with tenant_context(organization_id):
            response = self.get_response(request)
        # The next person at the machine must not find it behind the "back" button, nor a proxy keep it.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
