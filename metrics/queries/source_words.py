"""What engines report about sources, as sentences in the reader's language, and the own events by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from metrics import events as own
from metrics.engine.sent_rows import RowError
from metrics.engine.source_plan import SourcePlan
from metrics.queries.row_wording import row_error_sentence
from organization import events as below

QUERY_FAULTS = {
    "query_empty": _("Write a query."),
    "not_a_query": _("A query begins with SELECT, WITH, VALUES or TABLE."),
    "several_statements": _("Only one query runs here. Take out what stands behind the semicolon."),
    "quote_open": _("A quotation mark is opened and not closed."),
    "comment_open": _("A comment is opened and not closed."),
}
PLAN_FAULTS = {
    "key_form": _("Small letters, digits and underscores; a letter first."),
    "key_twice": _("Another column has this short name already."),
    "path_missing": _("Write where the value stands, such as /data/amount."),
    "path_form": _("This is no place such as /data/amount; ^ in front leads from the whole body."),
    "two_instants": _("Only one column says when a row happened."),
    "instant_missing": _("One column must hold the date or time of a row."),
}
# The own events that can be counted. None of them is announced for the rows that they themselves become.
EVENT_KINDS: Mapping[str, Any] = {
    own.BATCH_LOADED: _("Rows were loaded"),
    own.BATCH_UNDONE: _("An import was undone"),
    own.DATASET_CREATED: _("A dataset was made"),
    own.KPI_DEFINED: _("A KPI was defined"),
    own.KPI_CHANGED: _("A KPI was changed"),
    own.TARGET_SET: _("A target was set"),
    own.DASHBOARD_CHANGED: _("A dashboard was changed"),
    own.SOURCE_STOPPED: _("A source was switched off after failures"),
    below.MEMBER_ADDED: _("A member was added"),
    below.MEMBER_CHANGED: _("A member was changed"),
    below.ROLE_CHANGED: _("Rights were changed"),
    below.DEPARTMENT_CREATED: _("A department was made"),
    below.DEPARTMENT_CHANGED: _("A department was changed"),
    below.DEPARTMENT_MOVED: _("A department was moved"),
    below.CALENDAR_CHANGED: _("A working calendar was changed"),
    below.PERIODS_CHANGED: _("Weeks or years begin elsewhere now"),
}


def worded_refusals(refusals: list[dict[str, Any]], plan: SourcePlan) -> list[dict[str, Any]]:
    """One line for each thing that is wrong: row from 1, column, value, reason."""
    return [
        {
            "row": refusal["row"],
            "column": plan.label_of(column) if column else "",
            "value": value,
            "reason": row_error_sentence(RowError(0, column, value, code)),
        }
        for refusal in refusals
        for column, value, code in refusal["errors"]
    ]
