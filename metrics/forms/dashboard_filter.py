"""The filter of a dashboard in its address: `only.<property>=<value>` and `department=<code>`, each as often as wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from metrics.queries.dashboard_filter import AskedFilter, Filter

ONLY, DEPARTMENT = "only.", "department"
# What the form adds: a property (or BY_DEPARTMENT) and one value of it
PROPERTY, VALUE, BY_DEPARTMENT = "property", "value", ":department"
LONGEST_KEY, LONGEST_VALUE = 60, 500
MOST_PROPERTIES, MOST_VALUES = 8, 20
# Of one answer, not of what is looked at
PASSING = ("export", "panel", "cursor", PROPERTY, VALUE)


@dataclass(frozen=True)
class Chip:
    """One value of the filter. query: the address without it."""

    name: str
    text: str
    query: str


def asked_filter(given: QueryDict) -> AskedFilter:
    """What the address asks for; what is too long or too much of it is left out."""
    properties: dict[str, tuple[str, ...]] = {}
    for name in given:
        key = _plain(name.removeprefix(ONLY), LONGEST_KEY)
        if name.startswith(ONLY) and key and len(properties) < MOST_PROPERTIES:
            properties[key] = _values(given.getlist(name))
    departments = _values(given.getlist(DEPARTMENT))
    if (added := added_value(given)) is not None:
        key, value = added
        if key == BY_DEPARTMENT:
            departments = _values([*departments, value])
        else:
            properties[key] = _values([*properties.get(key, ()), value])
    return AskedFilter({key: values for key, values in properties.items() if values}, departments)


def added_value(given: QueryDict) -> tuple[str, str] | None:
    """The property and value that the form adds, None where it adds nothing."""
    key, value = _plain(given.get(PROPERTY, ""), LONGEST_KEY), _plain(given.get(VALUE, ""), LONGEST_VALUE)
    return (key, value) if key and value else None


def address_with(given: QueryDict, asked: AskedFilter) -> str:
    """The query of the same page with this filter, encoded."""
    found = QueryDict(mutable=True)
    for name, values in given.lists():
        if not name.startswith(ONLY) and name not in (DEPARTMENT, *PASSING):
            found.setlist(name, [value for value in values if value])
    for key, some in asked.properties.items():
        found.setlist(f"{ONLY}{key}", list(some))
    found.setlist(DEPARTMENT, list(asked.departments))
    return found.urlencode()


def chips(given: QueryDict, only: Filter | None, names: Mapping[str, str], department: str) -> list[Chip]:
    """The values of the filter one by one. names: of properties; department: what that is called."""
    if only is None:
        return []
    asked, found = only.asked, []
    for key, values in asked.properties.items():
        for value in values:
            left = tuple(one for one in values if one != value)
            others = {name: some for name, some in asked.properties.items() if name != key}
            fewer = AskedFilter(others | ({key: left} if left else {}), asked.departments)
            found.append(Chip(names.get(key, key), value, address_with(given, fewer)))
    by_code = {one.code: one.name for one in only.departments}
    for code in asked.departments:
        fewer = AskedFilter(asked.properties, tuple(one for one in asked.departments if one != code))
        found.append(Chip(department, by_code.get(code, code), address_with(given, fewer)))
    return found


def unknown_values(only: Filter | None, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """(property, value) of what the filter asks for and no row ever had. names: of properties that any panel is kept by."""
    if only is None:
        return []
    return [(names[key], value) for key, values in only.unknown.items() if key in names for value in values]


def hidden_fields(given: QueryDict, asked: AskedFilter) -> list[tuple[str, str]]:
    """The address as fields of a form that adds to it."""
    return [(name, value) for name, values in QueryDict(address_with(given, asked)).lists() for value in values]


def filter_fields(asked: AskedFilter) -> list[tuple[str, str]]:
    """The filter alone as fields of a form that changes everything else."""
    found = [(f"{ONLY}{key}", value) for key, values in asked.properties.items() for value in values]
    return [*found, *((DEPARTMENT, code) for code in asked.departments)]


def _values(texts: Sequence[str]) -> tuple[str, ...]:
    found = dict.fromkeys(_plain(text, LONGEST_VALUE) for text in texts)
    return tuple(text for text in found if text)[:MOST_VALUES]


def _plain(text: str, most: int) -> str:
    return text.replace("\0", "").strip()[:most]
