"""What a file of somebody else means as a procedure, and what of it could not be carried over."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext

from metrics.engine.tabular import DEFAULT_LIMITS, TabularError
from metrics.engine.tabular.workbook_source import open_workbook
from metrics.queries.wording import tabular_sentence
from processes.engine.content import BadContent, Procedure
from processes.engine.importing.markdown import import_markdown
from processes.engine.importing.sheet import BadSheet, CellNote, import_sheet
from processes.errors import BadProcedure
from processes.queries.words import problem_words

MARKDOWN, TABLE = "markdown", "table"
LONGEST = 2_000_000
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls"})
TABLES = frozenset({".csv", ".tsv"})


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not carried over, or stands elsewhere. place: its line, or its row and column."""

    place: str
    says: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What came of a text. title: its own, may be empty."""

    title: str
    procedure: Procedure
    notes: list[Note]


def text_of(name: str, content: bytes) -> tuple[str, str]:
    """Which kind of text a file holds, and the text; a workbook's largest sheet as CSV. Raises BadProcedure."""
    suffix = PurePath(name).suffix.lower()
    if len(content) > LONGEST:
        raise _wrong(gettext("The file is larger than 2 MB."), "upload")
    if suffix in WORKBOOKS:
        return TABLE, _sheet(content)
    if b"\0" in content[:4096]:
        raise _wrong(gettext("This is no text. Send Markdown, CSV or an Excel workbook."), "upload")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return (TABLE if suffix in TABLES else MARKDOWN), content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _wrong(gettext("The letters of this file cannot be read. Save it as UTF-8."), "upload")


def understood(kind: str, text: str) -> Understood:
    """The procedure in a text. Raises BadProcedure with everything that is wrong, by line or by row and column."""
    return _table(text) if kind == TABLE else _markdown(text)


def _markdown(text: str) -> Understood:
    try:
        found = import_markdown(text)
    except BadContent as error:
        raise _wrong(" ".join(problem_words(problem, {}) for problem in error.problems[:5]), "source") from error
    if not any(True for _step in found.procedure.steps()):
        raise _wrong(gettext("There is no step in this text. Steps are list items or numbered headings."), "source")
    notes = [
        Note(
            gettext("Line %(first)d") % {"first": one.first}
            if one.first == one.last
            else gettext("Lines %(first)d to %(last)d") % {"first": one.first, "last": one.last},
            gettext(one.message),
            one.what,
        )
        for one in found.not_carried
    ]
    return Understood(found.title, found.procedure, notes)


def _table(text: str) -> Understood:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        found = import_sheet(list(csv.reader(io.StringIO(text), delimiter=delimiter)))
    except csv.Error as error:
        raise _wrong(gettext("These rows cannot be read: %(reason)s") % {"reason": error}, "source") from error
    except BadSheet as error:
        says = " ".join(f"{_cell(one)}: {_says(one)}" for one in error.problems[:10])
        raise _wrong(says, "source") from error
    return Understood("", found.procedure, [Note(_cell(one), _says(one)) for one in found.not_carried])


def _sheet(content: bytes) -> str:
    try:
        with open_workbook(io.BytesIO(content), DEFAULT_LIMITS) as workbook:
            rows = [row for block in workbook.blocks(workbook.best_sheet(workbook.sheets())) for row in block.records]
    except TabularError as error:
        raise _wrong(tabular_sentence(error.code, error.params), "upload") from error
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue()


def _cell(note: CellNote) -> str:
    if not note.column:
        return gettext("Row %(row)d") % {"row": note.row}
    return gettext("Row %(row)d, “%(column)s”") % {"row": note.row, "column": note.column}


def _says(note: CellNote) -> str:
    return gettext(note.message) % note.params


def _wrong(says: Any, field: str) -> BadProcedure:
    error = BadProcedure(says)
    error.field = field
    return error
