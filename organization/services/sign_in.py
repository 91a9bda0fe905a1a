"""Guessing passwords: how many tries an account allows, whichever address and host name they come through."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import connection

from organization.models import SignInFailure

MOST_FAILURES = 5
WINDOW = timedelta(minutes=5)
# One statement: two failures at once count as two.
COUNT = """
INSERT INTO organization_signinfailure AS known (digest, failures, since) VALUES (%s, 1, %s)
ON CONFLICT (digest) DO UPDATE SET
  failures = CASE WHEN known.since <= %s THEN 1 ELSE known.failures + 1 END,
  since = CASE WHEN known.since <= %s THEN excluded.since ELSE known.since END
"""


def is_held_back(email: str, *, as_of: datetime) -> bool:
    """Whether the account of `email`, real or not, had too many failures of late to take another try."""
    recent = SignInFailure.objects.filter(digest=_digest(email), since__gt=as_of - WINDOW)
    return recent.filter(failures__gte=MOST_FAILURES).exists()


def count_failure(email: str, *, as_of: datetime) -> None:
    """Remember a failed try."""
    ended = as_of - WINDOW
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [_digest(email), as_of, ended, ended])


def forget_failures(email: str) -> None:
    """Let somebody in who has just proved in another way who they are."""
    SignInFailure.objects.filter(digest=_digest(email)).delete()


def forget_old_failures(*, as_of: datetime) -> None:
    """Drop what no longer holds anybody back."""
    SignInFailure.objects.filter(since__lte=as_of - WINDOW).delete()


def _digest(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()
