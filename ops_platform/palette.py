"""What the command palette offers: places to go, objects to find, things to do, the last used first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ops_platform.navigation import sections
from organization.access import Actor
from organization.queries.kinds import Found, visible_objects
from organization.queries.matching import cleaned, label_matches, starts
from organization.queries.search import search

EACH = 6
MOST_RECENT = 6
MOST_SENT = 20
LONGEST_KEY = 120


@dataclass(frozen=True)
class Act:
    """Something to do: a page that begins it, or a control of the shell that the palette presses (a CSS selector)."""

    key: str
    label: Any
    icon: str
    url_name: str = ""
    permission: str = "organization.home.view"
    presses: str = ""


@dataclass(frozen=True)
class Choice:
    """One line of the palette. key: what the browser remembers it by. presses: the control that it stands for."""

    key: str
    label: str
    icon: str
    detail: Any = ""
    url: str = ""
    presses: str = ""


@dataclass(frozen=True)
class Part:
    """Lines under one heading."""

    key: str
    label: Any
    choices: list[Choice]


ACTS = (
    Act("dashboard", _("New dashboard"), "layout-dashboard", "metrics:dashboard-new", "metrics.dashboard.edit"),
    Act("kpi", _("New KPI"), "chart-line", "metrics:kpi-new", "metrics.kpi.edit"),
    Act("import", _("Import a file"), "file-import", "metrics:import-new", "metrics.import.run"),
    Act("member", _("Add member"), "user-plus", "organization:member-new", "organization.member.edit"),
    Act("department", _("New department"), "hierarchy", "organization:department-new", "organization.department.edit"),
    Act("role", _("New role"), "shield-check", "organization:role-new", "organization.role.edit"),
    Act("calendar", _("New calendar"), "calendar", "organization:calendar-new", "organization.calendar.edit"),
    Act("token", _("New token"), "key", "organization:token-new", "organization.token.edit"),
    Act("changes", _("Large changes"), "list-check", "organization:bulk-list"),
    Act("english", _("Switch to English"), "language", presses='button[name="language"][value="en"]'),
    Act("chinese", _("Switch to Chinese"), "language", presses='button[name="language"][value="zh-hans"]'),
    Act("light", _("Light theme"), "sun", presses='[data-theme-choice="light"]'),
    Act("dark", _("Dark theme"), "moon", presses='[data-theme-choice="dark"]'),
    Act("system", _("Theme as the device"), "device-desktop", presses='[data-theme-choice=""]'),
    Act("compact", _("Compact rows"), "table", presses='[data-density-choice="compact"]'),
    Act("comfortable", _("Comfortable rows"), "table", presses='[data-density-choice=""]'),
    Act("keys", _("Show the keys"), "keyboard", presses='[data-opens="keys"]'),
    Act("sign-out", _("Sign out"), "logout", presses="form[data-sign-out] button"),
)


def palette(actor: Actor, text: str, recent: Sequence[str] = (), hidden: Collection[str] = ()) -> list[Part]:
    """The parts for what was typed; with nothing typed, what was used last, all places and all acts.

    recent: keys as the browser sent them, the last used first; what the actor may not see any more is left out.
    hidden: the pillars that the organization leaves out of its menu; their objects are found all the same.
    """
    text = cleaned(text)
    recent = [key for key in recent[:MOST_SENT] if len(key) <= LONGEST_KEY]
    places, acts = list(_places(actor, hidden)), list(_acts(actor))
    if not text:
        known = {choice.key: choice for choice in (*places, *acts)} | _objects(actor, recent)
        used = [known[key] for key in dict.fromkeys(recent) if key in known][:MOST_RECENT]
        return _filled(Part("recent", _("Last used"), used), Part("go", _("Go to"), places), Part("do", _("Do"), acts))
    found = [
        Part(f"find-{number}", group.label, _sorted([_found(one) for one in group.results], text, recent))
        for number, group in enumerate(search(actor, text, EACH))
    ]
    parts = _filled(
        Part("go", _("Go to"), _sorted(_matching(places, text), text, recent)[:EACH]),
        Part("do", _("Do"), _sorted(_matching(acts, text), text, recent)[:EACH]),
        *found,
    )
    return sorted(parts, key=lambda part: _rank(part.choices[0], text, recent))


def _places(actor: Actor, hidden: Collection[str]) -> Iterator[Choice]:
    for section in sections(hidden):
        for entry in section.entries:
            if actor.holds(entry.permission):
                yield Choice(f"go:{entry.url_name}", entry.label, entry.icon, section.label, reverse(entry.url_name))


def _acts(actor: Actor) -> Iterator[Choice]:
    for act in ACTS:
        if actor.holds(act.permission):
            url = reverse(act.url_name) if act.url_name else ""
            yield Choice(f"do:{act.key}", act.label, act.icon, url=url, presses=act.presses)


def _objects(actor: Actor, keys: Sequence[str]) -> dict[str, Choice]:
    """The remembered objects that the actor may see today, under today's names; one statement for each kind."""
    wanted = []
    for key in keys:
        label, _colon, number = key.partition(":")
        if number.isascii() and number.isdigit() and len(number) < 19:
            wanted.append((label, int(number)))
    return {found.key: _found(found, with_kind=True) for found in visible_objects(actor, wanted).values()}


def _found(found: Found, *, with_kind: bool = False) -> Choice:
    return Choice(found.key, found.label, found.icon, found.kind if with_kind else found.detail, found.url)


def _matching(choices: list[Choice], text: str) -> list[Choice]:
    return [choice for choice in choices if label_matches(choice.label, text)]


def _sorted(choices: list[Choice], text: str, recent: Sequence[str]) -> list[Choice]:
    return sorted(choices, key=lambda choice: _rank(choice, text, recent))


def _rank(choice: Choice, text: str, recent: Sequence[str]) -> tuple[int, bool]:
    """What was used before stands first, then what begins with the text."""
    place = recent.index(choice.key) if choice.key in recent else len(recent)
    return place, not starts(str(choice.label), text)


def _filled(*parts: Part) -> list[Part]:
    return [part for part in parts if part.choices]
