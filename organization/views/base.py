"""The base of every page: signed in, a member, allowed; expected failures become the right answer."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views import View

from ops_platform.database.scope import organization_var
from organization.access import Actor, can
from organization.errors import DomainError, NotAllowed, NotVisible
from organization.models import Member, Organization
from organization.queries.actors import actor_for, member_of


class MemberRequest(HttpRequest):
    """A request that a page receives: with the member, their organization and rights."""

    actor: Actor
    member: Member
    organization: Organization


class PageView(View):
    """A page of an organization. Subclasses declare `permission`; the URL test refuses a view without one.

    `permission` is asked over any scope; which rows a page shows is `visible_to`'s matter, and what may be done to one
    the service's.
    """

    permission: str
    request: MemberRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not enter(request):
            return redirect("organization:choose")
        if not (answer := can(request.actor, self.permission)):  # type: ignore[attr-defined]  # set by enter()
            raise PermissionDenied(str(answer.reason))
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotVisible as error:
            raise Http404(str(error)) from error
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error


def enter(request: HttpRequest) -> bool:
    """Load member, organization and actor of the signed-in person; False when they are no member of the open one."""
    if organization_var.get() is None or request.user.pk is None:
        return False
    member = member_of(request.user.pk)
    if member is None:
        return False
    request.member, request.organization = member, member.organization  # type: ignore[attr-defined]
    request.actor = actor_for(member)  # type: ignore[attr-defined]
    return True


def visible_or_404(queryset: Any, **lookup: Any) -> Any:
    """The one row, or the same 404 for a missing, hidden or other tenant's one."""
    row = queryset.filter(**lookup).first()
    if row is None:
        raise NotVisible
    return row


def add_error(form: Any, error: DomainError) -> None:
    """Show an expected failure at the field it belongs to."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def no_content() -> HttpResponse:
    """An answer that changes nothing on the page."""
    return HttpResponse(status=204)
