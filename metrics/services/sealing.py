"""Secrets that must be read again, kept encrypted: passwords of databases, keys that senders sign with.

The key comes from SECRET_KEY, so that a copy of the database alone opens nothing. Whoever changes SECRET_KEY keeps the
old one in SECRET_KEY_FALLBACKS until everything was entered anew.
"""

from __future__ import annotations

from cryptography.fernet import InvalidToken

from metrics.errors import SecretLost
from organization.sealing import box

PURPOSE = b"ops-platform.metrics.sources"


def seal(text: str) -> str:
    """The text, encrypted and authenticated; never twice the same."""
    return box(PURPOSE).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again. Raises SecretLost when SECRET_KEY is another one."""
    try:
        return box(PURPOSE).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretLost from error
