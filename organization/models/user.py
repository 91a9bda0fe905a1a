"""The person who signs in. One person may be a member of several organizations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from organization.choices import Density, Language, Theme
from organization.personal import ACCOUNT, Erasure, Personal


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who can sign in; without a password, only after setting one."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Signs in by e-mail. What a person may do hangs on their memberships, never on this row."""

    personal = Personal(
        _("Name, e-mail address, password (as a digest), language, time zone, look of the screens"),
        _("Signing in"),
        ACCOUNT,
        Erasure.DELETED,
        "pk",
        True,
    )

    email = models.EmailField(_("E-mail"), max_length=254, unique=True)
    name = models.CharField(_("Name"), max_length=200, blank=True)
    language = models.CharField(_("Language"), max_length=10, choices=Language.choices, blank=True)
    timezone = models.CharField(_("Time zone"), max_length=64, blank=True)
    theme = models.CharField(_("Theme"), max_length=10, choices=Theme.choices, blank=True)
    density = models.CharField(_("Density"), max_length=10, choices=Density.choices, blank=True)
    uses_keys = models.BooleanField(_("Single-key shortcuts"), default=True)
    rows_per_page = models.PositiveSmallIntegerField(_("Rows of a list"), default=50)
    is_active = models.BooleanField(_("May sign in"), default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name that mails address."""
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)
