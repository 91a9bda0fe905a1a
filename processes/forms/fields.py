"""The form of a field: what is asked, what it takes, when it fails and when it is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from processes.engine.content import Field, FieldKind, limits
from processes.engine.content.field_settings import COLUMN_KINDS
from processes.engine.editing import Json, new_key
from processes.forms.conditions import ASKS_AGAIN, Row, add_check, comparison_of, sent_check
from processes.forms.parts import PartForm, text_field, whole_field
from processes.queries.words import KIND_LABELS, TARGET_LABELS

EMPTY_ROWS = 2
CHOICES = (FieldKind.CHOICE, FieldKind.CHOICES)
WITH_ROWS = {FieldKind.CHOICE: "options", FieldKind.CHOICES: "options", FieldKind.TABLE: "columns"}


def decimal_field(label: Any, **kwargs: Any) -> forms.CharField:
    """An exact number as text; the engine reads it."""
    return forms.CharField(
        label=label, required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs
    )


class FieldForm(PartForm):
    """One field. Which settings it has depends on the kind that is chosen."""

    plain = ("label", "label_zh", "help", "help_zh", "required", "critical", "weight")
    label = text_field(_("Label"), limits.LONGEST_LABEL, required=True)
    label_zh = text_field(_("Chinese label"), limits.LONGEST_LABEL)
    kind = forms.ChoiceField(label=_("Kind"), choices=list(KIND_LABELS.items()), widget=forms.Select(attrs=ASKS_AGAIN))
    help = text_field(_("Help"), limits.LONGEST_HELP, lines=2)
    help_zh = text_field(_("Chinese help"), limits.LONGEST_HELP, lines=2)
    required = forms.BooleanField(label=_("Required"), required=False)
    critical = forms.BooleanField(
        label=_("Critical"),
        required=False,
        help_text=_("An answer that fails needs a photo, a note and a corrective action."),
    )
    weight = whole_field(_("Weight in the score"), 0, limits.MOST_WEIGHT, help_text=_("0 leaves it out."))

    def offer(self) -> None:
        kind = str(self.told.get("kind", "")) if self.told is not None else self.part.get("kind", "")
        self.chosen = FieldKind(kind) if kind in KIND_LABELS else FieldKind.TEXT
        self.initial["kind"] = self.part.get("kind", self.chosen)
        is_same = self.chosen == self.part.get("kind") or {self.chosen, self.part.get("kind")} <= set(CHOICES)
        self.stands: Json = self.part.get("settings", {}) if is_same else {}
        self.setting_names = list(self._settings())
        self.row_names: list[dict[str, str]] = list(self._rows())
        check = self.part.get("fail_when", {}) if is_same else {}
        add_check(self, "fail_when", check, self._present(), empty=_("Never"))
        self.shown = self.condition()

    def _settings(self) -> Any:
        made: dict[str, forms.Field] = {}
        if self.chosen in (FieldKind.TEXT, FieldKind.LONG_TEXT):
            made["longest"] = whole_field(_("Longest answer in characters"), 1, limits.LONGEST_ANSWER)
        elif self.chosen is FieldKind.NUMBER:
            made["unit"] = text_field(_("Unit"), 40)
            made["decimals"] = whole_field(_("Decimals"), 0, limits.MOST_DECIMALS)
            made["least"] = decimal_field(_("Smallest"), help_text=_("Anything below is refused."))
            made["most"] = decimal_field(_("Largest"), help_text=_("Anything above is refused."))
            made["warn_below"] = decimal_field(_("Warning below"), help_text=_("Taken with a note."))
            made["warn_above"] = decimal_field(_("Warning above"), help_text=_("Taken with a note."))
        elif self.chosen is FieldKind.RATING:
            made["stars"] = whole_field(_("Stars"), 2, 10)
        elif self.chosen in (FieldKind.PHOTO, FieldKind.FILE):
            made["least"] = whole_field(_("At least"), 1, limits.MOST_FILES)
            made["most"] = whole_field(_("At most"), 1, limits.MOST_FILES)
        elif self.chosen is FieldKind.TABLE:
            made["least"] = whole_field(_("Rows at least"), 0, limits.MOST_ROWS)
            made["most"] = whole_field(_("Rows at most"), 1, limits.MOST_ROWS)
        elif self.chosen is FieldKind.LINK:
            made["target"] = forms.ChoiceField(label=_("Links to"), choices=list(TARGET_LABELS.items()))
        for name, field in made.items():
            self.fields[f"settings_{name}"] = field
            self.initial[f"settings_{name}"] = self.stands.get(name)
            yield f"settings_{name}"

    def _rows(self) -> Any:
        """The lines of options or columns, with some empty ones."""
        rows = WITH_ROWS.get(self.chosen)
        if rows is None:
            return
        present = self.stands.get(rows, [])
        count = len(present) + EMPTY_ROWS
        if self.told is not None:
            sent = sum(1 for name in self.told if name.startswith(f"{rows}_") and name.endswith("_label"))
            count = max(count, sent) + (EMPTY_ROWS if self.told.get("act") == f"more:{rows}" else 0)
        most = limits.MOST_OPTIONS if rows == "options" else limits.MOST_COLUMNS
        for number in range(min(count, most)):
            made: dict[str, forms.Field] = {
                "key": forms.CharField(required=False, widget=forms.HiddenInput),
                "label": text_field(_("Label"), limits.LONGEST_LABEL),
                "label_zh": text_field(_("Chinese label"), limits.LONGEST_LABEL),
            }
            if rows == "options":
                made["score"] = whole_field(_("Score in percent"), 0, 100)
                made["fails"] = forms.BooleanField(label=_("Fails"), required=False)
            else:
                kinds = [(kind.value, KIND_LABELS[kind]) for kind in COLUMN_KINDS]
                made["kind"] = forms.ChoiceField(label=_("Kind"), choices=kinds, required=False)
                made["unit"] = text_field(_("Unit"), 40)
                made["required"] = forms.BooleanField(label=_("Required"), required=False)
            stands = {"score": 100, "kind": "text"} | (present[number] if number < len(present) else {})
            for name, field in made.items():
                self.fields[f"{rows}_{number}_{name}"] = field
                self.initial[f"{rows}_{number}_{name}"] = stands.get(name)
            yield {name: f"{rows}_{number}_{name}" for name in made}

    def _present(self) -> Field:
        """The field as it is now, so that its own answers can be compared; a plain one of the kind where it is unfinished."""
        key = self.part.get("key", "")
        known = next(
            (one for _s, _t, one in self.procedure.fields() if one.key == key and one.kind is self.chosen), None
        )
        return known or Field(key=key or "new", label="…", kind=self.chosen)

    @property
    def settings(self) -> list[forms.BoundField]:
        """The settings of the kind."""
        return [self[name] for name in self.setting_names]

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The lines of options or columns, each with its fields."""
        return [[self[name] for name in row.values()] for row in self.row_names]

    @property
    def rows_of(self) -> str:
        """What the lines are of: options, columns, or nothing."""
        return WITH_ROWS.get(self.chosen, "")

    @property
    def fails(self) -> Row:
        """When an answer fails."""
        return comparison_of(self, "fail_when")

    def made(self) -> Json:
        facts = self.cleaned_data
        part = {"key": self.part["key"], **self.base(), "kind": facts["kind"]}
        settings = {
            name.removeprefix("settings_"): facts[name] for name in self.setting_names if facts[name] not in (None, "")
        }
        if rows := self.rows_of:
            settings[rows] = [one for row in self.row_names if (one := self._row(row, facts))]
        if settings:
            part["settings"] = settings
        if check := sent_check(facts, "fail_when"):
            part["fail_when"] = check
        if condition := self.shown.cleaned(facts):
            part["condition"] = condition
        return part

    def _row(self, names: dict[str, str], facts: Json) -> Json | None:
        row = {
            name: facts[full]
            for name, full in names.items()
            if facts[full] not in (None, "") and facts[full] is not False
        }
        if not row.get("label"):
            return None
        if "score" in names and facts[names["score"]] is None:
            row["score"] = None
        row.setdefault("key", new_key("field").replace("field", "o" if "score" in names else "c"))
        return row

    def place_of(self, path: str) -> str | None:
        path = path.removeprefix("settings.") if path.startswith(("settings.options", "settings.columns")) else path
        return super().place_of(path) or (
            self.row_names[0]["label"] if self.row_names and path in WITH_ROWS.values() else None
        )
