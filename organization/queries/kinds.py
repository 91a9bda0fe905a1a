"""The kinds of objects that links, attachments, the audit trail and search can point to.

Each app registers its own in `queries/providers.py`, which its AppConfig imports: a lower floor then shows objects of
higher ones without knowing them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ops_platform.web.addresses import address
from organization.access import Actor


@dataclass(frozen=True)
class Found:
    """An object that the actor may see: what it is called, what it is, and where its page stands.

    key: model label and pk, "metrics.kpi:12", by which the palette finds it again.
    """

    label: str
    kind: Any
    url: str
    detail: str = ""
    key: str = ""
    icon: str = "link"


@dataclass(frozen=True)
class Kind:
    """A model whose rows have a page. url_name takes the pk; edit_permission is what attaching a file needs."""

    model: Any
    label: Any
    url_name: str
    edit_permission: str
    icon: str = "link"

    def found(self, row: Any, detail: str = "") -> Found:
        """A row of the kind, as search and panels show it."""
        key = f"{row._meta.label_lower}:{row.pk}"
        return Found(str(row), self.label, address(self.url_name, row.pk), detail, key, self.icon)


@dataclass(frozen=True)
class Act:
    """What a higher floor offers on the page of an object: where it leads, for whoever holds the permission at all."""

    label: Any
    icon: str
    permission: str
    address: Callable[[Any], str]


SearchProvider = Callable[[Actor, str, int], list[Found]]
_kinds: dict[str, Kind] = {}
_names: dict[str, Any] = {}
_acts: dict[str, list[Act]] = defaultdict(list)
_search_providers: list[SearchProvider] = []


def register_kind(kind: Kind) -> Kind:
    """Let rows of a model be linked, attached to and named in the trail."""
    _kinds[kind.model._meta.label_lower] = kind
    return kind


def register_name(model: Any, label: Any) -> None:
    """Say what rows of a model without pages are called in the trail."""
    _names[model._meta.label_lower] = label


def register_act(model: Any, act: Act) -> None:
    """Offer something on the pages of a lower floor's objects."""
    if act not in _acts[model._meta.label_lower]:
        _acts[model._meta.label_lower].append(act)


def acts_on(actor: Actor, row: Any) -> list[tuple[Any, str, str]]:
    """(label, icon, address) of what higher floors offer the actor on a row."""
    acts = _acts[row._meta.label_lower]
    return [(act.label, act.icon, act.address(row)) for act in acts if actor.holds(act.permission)]


def register_search(provider: SearchProvider) -> SearchProvider:
    """Add a source of search results. It starts from `visible_to`, as every read does."""
    if provider not in _search_providers:
        _search_providers.append(provider)
    return provider


def search_providers() -> tuple[SearchProvider, ...]:
    """All sources, in the order of the floors."""
    return tuple(_search_providers)


def kind_of(label: str) -> Kind | None:
    """The kind of a model label such as "organization.department", None for one without pages."""
    return _kinds.get(label)


def name_of(label: str) -> Any:
    """What rows of a model label are called, None where nobody said it."""
    kind = kind_of(label)
    return kind.label if kind else _names.get(label)


def kinds() -> dict[str, Kind]:
    """All kinds by model label, in the order of the floors."""
    return dict(_kinds)


def place_of(subject: Any) -> str:
    """The address of an object's page, empty for one without."""
    kind = kind_of(subject._meta.label_lower)
    return address(kind.url_name, subject.pk) if kind else ""


def visible_object(actor: Actor, label: str, pk: int) -> Any:
    """The row, or None when it does not exist for the actor."""
    kind = kind_of(label)
    return kind.model.objects.visible_to(actor).filter(pk=pk).first() if kind else None


def visible_objects(actor: Actor, ends: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Found]:
    """What the actor may see of the named objects, in one statement for each kind."""
    by_label: dict[str, set[int]] = defaultdict(set)
    for label, pk in ends:
        by_label[label].add(pk)
    found = {}
    for label, pks in by_label.items():
        if kind := kind_of(label):
            for row in kind.model.objects.visible_to(actor).filter(pk__in=pks):
                found[label, row.pk] = kind.found(row)
    return found
