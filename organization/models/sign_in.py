"""Who is signed in where, and how often somebody tried to and failed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.personal import Erasure, Personal


class SignInFailure(models.Model):
    """Failed sign-ins under one e-mail address since the first of them. Of no organization: nobody is known yet.

    `digest` is SHA-256 of the address, which need not belong to anybody. Kept here because the cache may lose everything
    at any time.
    """

    personal = Personal(
        _("A digest of the e-mail address under which signing in failed"),
        _("Stopping people who guess passwords"),
        _("5 minutes"),
        Erasure.DELETED,
        "",
        True,
    )

    digest = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField()
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["since"], name="signinfailure_age")]


class SignIn(models.Model):
    """One browser in which a person is signed in. Of no organization: a person signs in once for all of theirs.

    `session_key` is the session's own key; the row goes with the session.
    """

    personal = Personal(
        _("Browsers in which the person is signed in, with their network address"),
        _("Seeing and ending sessions"),
        _("As long as the session"),
        Erasure.DELETED,
        "user",
        True,
    )

    user = models.ForeignKey("organization.User", models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(_("Device"), max_length=300, blank=True)
    address = models.GenericIPAddressField(_("Address"), null=True)
    started_at = models.DateTimeField(_("Signed in"))
    seen_at = models.DateTimeField(_("Last seen"))

    class Meta:
        indexes = [models.Index(fields=["user", "-seen_at"], name="signin_of_person")]
