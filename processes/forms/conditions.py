"""A condition as fields of a form: groups of comparisons, joined by “and” or “or”."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organization.forms.base import NOTHING_CHOSEN, DateInput
from processes.engine.content import OPERATORS, ChoiceSettings, Field, FieldKind
from processes.engine.content.kinds import WITH_LIST, WITHOUT_VALUE
from processes.queries.words import OPERATOR_LABELS, in_language

MOST_GROUPS = 6
MOST_ROWS = 8
JOINS = [("all", _("all of these")), ("any", _("any of these"))]
# What is asked depends on the choice: the form is shown again with all that was typed; without a script a button does so
ASKS_AGAIN = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-target": "#part-form",
    "hx-select": "#part-form",
    "hx-swap": "outerHTML",
    "hx-push-url": "false",
    "hx-vals": '{"act": "refresh"}',
}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison as bound fields; value: None where the comparison takes none."""

    field: forms.BoundField | None
    operator: forms.BoundField | None
    value: forms.BoundField | None


@dataclass(frozen=True, slots=True)
class Group:
    """Comparisons under one “and” or “or”. number: from 0."""

    number: int
    join: forms.BoundField
    rows: list[Row]


class ConditionPart:
    """The fields of one condition in a form. tree: what stands; askable: fields that may be asked for, by key.

    A tree of more than two floors, which only an import or a call makes, is kept as it is or taken away.
    """

    def __init__(self, form: Any, name: str, tree: Json | None, askable: Mapping[str, Field]) -> None:
        self.form, self.name, self.tree, self.askable = form, name, tree, askable
        groups, top = _groups(tree)
        self.is_deep = groups is None
        if groups is None:
            form.fields[f"{name}_drop"] = forms.BooleanField(label=_("Take this condition away"), required=False)
            return
        self.shape = self._shape(groups)
        form.fields[f"{name}_shape"] = forms.CharField(required=False, widget=forms.HiddenInput)
        form.initial[f"{name}_shape"] = ",".join(map(str, self.shape))
        form.fields[f"{name}_join"] = forms.ChoiceField(label=_("Groups that must hold"), choices=JOINS, required=False)
        form.initial[f"{name}_join"] = top
        for g, size in enumerate(self.shape):
            join, rows = groups[g] if g < len(groups) else ("all", [])
            form.fields[f"{name}_{g}_join"] = forms.ChoiceField(label=_("Holds when"), choices=JOINS, required=False)
            form.initial[f"{name}_{g}_join"] = join
            for r in range(size):
                add_comparison(form, f"{name}_{g}_{r}", rows[r] if r < len(rows) else {}, askable)

    def _shape(self, groups: list[tuple[str, list[Json]]]) -> list[int]:
        if self.form.told is None:
            return [len(rows) for _join, rows in groups] or [0]
        sent = str(self.form.told.get(f"{self.name}_shape", ""))
        shape = [min(int(size), MOST_ROWS) for size in sent.split(",") if size.isdecimal()][:MOST_GROUPS] or [0]
        asked = str(self.form.told.get("act", ""))
        if asked == f"group:{self.name}" and len(shape) < MOST_GROUPS:
            shape.append(1)
        for g in range(len(shape)):
            if asked == f"add:{self.name}:{g}" and shape[g] < MOST_ROWS:
                shape[g] += 1
        return shape

    @property
    def shape_text(self) -> str:
        """How many comparisons each group has, as the form sends it."""
        return ",".join(map(str, self.shape))

    @property
    def join(self) -> forms.BoundField:
        """How the groups are joined."""
        joined: forms.BoundField = self.form[f"{self.name}_join"]
        return joined

    @property
    def groups(self) -> list[Group]:
        """The groups for a template."""
        return [
            Group(
                g,
                self.form[f"{self.name}_{g}_join"],
                [comparison_of(self.form, f"{self.name}_{g}_{r}") for r in range(size)],
            )
            for g, size in enumerate(self.shape)
        ]

    def cleaned(self, facts: Mapping[str, Any]) -> Json | None:
        """The condition that was sent; lines without a field are left out."""
        if self.is_deep:
            return None if facts.get(f"{self.name}_drop") else self.tree
        found: list[Json] = []
        for g, size in enumerate(self.shape):
            rows = [one for r in range(size) if (one := sent_comparison(facts, f"{self.name}_{g}_{r}"))]
            if rows:
                join = facts.get(f"{self.name}_{g}_join") or "all"
                found.append(rows[0] if len(rows) == 1 else {join: rows})
        if len(found) > 1:
            return {facts.get(f"{self.name}_join") or "all": found}
        return found[0] if found else None


def add_comparison(form: Any, name: str, stands: Json, askable: Mapping[str, Field]) -> None:
    """Add the fields of one comparison: which answer, how, and against what, as the chosen answer takes it."""
    chosen = str(form.told.get(f"{name}_field", "")) if form.told is not None else stands.get("field", "")
    choices = [("", NOTHING_CHOSEN), *((key, in_language(one.label, one.label_zh)) for key, one in askable.items())]
    if chosen and chosen not in askable:
        choices.append((chosen, chosen))
    form.fields[f"{name}_field"] = forms.ChoiceField(
        label=pgettext_lazy("condition", "Answer"),
        choices=choices,
        required=False,
        widget=forms.Select(attrs=ASKS_AGAIN),
    )
    form.initial[f"{name}_field"] = stands.get("field", "")
    if field := askable.get(chosen):
        add_check(form, name, stands, field)


def add_check(form: Any, name: str, stands: Json, field: Field, *, empty: Any = None) -> None:
    """Add how an answer of `field` is compared, and with what. empty: the words for not at all."""
    operators = [(one.value, OPERATOR_LABELS[one]) for one in OPERATORS[field.kind]]
    form.fields[f"{name}_is"] = forms.ChoiceField(
        label=_("Comparison"),
        choices=[*([("", empty)] if empty else []), *operators],
        required=False,
        widget=forms.Select(attrs=ASKS_AGAIN),
    )
    form.initial[f"{name}_is"] = stands.get("is", "")
    operator = str(form.told.get(f"{name}_is", "")) if form.told is not None else stands.get("is", "")
    if not operator and not empty:
        operator = operators[0][0]
    if operator and operator not in WITHOUT_VALUE:
        form.fields[f"{name}_value"] = _value_field(field, is_list=operator in WITH_LIST)
        form.initial[f"{name}_value"] = stands.get("value", "")


def comparison_of(form: Any, name: str) -> Row:
    """The fields of one comparison for a template."""
    names = form.fields
    return Row(
        form[f"{name}_field"] if f"{name}_field" in names else None,
        form[f"{name}_is"] if f"{name}_is" in names else None,
        form[f"{name}_value"] if f"{name}_value" in names else None,
    )


def sent_comparison(facts: Mapping[str, Any], name: str) -> Json | None:
    """One comparison as it was sent, None where no answer is chosen."""
    key = facts.get(f"{name}_field", "")
    return {"field": key, **(sent_check(facts, name) or {"is": ""})} if key else None


def sent_check(facts: Mapping[str, Any], name: str) -> Json | None:
    """How an answer is compared, as it was sent; None for not at all."""
    operator = facts.get(f"{name}_is", "")
    if not operator:
        return None
    if operator in WITHOUT_VALUE:
        return {"is": operator}
    return {"is": operator, "value": facts.get(f"{name}_value") or ("" if operator not in WITH_LIST else [])}


def _value_field(field: Field, *, is_list: bool) -> forms.Field:
    label = pgettext_lazy("condition", "Value")
    if isinstance(field.settings, ChoiceSettings):
        options = [(one.key, in_language(one.label, one.label_zh)) for one in field.settings.options]
        if is_list:
            return forms.MultipleChoiceField(
                label=label, choices=options, required=False, widget=forms.CheckboxSelectMultiple
            )
        return forms.ChoiceField(label=label, choices=[("", NOTHING_CHOSEN), *options], required=False)
    widget: Any = forms.TextInput
    if field.kind in (FieldKind.NUMBER, FieldKind.RATING):
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
    elif field.kind is FieldKind.DATE:
        widget = DateInput
    elif field.kind is FieldKind.TIME:
        widget = forms.TextInput(attrs={"type": "time"})
    return forms.CharField(label=label, required=False, max_length=500, widget=widget)


def _groups(tree: Json | None) -> tuple[list[tuple[str, list[Json]]] | None, str]:
    """The tree as groups of comparisons with how they are joined; None for one of more than two floors."""
    if tree is None:
        return [], "all"
    parts, join = _parts(tree)
    if join is None:
        return [("all", [tree])], "all"
    if all("field" in part for part in parts):
        return [(join, parts)], "all"
    groups = [(_parts(part)[1] or "all", _parts(part)[0]) for part in parts]
    if any("field" not in row for _join, rows in groups for row in rows):
        return None, join
    if len(groups) > MOST_GROUPS or max(len(rows) for _join, rows in groups) > MOST_ROWS:
        return None, join
    return groups, join


def _parts(tree: Json) -> tuple[list[Json], str | None]:
    for join in ("all", "any"):
        if join in tree:
            return tree[join], join
    return [tree], None
