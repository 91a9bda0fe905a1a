"""What is kept about people: the declarations of all models, and what there is of one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from organization.access import Actor, system_actor
from organization.choices import ActorKind
from organization.models import ApiToken, Member
from organization.personal import OTHERS, Personal
from organization.queries import audit

# What opens something is nobody's to read, the person's own included
SECRET = frozenset({"password", "digest", "key", "data", "session_key", "session_data"})
MOST_ENTRIES = 100_000


@dataclass(frozen=True)
class Kind:
    """One kind of personal data with the rows of one person. rows: values by field name."""

    label: str
    personal: Personal
    rows: list[dict[str, Any]]


def declared() -> list[tuple[Any, Personal]]:
    """Every model that says what it holds about people, packages' own included."""
    found = []
    for model in apps.get_models():
        personal = getattr(model, "personal", None) or OTHERS.get(model._meta.label_lower)
        if personal is not None:
            found.append((model, personal))
    return found


def data_of(member: Member) -> list[Kind]:
    """All that is kept about a member of the open organization and their account, save secrets."""
    kinds = []
    for model, personal in declared():
        if personal.person:
            wanted = member.user_id if personal.of_account else member.pk
            rows = model._default_manager.filter(**{personal.person: wanted}).order_by("pk")
            kinds.append(Kind(model._meta.label_lower, personal, [_plain(row) for row in rows]))
    return kinds


def responsible_for(member: Member) -> list[tuple[str, str, str]]:
    """Everything that names the member as who made it or answers for it: (what, its name, as what)."""
    found = []
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Member and _is_shown(model, field):
                rows = model._default_manager.filter(**{field.name: member.pk}).order_by("pk")
                found += [(str(model._meta.verbose_name), str(row), str(field.verbose_name)) for row in rows]
    return found


def entries_of(member: Member) -> Iterator[tuple[Any, str, str, str]]:
    """What the member and their tokens did, oldest first: when, what, of what, details."""
    reader: Actor = system_actor(member.organization_id, "privacy")
    tokens = ApiToken.objects.filter(member=member).values("pk")
    own = models.Q(actor_kind=ActorKind.MEMBER, actor_id=member.pk)
    theirs = models.Q(actor_kind=ActorKind.TOKEN, actor_id__in=tokens)
    entries = audit.audit_entries(reader).filter(own | theirs).order_by("pk")[:MOST_ENTRIES]
    for entry in audit.with_names(reader, entries):
        yield entry.at, audit.what(entry), audit.of_what(entry), audit.details(entry)


def _is_shown(model: Any, field: Any) -> bool:
    """Things with a name of their own, which are not told as data about the person already."""
    return type(model).__str__ is not None and model.__str__ is not models.Model.__str__ and field.name != "member"


def _plain(row: Any) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if field.name not in SECRET]
    return {field.name: field.value_from_object(row) for field in fields if field.name != "organization"}
