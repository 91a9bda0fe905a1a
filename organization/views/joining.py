"""What the link in an invitation opens. Whoever holds the link reads the mailbox; nobody else learns anything."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.decorators import rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View

from ops_platform.database.scope import organization_var
from organization.access import system_actor
from organization.choices import InvitationState
from organization.errors import DomainError
from organization.forms.invitations import JoinForm, NewPersonForm
from organization.middleware import SESSION_KEY
from organization.models import User
from organization.queries.invitations import account_of, invitation_of, next_person
from organization.services import joining
from organization.services.invitations import LIVE
from organization.views.base import add_error

NUMBER_KEY = "invited_person"
CLOSED = {
    InvitationState.ACCEPTED: _("This invitation was used already"),
    InvitationState.REVOKED: _("This invitation was withdrawn"),
    InvitationState.EXPIRED: _("This invitation is too old"),
}


@method_decorator(rate_limit(action="invitation", limit_get=True), name="dispatch")
class InvitationView(View):
    """Join: with the account of the address, or with a new one."""

    public = "Shows an invitation to whoever has the secret link of its mail."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        text = kwargs["text"]
        invitation = invitation_of(text) if organization_var.get() is not None else None
        if invitation is None:
            return self.refuse(request, _("This link is not complete, or a newer mail has replaced it"), status=404)
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) or invitation.language
        with translation.override(language), timezone.override(invitation.organization.timezone):
            state = invitation.state(timezone.now())
            if state not in LIVE:
                return self.refuse(request, CLOSED[state], status=410, is_accepted=state == InvitationState.ACCEPTED)
            self.invitation, self.person = invitation, account_of(invitation.email)
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def get(self, request: HttpRequest, text: str) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, text: str) -> HttpResponse:
        form = self.form(request.POST)
        if form is None:
            return self.show(None, status=409)
        try:
            if form.is_valid():
                return self.join(form)
        except DomainError as error:
            add_error(form, error)
        except ValidationError:
            form.add_error(None, str(_("The passkey could not be made. Try again, or choose a password.")))
        return self.show(form, status=422)

    def form(self, data: Any = None) -> Any:
        """What is to be filled in: None while somebody has to sign in or out first."""
        person, is_confirmed = self.person
        if self.request.user.is_authenticated and self.request.user.pk != (person.pk if person else None):
            return None
        if not is_confirmed:
            return NewPersonForm(data, email=self.invitation.email, initial={"name": person.name if person else ""})
        if not self.request.user.is_authenticated:
            return None
        return JoinForm(data, initial={"name": self.request.user.name})

    def join(self, form: Any) -> HttpResponse:
        """Make the member, sign them in, and go on to the first page."""
        actor = system_actor(self.invitation.organization_id, "invitation")
        if not isinstance(form, NewPersonForm):
            assert isinstance(self.request.user, User)  # else there is no form
            joining.join(actor, self.invitation, person=self.request.user, name=form.cleaned_data["name"])
            self.request.session[SESSION_KEY] = self.invitation.organization_id
            return redirect("home")
        facts = form.cleaned_data
        passkey = facts["credential"]
        if passkey:
            webauthn.parse_registration_response(passkey)
            if not webauthn.complete_registration(passkey).is_user_verified():
                raise ValidationError("not verified")
        member = joining.join_as_new(
            actor,
            self.invitation,
            name=facts["name"],
            password=facts["password"],
            passkey=passkey,
            number=self.request.session.pop(NUMBER_KEY, None) if passkey else None,
        )
        return self.enter(member.user, is_by_passkey=bool(passkey))

    def enter(self, person: User, *, is_by_passkey: bool) -> HttpResponse:
        """Sign the new person in: the link and what they have just set are proof enough."""
        if is_by_passkey:
            key = Authenticator.objects.get(user=person, type=Authenticator.Type.WEBAUTHN)
            record_authentication(
                self.request, person, "mfa", id=key.pk, type=key.type, passwordless=True, reauthenticated=True
            )
        else:
            record_authentication(self.request, person, "password", email=person.email)
        answer = perform_login(self.request, Login(user=person, redirect_url="/"))
        self.request.session[SESSION_KEY] = self.invitation.organization_id
        if settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            answer.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                self.invitation.language,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                samesite="Lax",
            )
        return answer

    def show(self, form: Any, status: int = 200) -> HttpResponse:
        """The page: with the form, or with what has to be done first."""
        person, _is_confirmed = self.person
        context: dict[str, Any] = {
            "invitation": self.invitation,
            "form": form,
            "is_new": isinstance(form, NewPersonForm),
            "is_somebody_else": form is None and self.request.user.is_authenticated,
        }
        if isinstance(form, NewPersonForm):
            context["passkey_options"] = {"creation_options": self.passkey_options(person)}
        return render(self.request, "organization/invitation.html", context, status=status)

    def passkey_options(self, person: User | None) -> dict[str, Any]:
        """What the browser needs to make a passkey, for an account that may not exist yet."""
        if person is None:
            number = self.request.session.get(NUMBER_KEY) or next_person()
            self.request.session[NUMBER_KEY] = number
            person = User(pk=number, email=self.invitation.email)
        return webauthn.begin_registration(person, True)

    def refuse(self, request: HttpRequest, title: Any, *, status: int, is_accepted: bool = False) -> HttpResponse:
        """A page that says why the link does not work, and what to do."""
        context = {"page_title": title, "is_accepted": is_accepted}
        return render(request, "organization/invitation_closed.html", context, status=status)
