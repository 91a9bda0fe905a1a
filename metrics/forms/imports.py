"""Forms of the import: the file, how it is written, what its columns are."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import ColumnRole, Unit
from metrics.engine.import_plan import LONGEST_EXPRESSION, LONGEST_NAME
from metrics.engine.tabular.csv_source import DELIMITERS
from metrics.engine.tabular.encodings import KNOWN
from metrics.models import Dataset
from metrics.queries.imports import feedable_datasets
from metrics.queries.wording import DATE_ORDERS
from organization.forms.base import ActorForm, FilterForm, field_of

IGNORED = ("ignore", _("Left out"))
ROLES = [IGNORED, *ColumnRole.choices]
TYPES = [
    ("number", _("Number")),
    ("date", _("Date")),
    ("datetime", _("Date and time")),
    ("boolean", _("Yes or no")),
    ("text", _("Text")),
]
DELIMITER_NAMES = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Vertical bar")}
MOST_COLUMNS = 500
MOST_DERIVED = 16
_ROWS = re.compile(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?")


class ImportFilters(FilterForm):
    """Filters of the list of imports."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100, widget=forms.SearchInput)
    dataset = forms.ModelChoiceField(
        label=_("Dataset"), queryset=Dataset.objects.none(), required=False, empty_label=_("All")
    )

    def offer(self) -> None:
        field_of(self, "dataset").queryset = feedable_datasets(self.actor)


class UploadForm(ActorForm):
    """The file, and the dataset it belongs to where that is known."""

    upload = forms.FileField(label=_("Drop a file here, or choose one"), allow_empty_file=True)
    dataset = forms.ModelChoiceField(
        label=_("Dataset"),
        queryset=Dataset.objects.none(),
        required=False,
        empty_label=_("Recognize it by the columns, or make a new one"),
    )

    def offer(self) -> None:
        field_of(self, "dataset").queryset = feedable_datasets(self.actor)


class LayoutForm(ActorForm):
    """How the file is written, and where its rows go: changing this means reading it again."""

    use_required_attribute = False
    dataset = forms.ModelChoiceField(
        label=_("Dataset"), queryset=Dataset.objects.none(), required=False, empty_label=_("A new dataset")
    )
    sheet = forms.ChoiceField(label=_("Sheet"))
    table = forms.TypedChoiceField(label=_("Table"), coerce=int)
    encoding = forms.ChoiceField(label=_("Encoding"), choices=[(name, name) for name in KNOWN])
    delimiter = forms.ChoiceField(
        label=_("Separator"), choices=[(char, DELIMITER_NAMES[char]) for char in DELIMITERS], required=False
    )
    header = forms.CharField(
        label=_("Row of the column names"),
        max_length=9,
        help_text=_("Counted from 1; 3-4 for two rows, 0 where there is none."),
    )
    is_wide = forms.BooleanField(label=_("Columns named after periods become rows"), required=False)

    def __init__(self, *args: Any, file_facts: dict[str, Any], **kwargs: Any) -> None:
        self.file_facts = file_facts
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        facts = self.file_facts
        field_of(self, "dataset").queryset = feedable_datasets(self.actor)
        is_workbook = facts["kind"] in ("xlsx", "xls")
        self._offer("sheet", [(name, name) for name in facts["sheets"]], is_workbook)
        tables = [(index, f"{first} – {last}") for index, (first, last) in enumerate(facts["tables"])]
        self._offer("table", tables, len(tables) > 1)
        if is_workbook:
            del self.fields["encoding"], self.fields["delimiter"]
        elif facts["delimiter"] not in DELIMITERS:
            own = (facts["delimiter"], facts["delimiter"])
            field_of(self, "delimiter").choices.append(own)
        if not facts["wide"] and not self.initial.get("is_wide"):
            del self.fields["is_wide"]

    def _offer(self, name: str, choices: list[tuple[Any, str]], is_wanted: bool) -> None:
        if is_wanted:
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field
        else:
            del self.fields[name]

    def clean_header(self) -> tuple[int, ...]:
        """0-based records; () where the file has no header."""
        match = _ROWS.fullmatch(self.cleaned_data["header"].strip())
        if match is None:
            raise forms.ValidationError(_("Write one row such as 4, or two ends such as 3-4."))
        first, last = int(match[1]), int(match[2] or match[1])
        return tuple(range(first - 1, last)) if first else ()


class SettingsForm(ActorForm):
    """The dataset's name, and what holds for the file as a whole."""

    use_required_attribute = False
    name = forms.CharField(label=_("Name of the dataset"), max_length=LONGEST_NAME, required=False)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=LONGEST_NAME, required=False)
    key = forms.SlugField(
        label=_("Short name"),
        max_length=60,
        required=False,
        help_text=_("Commands and the API find the dataset by it."),
    )
    decimal = forms.ChoiceField(label=_("Decimal sign"), choices=[(".", "1,234.5"), (",", "1.234,5")])
    skips_totals = forms.BooleanField(label=_("Leave rows of totals out"), required=False)
    value_name = forms.CharField(label=_("What the periods hold"), max_length=LONGEST_NAME, required=False)

    def __init__(self, *args: Any, is_new: bool, is_wide: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            for name in ("name", "name_zh", "key"):
                del self.fields[name]
        if not is_wide:
            del self.fields["value_name"]


class ColumnForm(forms.Form):
    """What one column of the file is."""

    use_required_attribute = False
    source = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    role = forms.ChoiceField(label=_("Holds"), choices=ROLES)
    type = forms.ChoiceField(label=_("Read as"), choices=TYPES)
    label = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=LONGEST_NAME, required=False)
    key = forms.RegexField(
        label=_("Short name"),
        regex=r"^[a-z][a-z0-9_]{0,39}\Z",
        error_messages={"invalid": _("Small letters, digits and underscores; a letter first.")},
    )
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices, required=False)
    date_order = forms.ChoiceField(label=_("Order of a date"), choices=list(DATE_ORDERS.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each is a column of the file, whatever number of lines the browser claims to know
        self.empty_permitted = False
        name = self.initial.get("name", "")
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = _("%(field)s of column %(column)s") % {
                "field": field.label,
                "column": name,
            }


class DerivedForm(forms.Form):
    """A measure computed from others; an empty line is left out."""

    use_required_attribute = False
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=LONGEST_NAME, required=False)
    key = forms.RegexField(
        label=_("Short name"),
        regex=r"^[a-z][a-z0-9_]{0,39}\Z",
        required=False,
        error_messages={"invalid": _("Small letters, digits and underscores; a letter first.")},
    )
    expression = forms.CharField(
        label=_("Computed as"),
        max_length=LONGEST_EXPRESSION,
        required=False,
        widget=forms.TextInput({"placeholder": "quantity * unit_price", "spellcheck": "false"}),
    )
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices, required=False)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if bool(facts.get("key")) != bool(facts.get("expression")) and not self.errors:
            self.add_error("key" if facts.get("expression") else "expression", _("Both are needed, or neither."))
        return facts


ColumnFormSet = forms.formset_factory(ColumnForm, extra=0, max_num=MOST_COLUMNS, absolute_max=MOST_COLUMNS)
DerivedFormSet = forms.formset_factory(DerivedForm, extra=2, max_num=MOST_DERIVED, absolute_max=MOST_DERIVED)
