"""Second factors: what allauth does not decide for us."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organization.sealing import box

PURPOSE = b"ops-platform.organization.second-factor"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seals what codes are computed from, and names passkeys in our words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Take the one that the app shows now."),
    }

    def encrypt(self, text: str) -> str:
        return box(PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box(PURPOSE).decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, *args: Any, **kwargs: Any) -> str:
        return gettext("Passkey")
