"""Where people are signed in, and how they prove who they are."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from organization.engine.devices import browser_of, system_of
from organization.models import Member, SignIn, User


@dataclass(frozen=True)
class Safety:
    """How a member's account is kept. factors: in words, none where a password alone opens it."""

    factors: list[str]
    sign_in_count: int
    seen_at: object


def sign_ins_of(person: User) -> QuerySet[SignIn]:
    """The browsers in which a person is signed in, the last used one first."""
    alive = Session.objects.filter(pk=OuterRef("session_key"), expire_date__gt=timezone.now())
    return SignIn.objects.filter(Exists(alive), user=person).order_by("-seen_at", "-pk")


def device_in_words(agent: str) -> str:
    """ "Chrome on Windows", as far as the browser says so."""
    browser, system = browser_of(agent), system_of(agent)
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or gettext("Unknown device")


def safety_of(member: Member) -> Safety:
    """What an administrator may know of how a member signs in."""
    person = member.user
    kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    words = {Authenticator.Type.WEBAUTHN: gettext("Passkey"), Authenticator.Type.TOTP: gettext("App with codes")}
    found = sign_ins_of(person)
    last = SignIn.objects.filter(user=person).aggregate(last=Max("seen_at"))["last"] or person.last_login
    return Safety([str(word) for kind, word in words.items() if kind in kinds], found.count(), last)
