"""The filter of a dashboard: values of properties and departments, found in the dictionaries, and what they mean for a KPI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject, Length, Substr
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from metrics.models import Dashboard, DimensionValue, Kpi
from metrics.queries.cuts import declared, trees
from metrics.queries.reader import Reader
from metrics.queries.version_rows import columns_of
from metrics.queries.windows import Ask, Slice, Term, Where
from ops_platform.web import formats
from organization.access import Actor
from organization.models import Department
from organization.tenancy import TenantQuerySet

NO_SUCH_VALUE = -1
# What one panel may count from rows while somebody waits for the page
MOST_ROWS = 4_000_000


@dataclass(frozen=True)
class AskedFilter:
    """The filter as the address has it: by property its values, and codes of departments."""

    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    departments: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.properties or self.departments)


@dataclass(frozen=True)
class Chosen:
    """A department of the filter. path: of the subtree that it stands for."""

    id: int
    code: str
    name: str
    path: str


@dataclass(frozen=True)
class Filter:
    """What is asked, found: by property the codes of its values in each column, and the departments with theirs.

    unknown: by property what no row ever had.
    """

    asked: AskedFilter
    codes: Mapping[str, Mapping[int, tuple[int, ...]]]
    departments: tuple[Chosen, ...] = ()
    department_codes: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def topmost(self) -> list[Chosen]:
        """The departments without those that stand below another one of them."""
        paths = [one.path for one in self.departments]
        return [
            one for one in self.departments if not any(one.path != path and one.path.startswith(path) for path in paths)
        ]

    def facts(self, names: Mapping[str, str]) -> list[tuple[str, str]]:
        """What is filtered, for people: (property, its values). names: of the properties."""
        found = [(names.get(key, key), formats.listed(values)) for key, values in self.asked.properties.items()]
        if self.asked.departments:
            by_code = {one.code: one.name for one in self.departments}
            found.append(
                (_("Department"), formats.listed([by_code.get(code, code) for code in self.asked.departments]))
            )
        return found


@dataclass(frozen=True)
class Reach:
    """What the filter means for one KPI: what is left (`only`), and the same spelled out as a Where.

    unfit: why it cannot reach the KPI; whole: why the whole number is what is asked. departments: the paths within which
    departments are shown; target_of: the department whose own target counts.
    """

    only: Slice | Where | None = None
    where: Where | None = None
    unfit: str = ""
    whole: str = ""
    departments: tuple[str, ...] = ()
    target_of: int | None = None


def dashboard_with_filter(actor: Actor, asked: AskedFilter) -> TenantQuerySet:
    """Visible dashboards, each with where the values of the filter stand in the dictionaries, for `filter_of`."""
    values = reduce(or_, (Q(column__key=key, value__in=some) for key, some in asked.properties.items()), Q(pk=None))
    matches = DimensionValue.objects.filter(values).order_by("column_id", "code")
    chosen = Department.objects.visible_to(actor).filter(code__in=asked.departments)
    above = chosen.filter(path=Substr(OuterRef("department__path"), 1, Length("path")))
    inside = DimensionValue.objects.filter(Exists(above), department__isnull=False).order_by("column_id", "code")
    found = Dashboard.objects.visible_to(actor).select_related("department")
    parts: dict[str, Any] = {}
    if asked.properties:
        json = JSONObject(key="column__key", column="column_id", code="code", value="value")
        parts["matches"] = ArraySubquery(matches.values(json=json))
    if asked.departments:
        json = JSONObject(id="pk", code="code", name="name", name_zh="name_zh", path="path")
        parts["chosen"] = ArraySubquery(chosen.order_by("path").values(json=json))
        parts["inside"] = ArraySubquery(inside.values(json=JSONObject(column="column_id", code="code")))
    return found.annotate(**parts)


def filter_of(dashboard: Dashboard, asked: AskedFilter) -> Filter | None:
    """The filter of the address; None where none is asked. dashboard: one of `dashboard_with_filter`."""
    if not asked:
        return None
    codes: dict[str, dict[int, tuple[int, ...]]] = {key: {} for key in asked.properties}
    seen: set[tuple[str, str]] = set()
    for row in getattr(dashboard, "matches", ()):
        kept = codes[row["key"]]
        kept[row["column"]] = (*kept.get(row["column"], ()), row["code"])
        seen.add((row["key"], row["value"]))
    inside: dict[int, tuple[int, ...]] = {}
    for row in getattr(dashboard, "inside", ()):
        inside[row["column"]] = (*inside.get(row["column"], ()), row["code"])
    chinese = (get_language() or "").startswith("zh")
    departments = tuple(
        Chosen(row["id"], row["code"], (chinese and row["name_zh"]) or row["name"], row["path"])
        for row in getattr(dashboard, "chosen", ())
    )
    missing = {key: tuple(one for one in some if (key, one) not in seen) for key, some in asked.properties.items()}
    return Filter(asked, codes, departments, inside, {key: some for key, some in missing.items() if some})


def reach_of(reader: Reader, kpi: Kpi, only: Filter | None, names: Mapping[str, str]) -> Reach:
    """What the filter means for a KPI. kpi: with its department; names: of properties, for sentences."""
    leaves = reader.leaves(kpi.pk)
    if only is None or not leaves:
        return Reach()
    terms = []
    for key in only.asked.properties:
        found = [{row.column_id for row in columns_of(leaf) if row.key == key} & declared(leaf) for leaf in leaves]
        if not all(found):
            return Reach(unfit=_unkept(kpi, names.get(key, key)))
        columns = sorted(set().union(*found))
        terms.append(Term(tuple((one, only.codes[key].get(one, (NO_SUCH_VALUE,))) for one in columns)))
    if not only.asked.departments:
        return Reach(_only(terms), Where(tuple(terms)))
    rooted = [trees(leaf) for leaf in leaves]
    topmost = only.topmost
    if all(rooted):
        columns = sorted(set().union(*rooted))
        keys = tuple(one.id for one in topmost) or (NO_SUCH_VALUE,)
        pairs = tuple((one, only.department_codes.get(one, (NO_SUCH_VALUE,))) for one in columns)
        terms.append(Term(pairs, is_tree=True, keys=keys))
        own = topmost[0].id if len(topmost) == 1 and not only.asked.properties else None
        paths = tuple(one.path for one in topmost)
        return Reach(_only(terms), Where(tuple(terms)), departments=paths, target_of=own)
    home = next((one for one in topmost if kpi.department and kpi.department.path.startswith(one.path)), None)
    if home is None:
        return Reach(unfit=_other_department(kpi))
    whole = _("This KPI belongs to %(name)s as a whole.") % {"name": home.name}
    return Reach(_only(terms), Where(tuple(terms)), whole=whole) if terms else Reach(whole=whole)


def widened(reader: Reader, ask: Ask, where: Where | None) -> Ask:
    """The same ask in a way that can be answered: a slice split by what was not declared with it is counted from rows."""
    if not isinstance(ask.only, Slice) or where is None or not reader.lacks(ask):
        return ask
    return replace(ask, only=where)


def too_many_rows(reader: Reader, asks: Iterable[Ask]) -> str:
    """Why a filter is not counted out, where that would take too long; empty where it may be."""
    rows = sum(reader.rows_read(ask) for ask in asks)
    if rows <= MOST_ROWS:
        return ""
    return _(
        "With this filter the number is counted from about %(rows)s rows. Choose a shorter period or fewer filters."
    ) % {"rows": formats.compact(rows)}


def facts_of(only: Slice | Where | None) -> dict[str, object]:
    """How an address of rows names what is left."""
    if only is None:
        return {}
    if isinstance(only, Slice):
        if only.by_department:
            return {"tree": only.column_id, "department": only.key}
        return {"column": only.column_id, "key": only.key}
    facts: dict[str, object] = {}
    for name, terms in (
        ("where", [t for t in only.terms if not t.is_other]),
        ("not", [t for t in only.terms if t.is_other]),
    ):
        if terms:
            facts[name] = [
                ",".join(".".join(map(str, (column, *codes))) for column, codes in one.codes) for one in terms
            ]
    return facts


def with_part(only: Slice | Where | None, facts: dict[str, object]) -> dict[str, object]:
    """The address of a part within what is left names both. facts: those of the part."""
    if only is None or "tree" in facts:
        return facts
    if isinstance(only, Slice) and not only.by_department:
        if facts.get("column") == only.column_id:
            return facts
        return facts | {"column2": only.column_id, "key2": only.key}
    return facts_of(only) | facts


def properties_of(reader: Reader, kpi_ids: Iterable[int]) -> list[tuple[str, str]]:
    """(key, name) of the properties by which any of the KPIs is kept, by name; codes of departments go by department."""
    found: dict[str, str] = {}
    for column in (column for kpi_id in kpi_ids for leaf in reader.leaves(kpi_id) for column in columns_of(leaf)):
        if not (column.second_id or column.by_department or column.is_department):
            found.setdefault(column.key, column.name)
    return sorted(found.items(), key=lambda pair: pair[1])


def has_trees(reader: Reader, kpi_ids: Iterable[int]) -> bool:
    """Whether any of the KPIs is kept by department."""
    return any(trees(leaf) for kpi_id in kpi_ids for leaf in reader.leaves(kpi_id))


def _only(terms: list[Term]) -> Slice | Where:
    """One value of one property is a slice, which rollups hold; anything else is put together."""
    if len(terms) == 1 and len(terms[0].codes) == 1:
        (column_id, codes), tree = terms[0].codes[0], terms[0].is_tree
        keys = terms[0].keys if tree else codes
        if len(keys) == 1:
            return Slice(column_id, keys[0], by_department=tree)
    return Where(tuple(terms))


def _unkept(kpi: Kpi, name: str) -> str:
    return _("“%(kpi)s” is not kept by %(property)s, so this filter does not reach it.") % {
        "kpi": kpi.display_name,
        "property": name,
    }


def _other_department(kpi: Kpi) -> str:
    if kpi.department is None:
        return _("“%(kpi)s” is not kept by department, so this filter does not reach it.") % {"kpi": kpi.display_name}
    return _("“%(kpi)s” belongs to %(department)s, so this filter does not reach it.") % {
        "kpi": kpi.display_name,
        "department": kpi.department.display_name,
    }
