"""Signed deliveries, as Standard Webhooks (https://www.standardwebhooks.com) has them.

A sender signs `id.timestamp.body` with HMAC-SHA256 and puts id, Unix time and signatures into three headers. The key is
what stands behind `whsec_`, in base64. Several signatures, and several secrets on our side, let keys be changed without
a gap.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
VERSION = "v1,"
KEY_BYTES = 32
TOLERANCE_SECONDS = 300
MOST_SIGNATURES = 10  # a header of thousands would let a stranger make us compute for nothing


def new_secret() -> str:
    """A secret as senders take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int | str, body: bytes) -> str:
    """The signature of a delivery, `v1,` included. Raises ValueError for what is no secret."""
    if not secret.startswith(PREFIX):
        raise ValueError("A secret begins with whsec_.")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:  # binascii.Error is one
        raise ValueError("Behind whsec_ a secret is base64.") from error
    if not key:
        raise ValueError("A secret is not empty.")
    content = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return VERSION + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def is_signed(secrets_: Iterable[str], *, message_id: str, timestamp: str, signatures: str, body: bytes) -> bool:
    """Whether any of the signatures was made with any of the secrets; compared in constant time."""
    given = [text.encode() for text in signatures.split(" ")[:MOST_SIGNATURES] if text.startswith(VERSION)]
    wanted = [sign(secret, message_id, timestamp, body).encode() for secret in secrets_]
    return any(hmac.compare_digest(one, other) for one in given for other in wanted)


def is_timely(timestamp: str, *, as_of: datetime) -> bool:
    """Whether the Unix time lies within five minutes of now: an old delivery that somebody recorded does not."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(as_of.timestamp() - int(timestamp)) <= TOLERANCE_SECONDS
