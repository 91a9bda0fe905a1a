"""What is wrong with a row that a machine sent, as a sentence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from metrics.engine.sent_rows import FIRST_YEAR, LAST_YEAR, MOST_BYTES, WHOLE_DIGITS, RowError

SENTENCES = {
    "not_a_row": _("A row is an object with “at” and “values”, and “key” where the dataset has row keys."),
    "unknown_field": _("A row has “at”, “key” and “values” alone; everything else belongs into “values”."),
    "key_missing": _("Rows of this dataset need a key: the source's own name of the row."),
    "key_not_text": _("A key is a text."),
    "key_not_wanted": _("Rows of this dataset are known by their content. Leave the key out."),
    "too_long": _("This is longer than %(bytes)d bytes."),
    "not_an_instant": _("This is no instant such as 2025-03-31, 2025-03-31T17:45 or 2025-03-31T17:45:00+08:00."),
    "out_of_time": _("Observations lie between the years %(first)d and %(last)d."),
    "values_not_object": _("“values” is an object: a value for each column."),
    "unknown_column": _("The dataset has no such column that can be written."),
    "not_a_number": _("This column holds numbers."),
    "number_range": _("A number has at most %(digits)d digits before the decimal point."),
    "not_a_text": _("This column holds texts."),
}


def row_error_sentence(error: RowError) -> str:
    """The sentence in the reader's language."""
    return str(SENTENCES[error.code]) % {
        "bytes": MOST_BYTES,
        "first": FIRST_YEAR + 1,
        "last": LAST_YEAR - 1,
        "digits": WHOLE_DIGITS,
    }
