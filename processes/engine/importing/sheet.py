"""A procedure out of the rows of a spreadsheet, with every fault by its row and column.

A row with a step begins that step; one without, or with the step of the row above, adds a field to it. A column that is
not known is kept as text in the instructions; what cannot be kept is listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metrics.engine.translation import N_
from processes.engine.content import BadContent, FieldKind, LinkTarget, Procedure, Responsible, read_content
from processes.engine.importing import sheet_words as words

_PLAIN_FIELD = ("label_zh", "help", "help_zh")
_SETTINGS = ("unit", "least", "most", "warn_below", "warn_above")
_OF_A_FIELD = (*_SETTINGS, "label", "kind", "choices")
_OF_A_STEP = ("title_zh", "responsible", "minutes", "due")
_LEAST_MOST = frozenset({FieldKind.NUMBER, FieldKind.PHOTO, FieldKind.FILE, FieldKind.TABLE})
_CARRIED: dict[FieldKind, frozenset[str]] = {
    FieldKind.NUMBER: frozenset(_SETTINGS),
    FieldKind.RATING: frozenset({"most"}),
}
MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class CellNote:
    """Something about a cell. row: its number in the file; column: its head as in the file, empty for the whole row.

    message: a sentence of the catalogue; params: its placeholders.
    """

    row: int
    column: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.row} {self.column}: {self.message % self.params}"


class BadSheet(ValueError):
    """The rows cannot be a procedure. problems: everything that was found, by row."""

    def __init__(self, problems: Sequence[CellNote]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class ImportedSheet:
    """What came of the rows. not_carried: cells that the procedure lacks, or that stand elsewhere in it now."""

    procedure: Procedure
    not_carried: tuple[CellNote, ...]


def import_sheet(
    rows: Sequence[Sequence[str]],
    *,
    numbers: Sequence[int] | None = None,
    people: Mapping[str, Responsible] | None = None,
) -> ImportedSheet:
    """Read rows of text, the first of which names the columns. Raises BadSheet with every fault.

    numbers: of the rows in the file, 1 and up where not given. people: who may be named in the column of those
    responsible besides the department, its head, the starter and a guest, by name.
    """
    known = {words.named(name): who for name, who in (people or {}).items()}
    return _Reader(rows, numbers or range(1, len(rows) + 1), known).read()


class _Reader:
    def __init__(
        self, rows: Sequence[Sequence[str]], numbers: Sequence[int], people: Mapping[str, Responsible]
    ) -> None:
        self.rows, self.numbers, self.people = rows, numbers, people
        self.problems: list[CellNote] = []
        self.notes: list[CellNote] = []
        self.sections: list[dict[str, Any]] = []
        self.heads: dict[str, str] = {}
        self.columns: dict[str, int] = {}
        self.unknown: dict[str, int] = {}
        self.row_of: dict[str, int] = {}
        self.row = 1
        self.made = 0

    def read(self) -> ImportedSheet:
        self._head()
        for number, row in list(zip(self.numbers, self.rows, strict=False))[1:]:
            self.row = number
            cells = {name: _cell(row, place) for name, place in self.columns.items()}
            others = {head: _cell(row, place) for head, place in self.unknown.items()}
            extra = [text for place, text in enumerate(row) if place >= len(self.rows[0]) and str(text or "").strip()]
            if extra:
                self._wrong("", N_("This row has more cells than the head has columns."))
            if any(cells.values()) or any(others.values()):
                self._take(cells, others)
        if not self.problems and not self.sections:
            self._wrong("", N_("There is no step in these rows."))
        if self.problems:
            raise BadSheet(self.problems)
        try:
            return ImportedSheet(read_content({"sections": self.sections}), tuple(self.notes))
        except BadContent as error:
            raise BadSheet([self._located(problem) for problem in error.problems]) from error

    def _head(self) -> None:
        if len(self.rows) > MOST_ROWS:
            self._wrong("", N_("There are more than %(most)d rows."), most=MOST_ROWS)
            raise BadSheet(self.problems)
        self.row = self.numbers[0] if self.rows else 1
        for place, text in enumerate(self.rows[0] if self.rows else ()):
            head = str(text or "").strip()
            cells = [_cell(row, place) for row in self.rows[1:]]
            name = words.COLUMN_OF.get(words.named(head), "")
            if name == "title" and _counts_up(cells):
                name = "number"
            if not head and any(cells):
                self._wrong("", N_("Column %(number)d has no name."), number=place + 1)
            elif name in self.columns:
                params = {"one": self.heads[name], "two": head}
                self.problems.append(CellNote(self.row, head, N_("“%(one)s” and “%(two)s” mean the same."), params))
            elif name:
                self.columns[name], self.heads[name] = place, head
            elif any(cells):
                self.unknown[head] = place
                message = N_("This column is not known. Its text stands in the instructions.")
                self.notes.append(CellNote(self.row, head, message))
        if "number" in self.columns and not _counts_up([_cell(row, self.columns["number"]) for row in self.rows[1:]]):
            self.unknown[self.heads["number"]] = self.columns["number"]
            message = N_("These numbers do not count up. They stand in the instructions.")
            self.notes.append(CellNote(self.row, self.heads["number"], message))
        if "title" not in self.columns:
            self._wrong("", N_("No column holds the steps. Name one “step”."))
            raise BadSheet(self.problems)

    def _take(self, cells: Mapping[str, str], others: Mapping[str, str]) -> None:
        section = self._section(cells)
        title = cells["title"]
        steps = section["steps"]
        begins = bool(title) and not (steps and steps[-1]["title"] == title and self._has_field(cells))
        if begins:
            steps.append({"key": self._key("step"), "title": title})
        if not steps:
            self._wrong("title", N_("There is no step above that this row could belong to."))
            return
        step = steps[-1]
        text = {"instruction": cells.get("instruction", ""), "instruction_zh": cells.get("instruction_zh", "")}
        text["instruction"] = "\n\n".join(
            [part for part in (text["instruction"],) if part]
            + [f"**{head}**: {value}" for head, value in others.items() if value]
        )
        for name, value in text.items():
            if value and value not in step.get(name, "").split("\n\n"):
                step[name] = "\n\n".join(part for part in (step.get(name, ""), value) if part)
        self._step_cells(step, cells, begins)
        if self._has_field(cells):
            self._field(step, cells, begins)
            return
        lost = _PLAIN_FIELD if begins else (*_PLAIN_FIELD, "weight", "critical")
        for name in (*lost, "required"):
            if cells.get(name) and words.flag(cells[name]) is not False:
                self._wrong(name, N_("This belongs to a field, and the row has none."))

    def _section(self, cells: Mapping[str, str]) -> dict[str, Any]:
        title = cells.get("section", "")
        if not self.sections or (title and self.sections[-1]["title"] not in (title, "…")):
            self.sections.append({"key": self._key("part"), "title": title or "…", "steps": []})
        elif title:
            self.sections[-1]["title"] = title
        if cells.get("section_zh"):
            self.sections[-1]["title_zh"] = cells["section_zh"]
        return self.sections[-1]

    def _step_cells(self, step: dict[str, Any], cells: Mapping[str, str], begins: bool) -> None:
        found: dict[str, Any] = {}
        if cells.get("title_zh"):
            found["title_zh"] = cells["title_zh"]
        if text := cells.get("minutes", ""):
            found["minutes"] = self._or_wrong("minutes", words.minutes(text), N_("This is no number of minutes."))
        if text := cells.get("due", ""):
            found["due"] = self._due(text)
        if text := cells.get("responsible", ""):
            found["responsible"] = self._who(text)
        if begins:
            if critical := self._flag(cells, "critical"):
                found["critical"] = critical
            if not self._has_field(cells) and (weight := self._weight(cells)):
                found["weight"] = weight
            step.update((name, value) for name, value in found.items() if value is not None)
            return
        for name in _OF_A_STEP:
            if name in found and found[name] is not None and found[name] != step.get(name):
                self._wrong(name, N_("This belongs to the step: write it in its first row."))

    def _due(self, text: str) -> dict[str, Any] | None:
        found = words.due(text)
        if found is None:
            self._wrong("due", N_("A due time reads like “2 working days” or “30 minutes after the step above”."))
            return None
        amount, unit, from_above = found
        rule: dict[str, Any] = {"amount": amount, "unit": unit.value}
        if from_above:
            steps = [step for section in self.sections for step in section["steps"]]
            if len(steps) < 2:
                self._wrong("due", N_("There is no step above."))
                return None
            rule |= {"origin": "step", "step": steps[-2]["key"]}
        return rule

    def _who(self, text: str) -> dict[str, str] | None:
        name = words.named(text)
        if name in self.people:
            return {"who": self.people[name].who.value, "reference": self.people[name].reference}
        if name in words.WHO_OF:
            return {"who": words.WHO_OF[name]}
        message = N_("Nobody is known by this name: choose who does the step.")
        self.notes.append(CellNote(self.row, self.heads["responsible"], message, {"text": text}))
        return None

    def _has_field(self, cells: Mapping[str, str]) -> bool:
        return any(cells.get(name) for name in _OF_A_FIELD)

    def _field(self, step: dict[str, Any], cells: Mapping[str, str], begins: bool) -> None:
        kind, options = self._kind(cells)
        if kind is None:
            return
        raw: dict[str, Any] = {"key": self._key("field"), "label": cells.get("label") or step["title"], "kind": kind}
        raw |= {name: cells[name] for name in _PLAIN_FIELD if cells.get(name)}
        if not cells.get("label") and step.get("title_zh"):
            raw.setdefault("label_zh", step["title_zh"])
        if settings := self._settings(kind, options, cells):
            raw["settings"] = settings
        if self._flag(cells, "required") or (kind is FieldKind.CHECKBOX and not cells.get("required")):
            raw["required"] = True
        if weight := self._weight(cells):
            raw["weight"] = weight
        if not begins and self._flag(cells, "critical"):
            raw["critical"] = True
        step.setdefault("fields", []).append(raw)

    def _kind(self, cells: Mapping[str, str]) -> tuple[FieldKind | None, list[str]]:
        text, options = cells.get("kind", ""), words.listed(cells["choices"]) if cells.get("choices") else []
        if text:
            kind = words.KIND_OF.get(words.named(text))
            return self._or_wrong("kind", kind, N_("There is no such kind of field.")), options
        if len(options) == 1:
            # “yes” alone is a box to tick, “text” alone is the name of a kind
            kind = FieldKind.CHECKBOX if words.flag(options[0]) else words.KIND_OF.get(words.named(options[0]))
            return self._or_wrong("choices", kind, N_("One choice alone is none.")), []
        if options:
            return FieldKind.CHOICE, options
        if any(cells.get(name) for name in _SETTINGS):
            return FieldKind.NUMBER, []
        if "kind" not in self.columns and "choices" not in self.columns:
            return FieldKind.CHECKBOX, []
        return self._or_wrong("kind", None, N_("Which kind of field this is, is missing.")), []

    def _settings(self, kind: FieldKind, options: list[str], cells: Mapping[str, str]) -> dict[str, Any]:
        settings: dict[str, Any] = {}
        carried = _CARRIED.get(kind, frozenset({"least", "most"}) if kind in _LEAST_MOST else frozenset())
        for name in _SETTINGS:
            if not cells.get(name):
                continue
            if name not in carried:
                self._lost(name, cells[name])
            elif kind is FieldKind.NUMBER:
                settings[name] = cells[name]
            else:
                settings["stars" if kind is FieldKind.RATING else name] = _whole(cells[name])
        if kind in (FieldKind.CHOICE, FieldKind.CHOICES):
            settings["options"] = [{"key": f"o_{n}", "label": text} for n, text in enumerate(options, 1)]
        elif kind is FieldKind.TABLE:
            settings["columns"] = [{"key": f"c_{n}", "label": text} for n, text in enumerate(options, 1)]
        elif kind is FieldKind.LINK:
            target = words.named(options[0]) if options else LinkTarget.ADDRESS.value
            settings["target"] = target
        elif options:
            self._lost("choices", cells["choices"])
        return settings

    def _weight(self, cells: Mapping[str, str]) -> int | None:
        text = cells.get("weight", "")
        return self._or_wrong("weight", words.minutes(text), N_("This is no whole number.")) if text else None

    def _flag(self, cells: Mapping[str, str], name: str) -> bool | None:
        text = cells.get(name, "")
        return self._or_wrong(name, words.flag(text), N_("This is yes or no.")) if text else None

    def _or_wrong(self, name: str, value: Any, message: str) -> Any:
        if value is None:
            self._wrong(name, message)
        return value

    def _wrong(self, name: str, message: str, **params: object) -> None:
        note = CellNote(self.row, self.heads.get(name, ""), message, params)
        if note not in self.problems:
            self.problems.append(note)

    def _lost(self, name: str, text: str) -> None:
        message = N_("This kind of field has no such setting.")
        self.notes.append(CellNote(self.row, self.heads[name], message, {"text": text}))

    def _key(self, prefix: str) -> str:
        self.made += 1
        key = f"{prefix}_{self.made}"
        self.row_of[key] = self.row
        return key

    def _located(self, problem: Any) -> CellNote:
        parts = [part.partition("[")[0] for part in problem.place.split(".")]
        names = {"options": "choices", "columns": "choices", "target": "choices", "stars": "most"}
        column = next((self.heads[names.get(one, one)] for one in parts[::-1] if names.get(one, one) in self.heads), "")
        if problem.element.startswith("part") and "title" in parts:
            column = self.heads.get("section", column)
        return CellNote(self.row_of.get(problem.element, self.numbers[0]), column, problem.message, problem.params)


def _cell(row: Sequence[str], place: int) -> str:
    return str(row[place] if place < len(row) and row[place] is not None else "").strip()


def _whole(text: str) -> int | str:
    number = text.removesuffix(".0")
    return int(number) if number.isdecimal() else text


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether the filled cells are 1, 2, 3 ... perhaps the same again for further rows of one step."""
    found = [_whole(cell) for cell in cells if cell]
    counted = [number for number in dict.fromkeys(found) if isinstance(number, int)]
    return bool(found) and counted == list(range(1, len(counted) + 1)) and len(counted) == len(set(found))
