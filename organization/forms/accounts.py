"""What a signed-in person asks of their own account."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import AddEmailForm, LoginForm, ResetPasswordForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.forms import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):
    """allauth's form, with our word for the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_address(self.fields["login"])
        self.fields["password"].widget.attrs.pop("placeholder", None)


class ForgottenForm(ResetPasswordForm):
    """allauth's form, with our word for the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_address(self.fields["email"])


def _name_address(field: Field) -> None:
    """The label says it; a placeholder would say it again, in another word."""
    field.label = _("E-mail")
    field.widget.attrs.pop("placeholder", None)


class NewAddressForm(AddEmailForm):
    """Asks for another address. allauth's form takes the present one away where it was never confirmed."""

    def save(self, request: HttpRequest) -> EmailAddress:
        """Keep the address as one that waits, in place of an earlier one, and ask its mailbox."""
        user = self.user
        EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
        address = EmailAddress.objects.create(user=user, email=self.cleaned_data["email"].lower())
        send_verification_email_to_address(request, address)
        return address
