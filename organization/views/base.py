"""The base of every page: signed in, a member, allowed; expected failures become the right answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views import View

from ops_platform.database.scope import organization_var
from ops_platform.web.formats import read_in
from ops_platform.web.htmx import redirect_page, render_page
from organization.access import Actor, can
from organization.backends import membership
from organization.errors import DomainError, KeyReused, NotAllowed, NotVisible, StateConflict
from organization.models import Member, Organization
from organization.queries.actors import actor_for
from organization.usecases import authorize
from organization.views.repeats import answer_once


class MemberRequest(HttpRequest):
    """A request that a page receives: with the member, their organization and rights."""

    actor: Actor
    member: Member
    organization: Organization


class Refused(PermissionDenied):
    """403, with the right that it takes: the page of the refusal says who can give it."""

    def __init__(self, reason: str, codename: str) -> None:
        super().__init__(reason)
        self.codename = codename


class PageView(View):
    """A page of an organization. Subclasses declare `permission`; the URL test refuses a view without one.

    Whoever bears a role that asks for a second factor, and has none, gets to the page that sets one up and to no other.
    `permission` is asked over any scope; which rows a page shows is `visible_to`'s matter, and what may be done to one
    the service's.
    """

    permission: str
    opens_when_closed = False
    request: MemberRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not enter(request):
            return redirect(f"{reverse('organization:choose')}?{urlencode({'next': request.get_full_path()})}")
        if request.member.unguarded:  # type: ignore[attr-defined]  # set by enter()
            return redirect("mfa_index")
        if not (answer := can(request.actor, self.permission)):  # type: ignore[attr-defined]  # set by enter()
            raise Refused(str(answer.reason), self.permission)
        if request.organization.delete_after and not self.opens_when_closed:  # type: ignore[attr-defined]  # as above
            return redirect("organization:closed")
        try:
            # Days and hours of data are the organization's own; when something happened is told in the reader's zone.
            with (
                timezone.override(request.organization.timezone),  # type: ignore[attr-defined]  # set by enter()
                read_in(request.user.timezone),
            ):
                return answer_once(
                    self.actor, request, lambda: super(PageView, self).dispatch(request, *args, **kwargs)
                )
        except KeyReused as error:
            return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
        except NotVisible as error:
            raise Http404(str(error)) from error
        except NotAllowed as error:
            raise Refused(str(error), error.codename) from error

    @property
    def actor(self) -> Actor:
        """Who is looking."""
        return self.request.actor

    def subject(self, queryset: Any, **lookup: Any) -> Any:
        """The visible row on which the actor holds the page's permission: 404 when hidden, 403 when only visible."""
        row = visible_or_404(queryset, **lookup)
        authorize(self.actor, self.permission, row)
        return row


class FormPageView(PageView):
    """A form that one service answers: shown, saved and left with a message, or shown again with 422 and its input.

    Subclasses give `template`, `form(data)`, `save(facts)` which calls the service and returns where to go, and
    `message`. `prepare` loads what the address names, before form and save.
    """

    template = "organization/form.html"
    title: Any = ""
    submit_label: Any = ""
    message: Any = ""
    conflicts: Sequence[tuple[Any, Any]] = ()

    def prepare(self, **kwargs: Any) -> None:
        """Load the rows that the address names."""

    def form(self, data: Any = None, files: Any = None) -> Any:
        """The form, bound when data is given."""
        raise NotImplementedError

    def save(self, facts: dict[str, Any]) -> str:
        """Call the service; the address to go on to."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the page shows beside the form."""
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        return self.show(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        form = self.form(request.POST, request.FILES)
        if form.is_valid():
            try:
                url = self.save(form.cleaned_data)
            except (NotVisible, NotAllowed):
                raise
            except StateConflict as error:
                return self.show_conflict(form, error, **kwargs)
            except DomainError as error:
                add_error(form, error)
            else:
                return self.saved(url)
        return self.show(form, status=422)

    def saved(self, url: str) -> HttpResponse:
        """On to `url`, with the message."""
        messages.success(self.request, str(self.message))
        return redirect_page(self.request, url)

    def show_conflict(self, form: Any, error: StateConflict, **kwargs: Any) -> HttpResponse:
        """The input as it was sent, beside what stands now; sending it again is then a decision.

        A form without a version edits nothing: what came in between is all there is to say.
        """
        sent = form.cleaned_data
        self.prepare(**kwargs)
        current = self.form()
        if "version" not in current.initial:
            add_error(form, error)
            return self.show(form, status=422)
        data = self.request.POST.copy()
        data["version"] = str(current.initial["version"])
        again = self.form(data, self.request.FILES)
        again.add_error(None, str(error))
        self.conflicts = [
            (field.label, _shown(field, current.initial.get(name)))
            for name, field in current.fields.items()
            if name != "version" and current.initial.get(name) != sent.get(name)
        ]
        return self.show(again, status=422)

    def show(self, form: Any, status: int = 200) -> HttpResponse:
        """The page with the form on it."""
        context = {
            "form": form,
            "page_title": self.title,
            "submit_label": self.submit_label,
            "conflicts": self.conflicts,
        } | self.context()
        return render_page(self.request, self.template, context, status=status)


class ActionView(PageView):
    """One button: POST alone. Subclasses give `act(**kwargs)`, which calls the service and returns where to go."""

    http_method_names = ["post", "options"]  # Django's own declaration
    message: Any = ""

    def act(self, **kwargs: Any) -> str:
        """Call the service; the address to go on to."""
        raise NotImplementedError

    def refused_url(self, **kwargs: Any) -> str:
        """Where a refusal is shown."""
        return reverse("home")

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            url = self.act(**kwargs)
        except (NotVisible, NotAllowed):
            raise
        except DomainError as error:
            messages.error(request, str(error))
            return redirect_page(request, self.refused_url(**kwargs))
        messages.success(request, str(self.message))
        return redirect_page(request, url)


def enter(request: HttpRequest) -> bool:
    """Load member, organization and actor of the signed-in person; False when they are no member of the open one."""
    if organization_var.get() is None or request.user.pk is None:
        return False
    member = membership(request.user)
    if member is None:
        return False
    request.member, request.organization = member, member.organization  # type: ignore[attr-defined]
    request.actor = actor_for(member)  # type: ignore[attr-defined]
    return True


def _shown(field: Any, value: Any) -> Any:
    """A value as people read it; several in one, such as the hours of a day, as their field writes them."""
    return field.prepare_value(value) if isinstance(value, tuple | list) else value


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
