"""How often somebody tried to sign in to an account, and failed."""

from __future__ import annotations

from django.db import models


class SignInFailure(models.Model):
    """Failed sign-ins under one e-mail address since the first of them. Of no organization: nobody is known yet.

    `digest` is SHA-256 of the address, which need not belong to anybody. Kept here because the cache may lose everything
    at any time.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField()
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["since"], name="signinfailure_age")]
