"""Tokens: hashed, limited, ending, and never above what their maker and member hold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from organization.access import Actor, Grant
from organization.choices import ActorKind, Scope
from organization.models import ApiToken, Member, Organization
from organization.queries.actors import token_holder
from organization.services import members, tokens
from organization.services.roles import BeyondOwnRights
from tests.factories import make_member

SEE, EDIT = "organization.member.view", "organization.member.edit"
NOW = timezone.now()


def make(owner: Actor, scope: Organization, member: Member, *codenames: str) -> tuple[ApiToken, str]:
    return tokens.create_token(
        owner, scope, name="T", member=member, codenames=list(codenames), expires_at=NOW + timedelta(days=1)
    )


def test_a_token_acts_for_its_member_within_its_rights(scope: Organization, owner: Actor) -> None:
    member = make_member("admin")
    token, text = make(owner, scope, member, SEE)

    found = token_holder(text, as_of=NOW)

    assert found is not None
    _token, holder, actor = found
    assert (holder, actor.token_id, actor.kind) == (member, token.pk, ActorKind.TOKEN)
    assert set(actor.grants) == {SEE}


def test_a_token_never_exceeds_its_member(scope: Organization, owner: Actor) -> None:
    _token, text = make(owner, scope, make_member("staff"), SEE, EDIT)

    found = token_holder(text, as_of=NOW)

    assert found is not None
    assert set(found[2].grants) == {SEE}


def test_nothing_but_a_hash_is_kept(scope: Organization, owner: Actor) -> None:
    token, text = make(owner, scope, make_member("staff"), SEE)

    kept = [str(getattr(token, field.attname)) for field in ApiToken._meta.local_fields]

    assert text not in kept
    assert all(len(value) <= 12 or value not in text for value in kept)


def test_an_ended_revoked_or_made_up_token_opens_nothing(scope: Organization, owner: Actor) -> None:
    member = make_member("staff")
    token, text = make(owner, scope, member, SEE)

    assert token_holder(text, as_of=NOW + timedelta(days=1)) is None
    assert token_holder(text + "x", as_of=NOW) is None
    tokens.revoke_token(owner, token)
    assert token_holder(text, as_of=NOW) is None


def test_a_token_ends_with_its_member(scope: Organization, owner: Actor) -> None:
    member = make_member("staff")
    _token, text = make(owner, scope, member, SEE)

    members.change_member(owner, member, version=member.version, is_active=False)

    assert token_holder(text, as_of=NOW) is None


def test_o4_nobody_makes_a_token_beyond_their_own_rights(scope: Organization, owner: Actor) -> None:
    everywhere = (Grant(Scope.ORGANIZATION),)
    me, other = make_member(None), make_member("owner")
    narrow = Actor(
        ActorKind.MEMBER,
        scope.pk,
        member_id=me.pk,
        grants={"organization.token.edit": everywhere, SEE: (Grant(Scope.OWN),)},
    )

    make(narrow, scope, me, SEE)
    for member, codename in ((other, SEE), (me, EDIT)):
        with pytest.raises(BeyondOwnRights):
            make(narrow, scope, member, codename)

    assert ApiToken.objects.count() == 1


def test_the_last_use_is_kept_to_the_minute(scope: Organization, owner: Actor) -> None:
    token, _text = make(owner, scope, make_member("staff"), SEE)

    for seconds, expected in ((0, 0), (59, 0), (60, 60)):
        tokens.note_use(ApiToken.objects.get(), as_of=NOW + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == NOW + timedelta(seconds=expected)
