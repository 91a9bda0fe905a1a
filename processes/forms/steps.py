"""The form of a step: what is done, by whom, until when, who approves it, and when it is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organization.forms.base import NOTHING_CHOSEN
from processes.engine.content import limits
from processes.engine.editing import Json
from processes.forms.parts import DuePart, PartForm, date_origins, text_field, whole_field
from processes.queries.authoring import who_choices
from processes.queries.words import MODE_LABELS, in_language

EMPTY_APPROVERS = 1


class StepForm(PartForm):
    """One step without its fields, which have forms of their own."""

    plain = ("title", "title_zh", "instruction", "instruction_zh", "minutes", "critical", "weight")
    title = text_field(_("Title"), limits.LONGEST_TITLE, required=True)
    title_zh = text_field(_("Chinese title"), limits.LONGEST_TITLE)
    instruction = text_field(
        _("Instructions"), limits.LONGEST_INSTRUCTION, lines=8, help_text=_("Markdown. Pictures are added below.")
    )
    instruction_zh = text_field(_("Chinese instructions"), limits.LONGEST_INSTRUCTION, lines=8)
    responsible = forms.ChoiceField(label=_("Responsible"), required=False)
    minutes = whole_field(_("Expected minutes"), 1, limits.MOST_MINUTES)
    critical = forms.BooleanField(
        label=_("Critical"), required=False, help_text=_("A run whose critical step fails has failed.")
    )
    weight = whole_field(_("Weight in the score"), 0, limits.MOST_WEIGHT, help_text=_("0 leaves it out."))
    approval_mode = forms.ChoiceField(label=_("Who must say yes"), required=False, choices=list(MODE_LABELS.items()))
    approval_count = whole_field(_("How many"), 1, limits.MOST_APPROVERS)
    approval_no_self = forms.BooleanField(label=_("Nobody approves their own work"), required=False)
    approval_send_back_to = forms.MultipleChoiceField(
        label=_("May be sent back to"), required=False, widget=forms.CheckboxSelectMultiple
    )
    after = forms.MultipleChoiceField(
        label=_("Waits for these steps"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def offer(self) -> None:
        groups = who_choices(self.actor, self.procedure)
        approval = self.part.get("approval", {})
        self._who("responsible", groups, self.part.get("responsible"), gettext("Whoever starts the run"))
        approvers = approval.get("approvers", [])
        self.approver_names = []
        most = min(len(approvers) + EMPTY_APPROVERS + self._asked_for("approvers"), limits.MOST_APPROVERS)
        for number in range(most):
            name = f"approver_{number}"
            label = gettext("Approver %(number)d") % {"number": number + 1}
            self.fields[name] = forms.ChoiceField(label=label, required=False)
            self._who(name, groups, approvers[number] if number < len(approvers) else None, NOTHING_CHOSEN)
            self.approver_names.append(name)
        steps = [(step.key, in_language(step.title, step.title_zh)) for _section, step in self.procedure.steps()]
        place = next((index for index, (key, _title) in enumerate(steps) if key == self.part.get("key")), len(steps))
        self._choose("after", [one for one in steps if one[0] != self.part.get("key")], self.part.get("after", []))
        self._choose("approval_send_back_to", steps[:place], approval.get("send_back_to", []))
        self.initial.update(
            approval_mode=approval.get("mode", "any"),
            approval_count=approval.get("count"),
            approval_no_self=approval.get("no_self", True),
        )
        origins = [("run_start", gettext("the run starts")), ("run_due", gettext("the run is due"))]
        done = [
            (f"step:{key}", gettext("step “%(title)s” is done") % {"title": title})
            for key, title in steps
            if key != self.part.get("key")
        ]
        self.due = DuePart(self, self.part.get("due"), origins + date_origins(self.procedure) + done)
        self.shown = self.condition()

    @property
    def approvers(self) -> list[forms.BoundField]:
        """The choices of approvers, the last one empty."""
        return [self[name] for name in self.approver_names]

    def _asked_for(self, rows: str) -> int:
        """How many more lines of a list were asked for."""
        if self.told is None:
            return 0
        sent = sum(1 for name in self.told if name.startswith("approver_")) if rows == "approvers" else 0
        present = len(self.part.get("approval", {}).get("approvers", [])) + EMPTY_APPROVERS
        return max(sent - present, 0) + (self.told.get("act") == f"more:{rows}")

    def _choose(self, name: str, choices: list[tuple[str, Any]], chosen: list[str]) -> None:
        known = {key for key, _label in choices}
        field: Any = self.fields[name]
        field.choices = choices + [(key, key) for key in chosen if key not in known]
        self.initial[name] = chosen

    def _who(self, name: str, groups: list[tuple[str, Any]], stands: Json | None, empty: Any) -> None:
        value = f"{stands['who']}:{stands.get('reference', '')}" if stands else ""
        known = {one for _group, options in groups for one, _label in options}
        field: Any = self.fields[name]
        others = [(value, value.partition(":")[2] or value)] if value and value not in known else []
        field.choices = [("", empty), *others, *groups]
        self.initial[name] = value

    def made(self) -> Json:
        facts, part = self.cleaned_data, {"key": self.part["key"], **self.base()}
        if who := _who(facts["responsible"]):
            part["responsible"] = who
        if due := self.due.cleaned(facts):
            part["due"] = due
        approvers = [who for name in self.approver_names if (who := _who(facts[name]))]
        if approvers:
            mode = facts["approval_mode"] or "any"
            part["approval"] = {
                "approvers": approvers,
                "mode": mode,
                "no_self": facts["approval_no_self"],
                "send_back_to": facts["approval_send_back_to"],
            } | ({"count": facts["approval_count"] or 1} if mode == "count" else {})
        if facts["after"]:
            part["after"] = facts["after"]
        if condition := self.shown.cleaned(facts):
            part["condition"] = condition
        return part

    def place_of(self, path: str) -> str | None:
        if path.startswith("approval.approvers["):
            return f"approver_{path.removeprefix('approval.approvers[').partition(']')[0]}"
        if path.startswith("approval.approvers"):
            return "approver_0"
        return super().place_of(path)


def _who(value: str) -> Json | None:
    who, _colon, reference = value.partition(":")
    return ({"who": who} | ({"reference": reference} if reference else {})) if who else None
