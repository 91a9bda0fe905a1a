"""Notes on charts: those of many KPIs in one statement, placed on the points of a chart and numbered where crowded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q
from django.urls import Resolver404, resolve

from metrics.choices import AnnotationKind
from metrics.models import Annotation, Kpi
from metrics.queries.known_on import KnownOn
from metrics.queries.periods import Shown
from ops_platform.web import formats
from ops_platform.web.addresses import address
from ops_platform.web.chart_parts import Label
from ops_platform.web.charts import Mark
from organization.access import Actor, can
from organization.engine.local_time import local_day
from organization.engine.periods import Period
from organization.queries.kinds import Found, kind_of, kinds, visible_object, visible_objects

# On a chart of the usual width, so many letters stand between one mark and the next without meeting
LETTERS, LONGEST_ON_CHART = 90, 18
MOST_NOTES = 200
# Of the points of a chart, the first and the last one
Stretch = tuple[int, int]


@dataclass(frozen=True)
class Note:
    """An annotation as charts and lists show it. number: how the chart calls it, "" where its words stand there.

    place: "" for a note on the KPI alone, else whose charts have it. subject: what it links to, where that may be seen.
    """

    id: int
    kind: str
    kind_name: str
    text: str
    starts_at: datetime
    ends_at: datetime | None
    first_on: date
    last_on: date | None
    kpi_id: int | None
    department_id: int | None
    is_system: bool
    by: str
    version: int
    place: str = ""
    subject: Found | None = None
    number: str = ""

    @property
    def days(self) -> str:
        """When, in words."""
        first = formats.day(self.first_on)
        if self.last_on is None or self.last_on == self.first_on:
            return first
        return f"{first} – {formats.day(self.last_on)}"

    @property
    def words(self) -> str:
        """Day, kind and text in one line."""
        return f"{self.days} · {self.kind_name}: {self.text}"


def annotations_for(
    actor: Actor,
    kpis: Iterable[Kpi],
    *,
    start: datetime,
    end: datetime,
    timezone: str,
    known: KnownOn | None = None,
) -> dict[int, list[Note]]:
    """By KPI the notes that touch [start, end), the oldest first, whatever they hang on. One statement.

    kpis: ones that the actor may see, with `department` loaded. Objects that the notes link to take a statement for each
    kind of them. known: only those that stood at that time.
    """
    wanted = {kpi.pk: kpi for kpi in kpis}
    if not wanted:
        return {}
    rows = Annotation.objects.filter(
        Q(kpi__in=list(wanted)) | Q(kpi=None),
        Q(ends_at=None, starts_at__gte=start) | Q(ends_at__gte=start),
        starts_at__lt=end,
    )
    if known is None:
        rows = rows.filter(removed_at=None)
    else:
        rows = rows.filter(Q(removed_at=None) | Q(removed_at__gte=known.at), created_at__lt=known.at)
    found = list(rows.select_related("author", "department").order_by("-starts_at", "-pk")[:MOST_NOTES])[::-1]
    ends = {(row.subject_type, row.subject_id) for row in found if row.subject_id is not None}
    subjects = visible_objects(actor, ends) if ends else {}
    notes = [(row, _note(row, subjects, timezone)) for row in found]
    return {pk: [note for row, note in notes if _concerns(row, kpi)] for pk, kpi in wanted.items()}


def notes_of(
    actor: Actor, kpis: Iterable[Kpi], stretches: Iterable[Shown], *, known: KnownOn | None = None
) -> dict[int, list[Note]]:
    """`annotations_for` over all that some charts show."""
    found = [shown for shown in stretches if shown.periods]
    wanted = list(kpis)
    if not found:
        return {kpi.pk: [] for kpi in wanted}
    return annotations_for(
        actor,
        wanted,
        start=min(shown.periods[0].start for shown in found),
        end=max(shown.periods[-1].end for shown in found),
        timezone=found[0].rule.timezone,
        known=known,
    )


def visible_annotation(actor: Actor, pk: int) -> Annotation | None:
    """A note on charts that the actor may see, removed or not; None for any other."""
    visible = Q(kpi=None) | Q(kpi__in=Kpi.objects.visible_to(actor).values("pk"))
    found = Annotation.objects.filter(visible, pk=pk).select_related("kpi__department", "department", "organization")
    return found.first()


def object_at(actor: Actor, address: str) -> Any:
    """The object whose page stands at an address of ours, None where there is none that the actor may see."""
    try:
        match = resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return None
    for label, kind in kinds().items():
        if kind.url_name == match.view_name and "pk" in match.kwargs:
            return visible_object(actor, label, match.kwargs["pk"])
    return None


def address_of(note: Annotation) -> str:
    """The address of what a note links to, empty where it links to nothing."""
    kind = kind_of(note.subject_type)
    return address(kind.url_name, note.subject_id) if kind and note.subject_id else ""


def may_annotate(actor: Actor, kpi: Kpi) -> bool:
    """Whether the actor may write notes on the KPI."""
    return bool(can(actor, "metrics.annotation.edit", kpi))


def note_address(actor: Actor, kpi: Kpi) -> str:
    """Where a note is written on a day, which goes in the place of `{x}`; empty for who may write none."""
    return f"{address('metrics:note-new', kpi.pk)}?day={{x}}" if may_annotate(actor, kpi) else ""


def placed(notes: Sequence[Note], periods: Sequence[Period], labels: Sequence[Label]) -> tuple[list[Mark], list[Note]]:
    """Marks at the points of a chart, and the notes as the list below has them.

    labels: what stands below the points, one a period. What lasted over several points is a band. A few short notes that
    do not meet stand in words; else all have numbers. Notes of one point share its mark, if they end together.
    """
    at: dict[Stretch, list[Note]] = defaultdict(list)
    for note in notes:
        place = _place(note, periods)
        if place is not None:
            at[place, _last_place(note, place, periods)].append(note)
    shown = [note for stretch in sorted(at) for note in at[stretch]]
    if _fits(at, len(periods)):
        return [_mark(labels, stretch, at[stretch][0].text) for stretch in sorted(at)], shown
    numbered, marks, count = [], [], 0
    for stretch in sorted(at):
        first = count + 1
        for note in at[stretch]:
            count += 1
            numbered.append(_numbered(note, count))
        marks.append(_mark(labels, stretch, str(first) if first == count else f"{first}–{count}"))
    return marks, numbered


def numbered_words(notes: Sequence[Note]) -> str:
    """What the numbers on a chart stand for, in one line."""
    return formats.listed((f"{one.number} {one.text}" for one in notes if one.number), are_clauses=True)


def _mark(labels: Sequence[Label], stretch: Stretch, text: str) -> Mark:
    first, last = stretch
    if first == last:
        return Mark(labels[first], text)
    return Mark(labels[first], text, labels[last], labels[_middle(stretch)])


def _middle(stretch: Stretch) -> int:
    return sum(stretch) // 2


def _fits(at: Mapping[Stretch, Sequence[Note]], points: int) -> bool:
    """Whether each point has one short note, and no words meet each other or the edge."""
    if any(len(notes) > 1 or width_of(notes[0].text) > LONGEST_ON_CHART for notes in at.values()):
        return False
    room = LETTERS / max(points, 1)
    found = sorted((_middle(stretch), width_of(at[stretch][0].text) / 2) for stretch in at)
    halves = [(place * room + room / 2, half) for place, half in found]
    edges = [(0.0, 0.0), *halves, (float(LETTERS), 0.0)]
    return all(left + half + 1 <= right - other for (left, half), (right, other) in pairwise(edges))


def width_of(text: str) -> int:
    """Letters that a text is wide; a Chinese one counts twice."""
    return sum(1 if ord(letter) < 0x1100 else 2 for letter in text)


def _place(note: Note, periods: Sequence[Period]) -> int | None:
    """The point in which a note begins; the first one for a note that began before and still lasts."""
    for place, period in enumerate(periods):
        if period.contains(note.starts_at):
            return place
    begun = periods and note.starts_at < periods[0].start and note.ends_at is not None
    return 0 if begun and note.ends_at and note.ends_at >= periods[0].start else None


def _last_place(note: Note, first: int, periods: Sequence[Period]) -> int:
    """The point in which a note ends, the last one there is for a note that lasts longer."""
    if note.ends_at is None:
        return first
    return max([first, *(place for place, period in enumerate(periods) if period.start <= note.ends_at)])


def _numbered(note: Note, number: int) -> Note:
    return replace(note, number=str(number))


def _concerns(row: Annotation, kpi: Kpi) -> bool:
    if row.kpi_id is not None:
        return row.kpi_id == kpi.pk
    if row.department is None:
        return True
    return kpi.department is not None and kpi.department.path.startswith(row.department.path)


def _note(row: Annotation, subjects: Mapping[Any, Found], timezone: str) -> Note:
    place = ""
    if row.department is not None:
        place = row.department.display_name
    return Note(
        id=row.pk,
        kind=row.kind,
        kind_name=str(AnnotationKind(row.kind).label),
        text=row.text,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        first_on=local_day(row.starts_at, timezone),
        last_on=local_day(row.ends_at, timezone) if row.ends_at else None,
        kpi_id=row.kpi_id,
        department_id=row.department_id,
        is_system=row.is_system,
        by=row.author.name if row.author else "",
        version=row.version,
        place=place,
        subject=subjects.get((row.subject_type, row.subject_id)),
    )
