"""What people do with their own account: address, second factor, sign-ins, signing out."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.views import EmailView, LogoutView
from allauth.mfa.base.views import IndexView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.views import View

from ops_platform.database.scope import organization_var
from organization.backends import membership
from organization.models import User
from organization.queries.sign_ins import device_in_words, sign_ins_of
from organization.services import sessions


class SignOutView(LogoutView):
    """allauth's page; whoever comes to the machine next finds nothing behind the "back" button either."""

    public = "Ends the person's own session."

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().post(*args, **kwargs)
        answer["Clear-Site-Data"] = '"cache"'
        return answer


class ChangeEmailView(EmailView):
    """allauth's page, of which only asking for another address is left; it counts once its mailbox has confirmed it.

    The other buttons would make an address one's own that somebody else may be added under later.
    """

    public = "Changes the signed-in person's own address."

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "action_add" not in request.POST:
            return redirect("account_email")
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """allauth takes the present address, where it was never confirmed, for one that waits."""
        person = self.request.user
        waiting = EmailAddress.objects.filter(user=person, verified=False).exclude(email=person.email).last()
        return super().get_context_data(**kwargs) | {"new_emailaddress": waiting}


class SecondFactorView(IndexView):
    """allauth's page; it says so where a role asks for a second factor before anything else."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member = membership(self.request.user) if organization_var.get() is not None else None
        found = super().get_context_data(**kwargs)
        codes = found["authenticators"].get("recovery_codes")
        return found | {
            "is_demanded": bool(member and member.unguarded),  # type: ignore[attr-defined]  # set by `person_of`
            "codes_left": len(codes.get_unused_codes()) if codes else None,
        }


@method_decorator(login_required, name="dispatch")
class SignInsView(View):
    """Where a person is signed in; each place, or all others, can be ended."""

    public = "Shows and ends the signed-in person's own sign-ins."

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = [(row, device_in_words(row.device)) for row in sign_ins_of(_person(request))]
        context = {"rows": rows, "current_key": request.session.session_key}
        return render(request, "organization/sign_ins.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        person, chosen = _person(request), request.POST.get("sign_in", "")
        if chosen == "others":
            count = sessions.end_all(person, but=[request.session.session_key])
            sentence = ngettext("Signed out in %(count)d browser.", "Signed out in %(count)d browsers.", count)
            messages.success(request, sentence % {"count": count})
        elif chosen.isascii() and chosen.isdigit() and len(chosen) < 19 and sessions.end_one(person, int(chosen)):
            messages.success(request, gettext("Signed out there."))
        return redirect("sign-ins")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required
    return request.user
