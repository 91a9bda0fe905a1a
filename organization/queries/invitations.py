"""Invitations: those an administrator sees, and the one that a link means."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import connection

from organization.access import Actor
from organization.engine.tokens import token_digest
from organization.models import Invitation, User
from organization.tenancy import TenantQuerySet

NEXT_PERSON = "SELECT nextval(pg_get_serial_sequence('organization_user', 'id'))"


def invitations(actor: Actor) -> TenantQuerySet:
    """Invitations with who sent them and what they give, newest first."""
    found = Invitation.objects.visible_to(actor).select_related("role", "department", "position", "inviter", "member")
    return found.order_by("-id")


def invitation_of(text: str) -> Invitation | None:
    """The invitation of the open organization that a link's text means, whatever its state."""
    found = Invitation.objects.filter(digest=token_digest(text)).exclude(digest="")
    return found.select_related("organization", "role", "department", "inviter__user").first()


def account_of(email: str) -> tuple[User | None, bool]:
    """The account with this address, and whether its owner has ever shown that the mailbox is theirs."""
    person = User.objects.filter(email=email.lower()).first()
    return person, person is not None and is_confirmed(person)


def is_confirmed(person: User) -> bool:
    """Whether the account's owner has shown that its address is theirs; until then somebody else may know its password."""
    return EmailAddress.objects.filter(user=person, email=person.email, verified=True).exists()


def next_person() -> int:
    """A number for a person who does not exist yet: a passkey is made for it before there is a row."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_PERSON)
        (number,) = cursor.fetchone()
    return int(number)
