"""What is kept of a secret that is shown once."""

from __future__ import annotations

import hashlib


def token_digest(text: str) -> str:
    """SHA-256 (hex). A token has 32 random bytes, so it needs no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
