"""The words of a procedure as people read them: kinds, comparisons, who, when, and what is wrong where."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ops_platform.web import formats
from processes.engine.conditions import Phrase, PhraseGroup, phrased, phrased_check
from processes.engine.content import (
    ApprovalMode,
    ApprovalRule,
    Check,
    Condition,
    Direction,
    DueOrigin,
    DueRule,
    DueUnit,
    Field,
    FieldKind,
    LinkTarget,
    Operator,
    Procedure,
    Responsible,
    StepOrder,
    Who,
)
from processes.engine.content.problems import Problem

KIND_LABELS: dict[str, Any] = {
    FieldKind.TEXT: pgettext_lazy("kind of field", "Text"),
    FieldKind.LONG_TEXT: pgettext_lazy("kind of field", "Long text"),
    FieldKind.NUMBER: pgettext_lazy("kind of field", "Number"),
    FieldKind.CHOICE: pgettext_lazy("kind of field", "One choice"),
    FieldKind.CHOICES: pgettext_lazy("kind of field", "Several choices"),
    FieldKind.CHECKBOX: pgettext_lazy("kind of field", "Checkbox"),
    FieldKind.DATE: pgettext_lazy("kind of field", "Date"),
    FieldKind.TIME: pgettext_lazy("kind of field", "Time of day"),
    FieldKind.PHOTO: pgettext_lazy("kind of field", "Photo"),
    FieldKind.FILE: pgettext_lazy("kind of field", "File"),
    FieldKind.SIGNATURE: pgettext_lazy("kind of field", "Signature"),
    FieldKind.RATING: pgettext_lazy("kind of field", "Rating"),
    FieldKind.TABLE: pgettext_lazy("kind of field", "Table"),
    FieldKind.PERSON: pgettext_lazy("kind of field", "Person"),
    FieldKind.LINK: pgettext_lazy("kind of field", "Link"),
}
OPERATOR_LABELS: dict[str, Any] = {
    Operator.IS: pgettext_lazy("comparison", "is"),
    Operator.IS_NOT: pgettext_lazy("comparison", "is not"),
    Operator.CONTAINS: pgettext_lazy("comparison", "contains"),
    Operator.ONE_OF: pgettext_lazy("comparison", "is one of"),
    Operator.NONE_OF: pgettext_lazy("comparison", "is none of"),
    Operator.INCLUDES: pgettext_lazy("comparison", "includes"),
    Operator.LACKS: pgettext_lazy("comparison", "does not include"),
    Operator.ABOVE: pgettext_lazy("comparison", "is above"),
    Operator.AT_LEAST: pgettext_lazy("comparison", "is at least"),
    Operator.BELOW: pgettext_lazy("comparison", "is below"),
    Operator.AT_MOST: pgettext_lazy("comparison", "is at most"),
    Operator.BEFORE: pgettext_lazy("comparison", "is before"),
    Operator.AFTER: pgettext_lazy("comparison", "is after"),
    Operator.TICKED: pgettext_lazy("comparison", "is ticked"),
    Operator.NOT_TICKED: pgettext_lazy("comparison", "is not ticked"),
    Operator.FILLED: pgettext_lazy("comparison", "is answered"),
    Operator.EMPTY: pgettext_lazy("comparison", "is not answered"),
}
UNIT_LABELS: dict[str, Any] = {
    DueUnit.MINUTES: _("minutes"),
    DueUnit.HOURS: _("hours"),
    DueUnit.DAYS: _("days"),
    DueUnit.WORKING_MINUTES: _("working minutes"),
    DueUnit.WORKING_HOURS: _("working hours"),
    DueUnit.WORKING_DAYS: _("working days"),
}
DIRECTION_LABELS: dict[str, Any] = {Direction.AFTER: _("after"), Direction.BEFORE: _("before")}
MODE_LABELS: dict[str, Any] = {
    ApprovalMode.ANY: _("One of them"),
    ApprovalMode.ALL: _("All of them"),
    ApprovalMode.COUNT: _("A number of them"),
    ApprovalMode.IN_ORDER: _("All of them, one after the other"),
}
ORDER_LABELS: dict[str, Any] = {
    StepOrder.FREE: _("In any order"),
    StepOrder.RECORDED: _("In order; doing otherwise is recorded"),
    StepOrder.STRICT: _("Only in order"),
}
TARGET_LABELS: dict[str, Any] = {
    LinkTarget.CUSTOMER: _("Customer"),
    LinkTarget.PROJECT: _("Project"),
    LinkTarget.RUN: _("Run"),
    LinkTarget.ADDRESS: _("Web address"),
}
SETTING_LABELS: dict[str, Any] = {
    "longest": _("Longest answer in characters"),
    "unit": _("Unit"),
    "decimals": _("Decimals"),
    "least": _("At least"),
    "most": _("At most"),
    "warn_below": _("Warning below"),
    "warn_above": _("Warning above"),
    "stars": _("Stars"),
    "target": _("Links to"),
}
WHO_LABELS: dict[str, Any] = {
    Who.STARTER: _("Whoever starts the run"),
    Who.GUEST: _("A guest, by link"),
    Who.HEAD: _("Head of the run's department"),
    Who.GROUP: _("Anybody in the run's department"),
}
PROPERTY_LABELS: dict[str, Any] = {
    "title": _("Title"),
    "title_zh": _("Chinese title"),
    "instruction": _("Instructions"),
    "instruction_zh": _("Chinese instructions"),
    "intro": _("Introduction"),
    "intro_zh": _("Chinese introduction"),
    "label": _("Label"),
    "label_zh": _("Chinese label"),
    "help": _("Help"),
    "help_zh": _("Chinese help"),
    "kind": _("Kind"),
    "settings": _("Settings"),
    "required": _("Required"),
    "critical": _("Critical"),
    "weight": _("Weight"),
    "fail_when": _("Fails when"),
    "condition": _("Shown when"),
    "responsible": _("Responsible"),
    "minutes": _("Expected minutes"),
    "due": _("Due"),
    "approval": _("Approval"),
    "after": _("Waits for"),
    "repeats": _("Repeats"),
    "rules": _("Rules of the run"),
}


def in_language(text: str, twin: str) -> str:
    """The text for the reader: its Chinese twin where there is one and the reader reads Chinese."""
    return twin if twin and (get_language() or "").startswith("zh") else text


def part_name(part: Mapping[str, Any]) -> str:
    """What a section, step or field of plain JSON is called in the reader's language, empty for the whole."""
    name = "label" if "label" in part else "title"
    return in_language(part.get(name, ""), part.get(f"{name}_zh", ""))


def condition_words(condition: Condition | None, procedure: Procedure) -> str:
    """The condition as one sentence, empty for none: “Temperature” is above “8 °C” and ..."""
    if condition is None:
        return ""
    return _phrase(phrased(condition, fields_of(procedure)), is_inner=False)


def check_words(field: Field, check: Check | None) -> str:
    """When an answer of the field fails, as one sentence; empty for never."""
    return "" if check is None else _phrase(phrased_check(field, check), is_inner=False)


def fields_of(procedure: Procedure) -> dict[str, Field]:
    """Every field by its key."""
    return {field.key: field for _section, _step, field in procedure.fields()}


def due_words(due: DueRule | None, procedure: Procedure) -> str:
    """When something is due, as one sentence; empty where nothing says so."""
    if due is None:
        return ""
    amount = {
        DueUnit.MINUTES: ngettext("%d minute", "%d minutes", due.amount),
        DueUnit.HOURS: ngettext("%d hour", "%d hours", due.amount),
        DueUnit.DAYS: ngettext("%d day", "%d days", due.amount),
        DueUnit.WORKING_MINUTES: ngettext("%d working minute", "%d working minutes", due.amount),
        DueUnit.WORKING_HOURS: ngettext("%d working hour", "%d working hours", due.amount),
        DueUnit.WORKING_DAYS: ngettext("%d working day", "%d working days", due.amount),
    }[due.unit] % due.amount
    sentence = (
        gettext("%(amount)s before %(origin)s")
        if due.direction == Direction.BEFORE
        else gettext("%(amount)s after %(origin)s")
    )
    return sentence % {"amount": amount, "origin": _origin(due, procedure)}


def who_words(responsible: Responsible | None, names: Mapping[str, str], procedure: Procedure) -> str:
    """Who does or approves something. names: of those who are meant, by `who:reference`."""
    if responsible is None:
        return gettext("Whoever starts the run")
    if responsible.who is Who.FIELD:
        field = fields_of(procedure).get(responsible.reference)
        label = in_language(field.label, field.label_zh) if field else responsible.reference
        return gettext("The person in “%(label)s”") % {"label": label}
    named = names.get(f"{responsible.who}:{responsible.reference}")
    return named or (str(WHO_LABELS.get(responsible.who, "")) if not responsible.reference else responsible.reference)


def approval_words(approval: ApprovalRule | None, names: Mapping[str, str], procedure: Procedure) -> str:
    """Who must say yes, as one sentence; empty for nobody."""
    if approval is None:
        return ""
    people = formats.listed(who_words(one, names, procedure) for one in approval.approvers)
    if len(approval.approvers) == 1:
        return people
    if approval.mode is ApprovalMode.COUNT:
        return gettext("%(count)d of: %(people)s") % {"count": approval.count, "people": people}
    return gettext("%(mode)s: %(people)s") % {"mode": MODE_LABELS[approval.mode], "people": people}


def problem_words(problem: Problem, content: Mapping[str, Any]) -> str:
    """What is wrong, with the step and the field that it is wrong in."""
    says = gettext(problem.message) % problem.params
    for section in content.get("sections", []):
        if section["key"] == problem.element:
            return gettext("Section “%(part)s”: %(says)s") % {"part": section.get("title", ""), "says": says}
        for step in section.get("steps", []):
            if step["key"] == problem.element:
                return gettext("Step “%(part)s”: %(says)s") % {"part": step.get("title", ""), "says": says}
            for field in step.get("fields", []):
                if field["key"] == problem.element:
                    facts = {"part": step.get("title", ""), "field": field.get("label", ""), "says": says}
                    return gettext("Step “%(part)s”, field “%(field)s”: %(says)s") % facts
    return says


def _phrase(phrase: Phrase | PhraseGroup, *, is_inner: bool) -> str:
    if isinstance(phrase, PhraseGroup):
        both = gettext("%(first)s and %(second)s") if phrase.is_all else gettext("%(first)s or %(second)s")
        parts = [_phrase(part, is_inner=True) for part in phrase.parts]
        text = reduce(lambda first, second: both % {"first": first, "second": second}, parts) if parts else ""
        return gettext("(%(text)s)") % {"text": text} if is_inner and len(phrase.parts) > 1 else text
    facts = {"label": in_language(*phrase.label), "comparison": OPERATOR_LABELS[phrase.operator]}
    if not phrase.values:
        return gettext("“%(label)s” %(comparison)s") % facts
    values = [in_language(*pair) + (f" {phrase.unit}" if phrase.unit else "") for pair in phrase.values]
    facts["value"] = formats.listed(gettext("“%(value)s”") % {"value": value} for value in values)
    return gettext("“%(label)s” %(comparison)s %(value)s") % facts


def _origin(due: DueRule, procedure: Procedure) -> str:
    if due.origin is DueOrigin.FIELD:
        field = fields_of(procedure).get(due.field)
        return gettext("the date in “%(label)s”") % {
            "label": in_language(field.label, field.label_zh) if field else due.field
        }
    if due.origin is DueOrigin.STEP:
        step = next((one for _section, one in procedure.steps() if one.key == due.step), None)
        return gettext("step “%(title)s” is done") % {
            "title": in_language(step.title, step.title_zh) if step else due.step
        }
    return gettext("the run is due") if due.origin is DueOrigin.RUN_DUE else gettext("the run starts")
