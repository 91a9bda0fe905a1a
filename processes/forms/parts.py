"""Forms of the parts of a procedure. Each shows a part in plain JSON and gives back what it shall be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organization.access import Actor
from organization.forms.base import ActorForm, field_of
from processes.engine.content import Procedure, StepOrder, limits
from processes.engine.editing import Json
from processes.forms.conditions import ConditionPart
from processes.queries.authoring import askable
from processes.queries.words import DIRECTION_LABELS, ORDER_LABELS, UNIT_LABELS

Facts = Mapping[str, Any]


def text_field(label: Any, longest: int, *, lines: int = 0, required: bool = False, **kwargs: Any) -> forms.CharField:
    """A text; lines: how many a larger one begins with."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
    return forms.CharField(label=label, max_length=longest, required=required, widget=widget, **kwargs)


def whole_field(label: Any, low: int, high: int, **kwargs: Any) -> forms.IntegerField:
    """A whole number or nothing."""
    return forms.IntegerField(label=label, min_value=low, max_value=high, required=False, **kwargs)


class PartForm(ActorForm):
    """A form of one part. part: as it stands, or as somebody else saved it; procedure: the whole draft.

    told: what was typed where the form only asks again, since another kind or one more line was chosen; no error shows then.
    """

    plain: tuple[str, ...] = ()
    template_name = "components/form.html"

    def __init__(
        self,
        data: Any = None,
        *,
        actor: Actor,
        part: Json,
        procedure: Procedure,
        told: Any = None,
    ) -> None:
        self.part, self.procedure = part, procedure
        self.told: Any = data if data is not None else told
        super().__init__(data, actor=actor, initial={name: part[name] for name in self.plain if name in part})
        if data is None and told is not None:
            for name, field in self.fields.items():
                self.initial[name] = field.widget.value_from_datadict(told, {}, name)

    def offer(self) -> None:
        """Add the fields that depend on the part."""

    def condition(self, name: str = "condition") -> ConditionPart:
        """Add the fields of a condition."""
        return ConditionPart(self, name, self.part.get(name), askable(self.procedure, self.part.get("key", "")))

    def base(self) -> Json:
        """The plain properties that were sent; those that are empty are left out."""
        facts = self.cleaned_data
        return {name: facts[name] for name in self.plain if facts.get(name) not in (None, "", False)}

    def made(self) -> Json:
        """The part as it shall be."""
        raise NotImplementedError

    def place_of(self, path: str) -> str | None:
        """The field of the form at which a problem in that property stands; None for the whole form."""
        names = path.replace("[", ".").replace("]", "").split(".")
        if names[0] == "condition":
            return None
        for size in range(len(names), 0, -1):
            if (name := "_".join(names[:size])) in self.fields:
                return name
        return next((name for name in self.fields if name.startswith(f"{names[0]}_")), None)


class SectionForm(PartForm):
    """A section: its title, whether it is done once a row, and when it is shown."""

    plain = ("title", "title_zh")
    title = text_field(_("Title"), limits.LONGEST_TITLE, required=True)
    title_zh = text_field(_("Chinese title"), limits.LONGEST_TITLE)
    is_repeated = forms.BooleanField(
        label=_("Done several times in a run"), required=False, help_text=_("Once a room, once an item, once a guest.")
    )
    row = text_field(_("One of them is called"), limits.LONGEST_LABEL, help_text=_("Room, item, guest"))
    row_zh = text_field(_("Its Chinese name"), limits.LONGEST_LABEL)
    least = whole_field(_("At least"), 0, limits.MOST_ROWS)
    most = whole_field(_("At most"), 1, limits.MOST_ROWS)

    def offer(self) -> None:
        repeats = self.part.get("repeats")
        self.initial["is_repeated"] = repeats is not None
        self.initial.update({"least": 1, "most": 20} | (repeats or {}))
        self.shown = self.condition()

    def clean(self) -> Json:
        facts = super().clean() or {}
        if facts.get("is_repeated") and not facts.get("row"):
            self.add_error("row", gettext("Say what one of them is called."))
        return facts

    def made(self) -> Json:
        facts, part = self.cleaned_data, {"key": self.part["key"], **self.base()}
        if facts["is_repeated"]:
            part["repeats"] = {"row": facts["row"], "row_zh": facts["row_zh"]}
            part["repeats"] |= {name: facts[name] for name in ("least", "most") if facts[name] is not None}
        if condition := self.shown.cleaned(facts):
            part["condition"] = condition
        return part


class FrameForm(PartForm):
    """What holds for the whole: introduction, order, the score that a run needs, when it is due."""

    plain = ("intro", "intro_zh")
    intro = text_field(_("Introduction"), limits.LONGEST_INSTRUCTION, lines=6, help_text=_("Markdown"))
    intro_zh = text_field(_("Chinese introduction"), limits.LONGEST_INSTRUCTION, lines=6)
    order = forms.ChoiceField(label=_("Order of the steps"), choices=[])
    pass_percent = whole_field(
        _("Score that a run needs"), 0, 100, help_text=_("Percent; empty where runs are not scored.")
    )

    def offer(self) -> None:
        rules = self.part.get("rules", {})
        field_of(self, "order").choices = list(ORDER_LABELS.items())
        self.initial.update(order=rules.get("order", StepOrder.FREE), pass_percent=rules.get("pass_percent"))
        from_start = [("run_start", gettext("the run starts"))]
        self.due = DuePart(self, rules.get("due"), from_start + date_origins(self.procedure))

    def made(self) -> Json:
        facts = self.cleaned_data
        rules: Json = {"order": facts["order"]}
        if facts["pass_percent"] is not None:
            rules["pass_percent"] = facts["pass_percent"]
        if due := self.due.cleaned(facts):
            rules["due"] = due
        return {**self.base(), "rules": rules}

    def place_of(self, path: str) -> str | None:
        return super().place_of(path.removeprefix("rules."))


class DuePart:
    """A due rule as fields of a form. origins: what it may count from."""

    def __init__(self, form: PartForm, rule: Json | None, origins: list[tuple[str, Any]]) -> None:
        rule = rule or {}
        form.fields["due_amount"] = whole_field(_("Due"), 0, limits.MOST_AMOUNT)
        form.fields["due_unit"] = forms.ChoiceField(label=_("Unit"), choices=list(UNIT_LABELS.items()), required=False)
        directions = list(DIRECTION_LABELS.items())
        form.fields["due_direction"] = forms.ChoiceField(label=_("Before or after"), choices=directions, required=False)
        kind = rule.get("origin", "run_start")
        origin = f"{kind}:{rule[kind]}" if kind in ("field", "step") else kind
        values = [value for value, _label in origins]
        offered = origins if origin in values else [*origins, (origin, origin)]
        form.fields["due_origin"] = forms.ChoiceField(label=_("Counted from"), choices=offered, required=False)
        form.initial.update(
            due_amount=rule.get("amount"),
            due_unit=rule.get("unit", "working_hours"),
            due_direction=rule.get("direction", "after"),
            due_origin=origin,
        )

    @staticmethod
    def cleaned(facts: Facts) -> Json | None:
        """The rule that was sent, None where no amount is given."""
        if facts["due_amount"] is None:
            return None
        kind, _colon, key = facts["due_origin"].partition(":")
        rule = {"amount": facts["due_amount"], "unit": facts["due_unit"], "direction": facts["due_direction"]}
        return rule | {"origin": kind or "run_start"} | ({kind: key} if key else {})


def date_origins(procedure: Procedure) -> list[tuple[str, Any]]:
    """The date fields that a due rule may count from."""
    return [
        (f"field:{field.key}", gettext("the date in “%(label)s”") % {"label": field.label})
        for _section, _step, field in procedure.fields()
        if field.kind == "date"
    ]
