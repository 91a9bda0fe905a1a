"""Secrets that must be read again, kept encrypted: passwords of databases, keys that senders sign with.

The key comes from SECRET_KEY, so that a copy of the database alone opens nothing. Whoever changes SECRET_KEY keeps the
old one in SECRET_KEY_FALLBACKS until everything was entered anew.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from metrics.errors import SecretLost

PURPOSE = b"ops-platform.metrics.sources"


def seal(text: str) -> str:
    """The text, encrypted and authenticated; never twice the same."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again. Raises SecretLost when SECRET_KEY is another one."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretLost from error


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(secret_key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret_key.encode())
