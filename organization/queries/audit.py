"""Reading and checking the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db.models import OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext, pgettext

from ops_platform.web.formats import named
from organization.access import Actor
from organization.choices import ActorKind
from organization.engine.audit_chain import CHAINED, GENESIS, chain_hash
from organization.engine.local_time import day_start
from organization.engine.renumbering import renumbered
from organization.models import ApiToken, AuditEntry, ImportedTrail, Member, RequestOrigin
from organization.queries.audit_words import (
    REASONS,
    VERBS,
    Names,
    fact_name,
    fact_text,
    mentioned,
    model_of,
    pointed_at,
)
from organization.queries.kinds import name_of, visible_objects
from organization.queries.search import search
from organization.tenancy import TenantQuerySet

NAMED_AT_ONCE = 1_000
LOOKED_AT = 20_000
MOST_FOUND = 1_000
# Whose number an actor's is
ACTORS: dict[str, str] = {ActorKind.MEMBER: "organization.member", ActorKind.TOKEN: "organization.apitoken"}


@dataclass(frozen=True)
class ChainCheck:
    """What a walk along the chain found. broken_at: id of the first entry that does not fit, None when all do."""

    count: int
    last_hash: str
    broken_at: int | None

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def audit_entries(
    actor: Actor,
    *,
    verb: str = "",
    object_type: str = "",
    object_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
    by: Member | None = None,
    q: str = "",
    timezone: str = "UTC",
) -> TenantQuerySet:
    """Entries the actor may read, newest first, with the names that are visible to them and the client's `address`.

    verb: the last part of one; since, until: whole days of `timezone`, both included; by: a member, or a token of
    theirs. q: a name of an object or a member, or a text among the facts of the newest LOOKED_AT entries that the other
    filters leave; at most MOST_FOUND of each. Every filter is answered by an index, however long the trail.
    """
    origins = RequestOrigin.objects.filter(request_id=OuterRef("request_id")).values("address")[:1]
    conditions = Q()
    if verb:
        conditions &= Q(act=verb)
    if object_type:
        conditions &= Q(object_type=object_type)
    if object_id is not None:
        conditions &= Q(object_id=object_id)
    if since:
        conditions &= Q(at__gte=day_start(since, timezone))
    if until:
        conditions &= Q(at__lt=day_start(until + timedelta(days=1), timezone))
    if by is not None:
        conditions &= _acts_of([by.pk])
    found = AuditEntry.objects.visible_to(actor).filter(conditions)
    if q:
        found = found.filter(pk__in=_with_text(actor, found, q))
    found = found.annotate(address=Subquery(origins))
    return with_actors(actor, found).order_by("-id")


def with_actors(actor: Actor, found: TenantQuerySet) -> TenantQuerySet:
    """The entries, each with the names for `who` that are visible to the actor."""
    members = Member.objects.visible_to(actor).filter(pk=OuterRef("actor_id")).values("name")[:1]
    tokens = ApiToken.objects.visible_to(actor).filter(pk=OuterRef("actor_id")).values("name")[:1]
    holders = Member.objects.visible_to(actor).filter(tokens__pk=OuterRef("actor_id")).values("name")[:1]
    return found.annotate(actor_name=Subquery(members), token_name=Subquery(tokens), holder_name=Subquery(holders))


def stretch(
    actor: Actor, *, since: date | None = None, until: date | None = None, timezone: str = "UTC"
) -> Iterator[dict[str, Any]]:
    """Every entry between two days, the oldest first, with the values that its seal is made of; none is left out.

    Entries that came with an imported organization bear the numbers of their first place, which were sealed.
    """
    entries = AuditEntry.objects.visible_to(actor)
    if since:
        entries = entries.filter(at__gte=day_start(since, timezone))
    if until:
        entries = entries.filter(at__lt=day_start(until + timedelta(days=1), timezone))
    eras = _eras()
    for entry in entries.order_by("id").iterator(chunk_size=1000):
        yield _as_sealed(entry, eras) | {"id": entry.pk, "previous_hash": entry.previous_hash, "hash": entry.hash}


def _acts_of(members: Iterable[int]) -> Q:
    ids = list(members)
    tokens = list(ApiToken.objects.filter(member__in=ids).values_list("pk", flat=True))
    by_member = Q(actor_kind=ActorKind.MEMBER, actor_id__in=ids)
    return by_member | Q(actor_kind=ActorKind.TOKEN, actor_id__in=tokens) if tokens else by_member


def _with_text(actor: Actor, entries: TenantQuerySet, text: str) -> set[int]:
    """Numbers of the newest entries about or by what is called so, or that say so."""
    named_so = [one.key.rpartition(":") for group in search(actor, text) for one in group.results if one.key]
    by_kind: dict[str, list[int]] = {}
    for label, _colon, number in named_so:
        by_kind.setdefault(label, []).append(int(number))
    newest = entries.order_by("-id").values("pk")[:LOOKED_AT]
    said = AuditEntry.objects.filter(pk__in=newest).alias(words=Cast("facts", TextField()))
    found = [said.filter(words__icontains=text)]
    found += [entries.filter(object_type=label, object_id__in=ids) for label, ids in by_kind.items()]
    if people := by_kind.get("organization.member"):
        found.append(entries.filter(_acts_of(people)))
    return {pk for rows in found for pk in rows.order_by("-id").values_list("pk", flat=True)[:MOST_FOUND]}


def verb_choices() -> Iterator[tuple[str, Any]]:
    """The verbs of the trail for a filter."""
    yield from VERBS.items()


def who(entry: Any) -> str:
    """Who acted, in words: a name, a token, the system with its reason. entry: a row of `audit_entries`."""
    if entry.actor_kind == ActorKind.MEMBER:
        return entry.actor_name or gettext("Member %(number)s") % {"number": entry.actor_id}
    if entry.actor_kind == ActorKind.TOKEN:
        token = gettext("API token %(number)s") % {"number": entry.actor_id}
        token = named(token, entry.token_name) if entry.token_name else token
        if not entry.holder_name:
            return token
        return gettext("%(token)s, for %(member)s") % {"token": token, "member": entry.holder_name}
    return gettext("System: %(reason)s") % {"reason": REASONS.get(entry.reason, entry.reason)}


def what(entry: AuditEntry) -> str:
    """What was done, in words."""
    last = entry.verb.rpartition(".")[2]
    return str(VERBS.get(last, entry.verb))


def of_what(entry: AuditEntry) -> str:
    """The kind and number of the object, with its name where `with_names` has found it."""
    model = model_of(entry.object_type)
    label = name_of(entry.object_type) or (model._meta.verbose_name if model else entry.object_type)
    text = f"{label} {entry.object_id or ''}".strip()
    found = _names(entry).get((entry.object_type, entry.object_id))
    return named(text, found.label) if found else text


def details(entry: AuditEntry) -> str:
    """Fields with before and after, and other facts: "Code: A → B"."""
    return " · ".join(detail_lines(entry))


def detail_lines(entry: AuditEntry) -> list[str]:
    """The parts of `details`, one for each field and fact."""
    model, names = model_of(entry.object_type), _names(entry)
    pairs: list[tuple[str, str]] = []
    for name, value in entry.facts.items():
        if name == "changed" and isinstance(value, dict):
            pairs += [
                (field, f"{fact_text(model, field, old, names)} → {fact_text(model, field, new, names)}")
                for field, (old, new) in value.items()
            ]
        elif name == "texts":
            pairs += [(field, pgettext("audit", "changed")) for field in value]
        elif value not in (None, "", [], {}):
            pairs.append((name, fact_text(model, name, value, names)))
    return [named(fact_name(model, name), text) for name, text in pairs]


def with_names(actor: Actor, entries: Iterable[AuditEntry]) -> Iterator[AuditEntry]:
    """The entries, each with the present names of what it mentions, as far as the actor may see it.

    A statement for each kind of object among NAMED_AT_ONCE entries.
    """
    rest, eras = iter(entries), _eras()
    while batch := list(islice(rest, NAMED_AT_ONCE)):
        for entry in batch:
            entry.facts = _facts_here(entry, eras)
        names = visible_objects(actor, {end for entry in batch for end in mentioned(entry)})
        for entry in batch:
            entry.names = names  # type: ignore[attr-defined]  # for `_names`
            yield entry


def chain_check() -> ChainCheck:
    """Recompute the open organization's chain from its first entry."""
    previous, count, eras = GENESIS, 0, _eras()
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=1000):
        if entry.previous_hash != previous or chain_hash(previous, _as_sealed(entry, eras)) != entry.hash:
            return ChainCheck(count, previous, entry.pk)
        previous, count = entry.hash, count + 1
    return ChainCheck(count, previous, None)


def _eras() -> list[ImportedTrail]:
    """Which entries came from other installations, oldest first; none in nearly every organization."""
    return list(ImportedTrail.objects.order_by("last_entry_id"))


def _shifts(entry: AuditEntry, eras: list[ImportedTrail]) -> dict[str, int]:
    """What the import of an entry added to numbers, by model label; empty for entries that were written here."""
    return next((era.shifts for era in eras if entry.pk <= era.last_entry_id), {})


def _as_sealed(entry: AuditEntry, eras: list[ImportedTrail]) -> dict[str, Any]:
    """The chained values with the numbers that they had when the entry was sealed."""
    content = {name: getattr(entry, name) for name in CHAINED}
    shifts = _shifts(entry, eras)
    for name, label in (("object_id", entry.object_type), ("actor_id", ACTORS.get(entry.actor_kind, ""))):
        if content[name] is not None:
            content[name] -= shifts.get(label, 0)
    return content


def _facts_here(entry: AuditEntry, eras: list[ImportedTrail]) -> dict[str, Any]:
    """The facts with the numbers that their objects have here."""
    shifts = _shifts(entry, eras)
    if not shifts:
        return entry.facts
    model = model_of(entry.object_type)
    return renumbered(entry.facts, lambda name: shifts.get(pointed_at(model, name), 0))


def _names(entry: AuditEntry) -> Names:
    return getattr(entry, "names", {})
