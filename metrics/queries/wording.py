"""What engines report, as sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from metrics.engine.expressions import MESSAGES, ExpressionError
from ops_platform.web.formats import listed


def expression_sentence(error: ExpressionError) -> str:
    """The sentence, with the place counted from 1."""
    reason = _(MESSAGES[error.code]) % error.params
    return _("At character %(position)d: %(reason)s") % {"position": error.position, "reason": reason}


def tabular_sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """What the tabular engine says about a file, a row, a cell or a mapping. Every code of the engine has a sentence."""
    facts = {name: _plain(value) for name, value in (params or {}).items()}
    if code == "wrong_kind":
        facts["kind"] = str(FILE_KINDS.get(facts["kind"], facts["kind"]))
    if code == "mapping_invalid":
        return str(MAPPING_PROBLEMS[facts["problem"]])
    if code == "date_order_unclear":
        facts["order"] = str(DATE_ORDERS[facts["order"]])
    return str(TABULAR[code]) % facts


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return listed(" – ".join(map(str, item)) if isinstance(item, list | tuple) else str(item) for item in value)
    return value


DATE_ORDERS = {
    "dmy": gettext_lazy("day, month, year"),
    "mdy": gettext_lazy("month, day, year"),
    "ymd": gettext_lazy("year, month, day"),
}
FILE_KINDS = {
    "archive": pgettext_lazy("kind of file", "an archive"),
    "binary": pgettext_lazy("kind of file", "a file of no known kind"),
    "database": pgettext_lazy("kind of file", "a database"),
    "document": pgettext_lazy("kind of file", "a text document"),
    "html": pgettext_lazy("kind of file", "a web page"),
    "image": pgettext_lazy("kind of file", "a picture"),
    "json": pgettext_lazy("kind of file", "a JSON file"),
    "media": pgettext_lazy("kind of file", "sound or film"),
    "parquet": pgettext_lazy("kind of file", "a Parquet file"),
    "pdf": pgettext_lazy("kind of file", "a PDF"),
    "program": pgettext_lazy("kind of file", "a program"),
    "xml": pgettext_lazy("kind of file", "an XML file"),
    "zip": pgettext_lazy("kind of file", "an archive that holds no workbook"),
}
MAPPING_PROBLEMS = {
    "duplicate": gettext_lazy("Another column has this short name already."),
    "header": gettext_lazy("The mapping was made for a file with other columns."),
    "instant_type": gettext_lazy("The date or time of a row must be read as a date."),
    "json": gettext_lazy("The mapping is no valid JSON."),
    "measure_type": gettext_lazy("A number must be read as a number or as yes and no."),
    "missing": gettext_lazy("A value is missing here."),
    "nothing_read": gettext_lazy("No column is read. Choose what at least one of them holds."),
    "second_instant": gettext_lazy("Only one column can be the date or time of a row."),
    "type": gettext_lazy("A value of another kind is needed here."),
    "unknown": gettext_lazy("There is no setting of this name."),
    "unpivoted": gettext_lazy("This column is a period already; it cannot be read a second time."),
    "value": gettext_lazy("This value is not possible here."),
}
TABULAR = {
    # the file as a whole
    "empty_file": gettext_lazy("The file is empty."),
    "wrong_kind": gettext_lazy("This is %(kind)s, not a table. Save the table as CSV or XLSX and send that."),
    "file_too_large": gettext_lazy("The file is larger than %(limit)d bytes. Send it in parts."),
    "line_too_long": gettext_lazy("A line is longer than %(limit)d bytes: this is hardly a table."),
    "gzip_broken": gettext_lazy("The compressed file is damaged. Send it again."),
    "workbook_broken": gettext_lazy("The workbook is damaged. Open it, save it anew and send that."),
    "password": gettext_lazy("The workbook is locked with a password. Save it without one."),
    "zip_too_many_entries": gettext_lazy("The workbook has %(entries)d parts; %(limit)d are allowed."),
    "zip_too_large": gettext_lazy("Unpacked, the workbook is larger than %(limit)d bytes."),
    "zip_ratio": gettext_lazy("The workbook unpacks to %(ratio)d times its size; no real workbook does."),
    "sheet_too_large": gettext_lazy(
        "The sheet spans %(rows)d rows and %(columns)d columns; %(limit)d cells are allowed."
    ),
    "too_many_columns": gettext_lazy("The file has %(columns)d columns; %(limit)d are allowed."),
    "too_many_rows": gettext_lazy("The file has more than %(limit)d rows. Send it in parts."),
    "too_costly": gettext_lazy(
        "Reading this workbook takes too much memory or time. Save the sheet as CSV and send that."
    ),
    "no_such_sheet": gettext_lazy("There is no sheet %(sheet)s. The workbook has: %(sheets)s."),
    "unknown_encoding": gettext_lazy("The encoding %(encoding)s is not known here."),
    "header_beyond": gettext_lazy("The header cannot stand there: only %(rows)d rows were looked at."),
    # the mapping
    "mapping_other_header": gettext_lazy("The mapping was made for a file with other columns."),
    "not_a_period": gettext_lazy("The column %(column)s is not named after a period."),
    "period_without_year": gettext_lazy("The column %(column)s names no year, and no other column gives it."),
    # a row
    "too_many_cells": gettext_lazy("The row has %(cells)d cells, the header %(columns)d."),
    "cell_too_long": gettext_lazy("A cell here goes on over %(lines)d lines: a quotation mark may be missing."),
    "unbalanced_quote": gettext_lazy("A quotation mark that opens here is never closed (%(lines)d lines)."),
    "key_too_long": gettext_lazy("The row key is longer than %(limit)d bytes."),
    # a cell
    "required": gettext_lazy("A value is needed here."),
    "not_a_number": gettext_lazy("This is not a number."),
    "number_range": gettext_lazy("The number has more than %(digits)d digits before the decimal point."),
    "date_unreadable": gettext_lazy("This is not a date."),
    "date_impossible": gettext_lazy("There is no such day or time."),
    "date_range": gettext_lazy("The year must lie from %(first)d to %(last)d."),
    "not_a_boolean": gettext_lazy("This is neither yes nor no."),
    "not_a_year": gettext_lazy("This is not a year."),
    "text_too_long": gettext_lazy("The text is longer than %(limit)d characters."),
    "text_too_many_bytes": gettext_lazy("The text is longer than %(limit)d bytes (a Chinese character counts three)."),
    "undecodable": gettext_lazy("The text holds bytes that do not fit the encoding of the file."),
    "nul_character": gettext_lazy("The text holds a NUL character."),
    # notes
    "no_header": gettext_lazy("The file has no row of column names; the columns were numbered."),
    "duplicate_name": gettext_lazy("The name of column %(column)d occurs twice; it is called %(name)s here."),
    "unnamed_column": gettext_lazy("Column %(column)d has no name; it is called %(name)s here."),
    "extra_empty_columns": gettext_lazy("Rows end in empty cells beyond the header (%(columns)d); they are left out."),
    "tables_side_by_side": gettext_lazy("Several tables stand side by side (%(tables)s); one of them is read."),
    "other_sheets": gettext_lazy("Other sheets hold data too: %(sheets)s."),
    "date_order_unclear": gettext_lazy(
        "The dates in %(column)s can be read in two ways; they are read as %(order)s. Check this."
    ),
    "columns_left_out": gettext_lazy("These columns are left out unless you choose what they hold: %(columns)s."),
    "footer_skipped": gettext_lazy("A note below the table was skipped: %(text)s"),
    "total_kept": gettext_lazy("This looks like a row of totals and is read as data: %(text)s"),
    "total_skipped": gettext_lazy("A row of totals was skipped: %(text)s"),
}
