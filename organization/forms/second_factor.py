"""The forms of second factors: allauth's, with our words and our count of wrong codes."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organization.services import sign_in

CODE_INPUT = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}


class Counted(forms.Form):
    """A code that only few wrong ones may precede, whichever address they come from."""

    user: Any

    def clean_code(self) -> str:
        account = f"second factor of {self.user.pk}"
        if sign_in.is_held_back(account, as_of=timezone.now()):
            raise get_adapter().validation_error("too_many_login_attempts")
        try:
            code: str = super().clean_code()  # type: ignore[misc]  # of the allauth form beside it
        except ValidationError:
            sign_in.count_failure(account, as_of=timezone.now())
            raise
        sign_in.forget_failures(account)
        return code


class CodeForm(Counted, AuthenticateForm):
    """The code after the password."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(CODE_INPUT),
        help_text=_("From your app, or one of your recovery codes."),
    )


class CodeAgainForm(Counted, ReauthenticateForm):
    """A code before something that matters."""

    code = forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(CODE_INPUT))


class FirstCodeForm(Counted, ActivateTOTPForm):
    """The code that shows that the app has the secret."""

    code = forms.CharField(label=_("Code from the app"), max_length=20, widget=forms.TextInput(CODE_INPUT))


class NewPasskeyForm(AddWebAuthnForm):
    """A passkey with a name to know it by."""

    name = forms.CharField(label=_("Name"), max_length=100, required=False, help_text=_("Where it is: “Work phone”."))


class PasskeyNameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name"), max_length=100)
