"""The menu: pillars that exist and that the organization uses, entries that the actor may open."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from metrics.queries.at_hand import Pinned
from ops_platform.web.addresses import address
from organization.access import Actor
from organization.choices import Pillar


@dataclass(frozen=True)
class Entry:
    """One line of the menu. counts: the member's number that it shows, `owed` or `unread`."""

    label: Any
    url_name: str
    icon: str
    permission: str
    counts: str = ""


@dataclass(frozen=True)
class Section:
    """A pillar with its entries. key: what is remembered of it; pillar: set where an organization may leave it out."""

    key: str
    label: Any
    entries: tuple[Entry, ...]
    pillar: str = ""


SECTIONS = (
    Section(
        "me",
        pgettext_lazy("menu", "For me"),
        (
            Entry(_("My work"), "organization:work-list", "list-check", "organization.work.view", "owed"),
            Entry(_("Inbox"), "organization:inbox", "inbox", "organization.home.view", "unread"),
        ),
    ),
    Section(
        "metrics",
        _("Metrics"),
        (
            Entry(_("Dashboards"), "metrics:dashboard-list", "layout-dashboard", "metrics.dashboard.view"),
            Entry(_("KPIs"), "metrics:kpi-list", "chart-line", "metrics.kpi.view"),
            Entry(_("Enter figures"), "metrics:entry-list", "pencil", "metrics.entry.view"),
            Entry(_("Datasets"), "metrics:dataset-list", "database", "metrics.dataset.view"),
            Entry(_("Imports"), "metrics:import-list", "file-import", "metrics.import.view"),
            Entry(_("Data sources"), "metrics:source-list", "plug", "metrics.source.view"),
        ),
        Pillar.METRICS,
    ),
    Section(
        "processes",
        _("Processes"),
        (
            Entry(_("My steps"), "processes:my-steps", "checks", "processes.run.work"),
            Entry(_("SOPs"), "processes:sop-list", "file-text", "processes.sop.view"),
            Entry(_("Board of runs"), "processes:board", "columns", "processes.run.view"),
            Entry(_("Runs"), "processes:run-list", "list-check", "processes.run.view"),
        ),
        Pillar.PROCESSES,
    ),
    Section(
        "automation",
        _("Automation"),
        (Entry(_("Scheduled reports"), "automation:report-list", "mail-forward", "automation.report.view"),),
        Pillar.AUTOMATION,
    ),
    Section(
        "organization",
        _("Organization"),
        (
            Entry(_("Departments"), "organization:department-list", "hierarchy", "organization.department.view"),
            Entry(_("Members"), "organization:member-list", "users", "organization.member.view"),
            Entry(_("Absences"), "organization:absence-list", "user-off", "organization.member.view"),
            Entry(_("Positions"), "organization:position-list", "id", "organization.position.view"),
            Entry(_("Roles"), "organization:role-list", "shield-check", "organization.role.view"),
            Entry(_("Calendars"), "organization:calendar-list", "calendar", "organization.calendar.view"),
            Entry(_("Audit trail"), "organization:audit-list", "history", "organization.audit.view"),
            Entry(_("Events"), "organization:event-list", "bolt", "organization.event.view"),
            Entry(_("Chat bots"), "organization:bot-list", "robot", "organization.bot.edit"),
            Entry(_("API tokens"), "organization:token-list", "key", "organization.token.edit"),
            Entry(_("Settings"), "organization:settings", "settings", "organization.settings.edit"),
            Entry(_("Data"), "organization:data", "archive", "organization.settings.edit"),
        ),
    ),
)


MOST_SHOWN = 99
PINS_UNDER = "metrics:dashboard-list"


# After "g", in the order of the menu; the sheet of keys shows what the actor has
GO_KEYS = {
    "organization:work-list": "w",
    "organization:inbox": "i",
    "metrics:dashboard-list": "d",
    "metrics:kpi-list": "k",
    "metrics:dataset-list": "t",
    "metrics:import-list": "f",
    "metrics:source-list": "s",
    "automation:report-list": "r",
    "organization:department-list": "p",
    "organization:member-list": "m",
    "organization:calendar-list": "c",
    "organization:audit-list": "a",
}


def sections(hidden: Collection[str] = ()) -> Iterator[Section]:
    """The sections without the pillars that the organization hides."""
    return (section for section in SECTIONS if section.pillar not in hidden)


def navigation(
    actor: Actor,
    path: str,
    counts: dict[str, int],
    hidden: Collection[str] = (),
    folded: Collection[str] = (),
    pinned: Collection[Pinned] = (),
) -> list[dict[str, Any]]:
    """Sections with key, label, is_folded and the entries (label, url, icon, go, is_current, counts, count, pins) that
    the actor may open. folded: keys of the sections that the person has folded away; pinned: the dashboards that stand
    under theirs, of which one that is open is current in the place of the list."""
    pins = [
        {
            "label": one.name,
            "url": (url := address("metrics:dashboard-detail", one.pk)),
            "is_current": path.startswith(url),
        }
        for one in pinned
    ]
    is_pin_open = any(pin["is_current"] for pin in pins)
    menu = []
    for section in sections(hidden):
        entries = [
            {
                "label": entry.label,
                "url": (url := address(entry.url_name)),
                "icon": entry.icon,
                "go": GO_KEYS.get(entry.url_name, ""),
                "is_current": path.startswith(url) and not (is_pin_open and entry.url_name == PINS_UNDER),
                "pins": pins if entry.url_name == PINS_UNDER else [],
                "counts": entry.counts,
                "count": count_text(counts.get(entry.counts, 0)),
            }
            for entry in section.entries
            if actor.holds(entry.permission)
        ]
        if entries:
            is_folded = section.key in folded
            menu.append({"key": section.key, "label": section.label, "entries": entries, "is_folded": is_folded})
    return menu


def folded_sections(request: HttpRequest) -> list[str]:
    """The sections that the person folded away in this browser: a cookie of their own, so that no page asks for it."""
    return str(request.COOKIES.get(f"folded-{request.user.pk}", "")).split(".")


def count_text(number: int) -> str:
    """A count as the menu shows it: nothing for none, and no more than there is room for."""
    return "" if not number else str(number) if number <= MOST_SHOWN else f"{MOST_SHOWN}+"


def first_places(menu: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The four entries that stand under the thumb on a phone: two of a person's own, then those of the first pillar."""
    own, others = menu[:1], menu[1:]
    entries = [entry for section in own for entry in section["entries"][:2]]
    return [*entries, *(entry for section in others for entry in section["entries"])][:4]


def place_in(menu: list[dict[str, Any]]) -> tuple[str, ...]:
    """All that a member's menu takes from the request: the sections that are folded, the entries that are current."""
    folded = [section["key"] for section in menu if section["is_folded"]]
    entries = [entry for section in menu for entry in section["entries"]]
    pins = [pin for entry in entries for pin in entry["pins"]]
    return (*folded, *(place["url"] for place in (*entries, *pins) if place["is_current"]))
