"""What a signed-in person asks of their own account."""

from __future__ import annotations

from allauth.account.forms import AddEmailForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.http import HttpRequest


class NewAddressForm(AddEmailForm):
    """Asks for another address. allauth's form takes the present one away where it was never confirmed."""

    def save(self, request: HttpRequest) -> EmailAddress:
        """Keep the address as one that waits, in place of an earlier one, and ask its mailbox."""
        user = self.user
        EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
        address = EmailAddress.objects.create(user=user, email=self.cleaned_data["email"].lower())
        send_verification_email_to_address(request, address)
        return address
