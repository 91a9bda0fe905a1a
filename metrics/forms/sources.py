"""Forms of sources: what each kind needs, and what its columns are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.choices import Rhythm, RowKey, SourceKind, Unit
from metrics.engine.source_plan import SourceColumn, SourcePlan
from metrics.forms.imports import ROLES
from metrics.forms.kpis import TEXTAREA
from metrics.models import Dataset, DataSource
from metrics.queries.source_words import EVENT_KINDS
from metrics.queries.sources import IGNORED, lines_of, proposed_plan
from organization.access import Actor
from organization.forms.base import ActorForm, NamedForm, field_of
from organization.models.base import name_key

LONGEST_SAMPLE = 100_000
MOST_COLUMNS = 250
BLANK_LINES = 2
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PLACE = re.compile(r"columns\[(\d+)\](?:\.(\w+))?")


class SampleForm(forms.Form):
    """A body as the sender sends it."""

    sample = forms.CharField(
        label=_("An example of what is sent"),
        max_length=LONGEST_SAMPLE,
        required=False,
        help_text=_("JSON. Without one, the first delivery that is signed becomes the example."),
        widget=forms.Textarea(TEXTAREA | {"rows": 8}),
    )

    def clean_sample(self) -> Any:
        text = self.cleaned_data["sample"].strip()
        if not text:
            return None
        try:
            body = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is no JSON: %(reason)s") % {"reason": error}) from error
        if not isinstance(body, dict | list) or "NaN" in text or "Infinity" in text:
            raise forms.ValidationError(_("A delivery is a JSON object or a list of them."))
        if _UNSTORABLE.search(json.dumps(body, ensure_ascii=False).replace("\\u0000", "\x00")):
            raise forms.ValidationError(_("Text must not contain NUL or broken characters."))
        return body


class SourceForm(NamedForm):
    """What all kinds share."""

    kind: str

    def __init__(self, *args: Any, source: DataSource | None = None, **kwargs: Any) -> None:
        self.source = source
        if source is not None:
            kwargs["initial"] = source.settings | {"name": source.name, "name_zh": source.name_zh}
        super().__init__(*args, **kwargs)

    @property
    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        return source_facts(self.cleaned_data) | ({"kind": self.kind} if self.source is None else {})


class DatasetForm(SourceForm):
    """A new source that feeds a dataset of the organization's choice."""

    dataset = forms.ModelChoiceField(
        label=_("Dataset"), queryset=Dataset.objects.none(), required=False, empty_label=_("A new dataset")
    )

    def offer(self) -> None:
        super().offer()
        found = Dataset.objects.visible_to(self.actor).order_by(name_key(), "pk")
        keyed = found.filter(row_key=RowKey.COLUMNS) if self.kind == SourceKind.SQL else found
        field_of(self, "dataset").queryset = keyed


class ChangeWebhookForm(SourceForm):
    """What a webhook is called."""

    kind = SourceKind.WEBHOOK


class WebhookForm(SampleForm, DatasetForm):
    """A webhook: an address and a secret are made for it."""

    kind = SourceKind.WEBHOOK
    field_order = ("name", "name_zh", "dataset", "sample")


class ChangeQueryForm(SourceForm):
    """A query that is asked of a PostgreSQL again and again."""

    kind = SourceKind.SQL
    host = forms.CharField(
        label=_("Host"),
        max_length=255,
        help_text=_("PostgreSQL, or what speaks its language. Hosts of private networks need the operator's leave."),
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=5432)
    database = forms.CharField(label=_("Database"), max_length=63)
    user = forms.CharField(
        label=_("User"), max_length=63, help_text=_("Best one that may read these tables and nothing else.")
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Kept encrypted, and never shown again."),
    )
    tls = forms.ChoiceField(
        label=_("Encryption"),
        choices=[
            ("require", _("Encrypted")),
            ("verify-full", _("Encrypted, and the host's certificate is checked")),
            ("prefer", _("Encrypted where the host can")),
        ],
    )
    query = forms.CharField(
        label=_("Query"),
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(TEXTAREA | {"rows": 6}),
        help_text=_("One SELECT; it is run read-only. :since stands for where the last run ended."),
    )
    cursor = forms.CharField(
        label=_("Column that it continues from"),
        max_length=63,
        required=False,
        help_text=_("A date or time that grows with every change, such as updated_at, compared by >= :since."),
    )
    overlap = forms.IntegerField(
        label=_("Minutes to ask for again"),
        min_value=0,
        max_value=60 * 24 * 366,
        initial=60,
        help_text=_("Rows that were committed late are found so. Those that are there already change nothing."),
    )
    every = forms.ChoiceField(label=_("Asked"), choices=Rhythm.choices, initial=Rhythm.HOUR)
    at = forms.TimeField(
        label=_("Time of day"),
        required=False,
        initial="03:00",
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("For every day, in the organization's time."),
    )

    def offer(self) -> None:
        super().offer()
        if self.source is not None:
            self.fields["password"].help_text = _("Leave it empty to keep the one there is.")

    def clean_at(self) -> str:
        at = self.cleaned_data["at"]
        return at.strftime("%H:%M") if at else "03:00"

    def clean_query(self) -> str:
        return str(self.cleaned_data["query"]).replace("\r\n", "\n").strip()


class QueryForm(ChangeQueryForm, DatasetForm):
    """A new one."""

    field_order = ("name", "name_zh", "dataset")


class EventsForm(SourceForm):
    """The organization's own events; they make a dataset of their own."""

    kind = SourceKind.EVENTS
    events = forms.MultipleChoiceField(
        label=_("Events to count"),
        choices=list(EVENT_KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each becomes a row: when it happened, its kind, who did it, and their department."),
    )


FORMS: dict[str, type[SourceForm]] = {form.kind: form for form in (WebhookForm, QueryForm, EventsForm)}
CHANGE_FORMS: dict[str, type[SourceForm]] = {
    form.kind: form for form in (ChangeWebhookForm, ChangeQueryForm, EventsForm)
}


def source_facts(said: Mapping[str, Any]) -> dict[str, Any]:
    """What of a form's values is said to the services apart; all else is among the `settings`."""
    apart = {name: said[name] for name in ("name", "name_zh", "dataset", "sample") if name in said}
    facts = apart | {"settings": {name: value for name, value in said.items() if name not in {*apart, "password"}}}
    return facts | ({"secret": said["password"]} if "password" in said else {})


class PlanForm(ActorForm):
    """Where the rows of a delivery are, and which of them to take."""

    use_required_attribute = False
    rows_at = forms.CharField(
        label=_("Where the rows are"),
        max_length=400,
        required=False,
        help_text=_("Such as /data/orders; empty where the delivery is the row itself, or the list."),
    )
    only_at = forms.CharField(
        label=_("Only where this place"),
        max_length=400,
        required=False,
        help_text=_("Such as ^/type: ^ leads from the whole delivery. Empty takes every row."),
    )
    only = forms.CharField(label=_("says one of"), max_length=1000, required=False, help_text=_("With commas."))

    def clean_only(self) -> tuple[str, ...]:
        return tuple(text for part in self.cleaned_data["only"].split(",") if (text := part.strip()))


class LineForm(forms.Form):
    """What one place of a row is."""

    use_required_attribute = False
    path = forms.CharField(label=_("Place"), max_length=400, required=False)
    role = forms.ChoiceField(label=_("Holds"), choices=ROLES, required=False)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200, required=False)
    key = forms.CharField(label=_("Short name"), max_length=40, required=False)
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.initial.get("path") or _("a further place")
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = _("%(field)s of %(place)s") % {"field": field.label, "place": place}


LineFormSet = forms.formset_factory(LineForm, extra=0, max_num=MOST_COLUMNS, absolute_max=MOST_COLUMNS)


class PlanForms:
    """The page that settles columns as one form: where rows are, and a line for each place."""

    def __init__(self, source: DataSource, actor: Actor, data: Any = None) -> None:
        self.is_json = source.kind == SourceKind.WEBHOOK
        plan = proposed_plan(source)
        self.lines = lines_of(source, plan)
        initial: list[dict[str, Any]] = [
            {name: getattr(line.column, name) for name in ("path", "role", "name", "name_zh", "key", "unit")}
            for line in self.lines
        ]
        if self.is_json:
            initial += [{"role": IGNORED} for _line in range(BLANK_LINES)]
        self.columns = LineFormSet(data, prefix="columns", initial=initial)
        about = {"rows_at": plan.rows_at, "only_at": plan.only_at, "only": ", ".join(plan.only)}
        self.about = PlanForm(data if self.is_json else None, actor=actor, prefix="about", initial=about)

    def pairs(self) -> list[tuple[LineForm, list[str]]]:
        """Each line's form with what the sample has there."""
        examples = [line.examples for line in self.lines]
        return [
            (form, examples[index] if index < len(examples) else []) for index, form in enumerate(self.columns.forms)
        ]

    def is_valid(self) -> bool:
        """Whether each part makes sense by itself."""
        return self.columns.is_valid() and (not self.is_json or self.about.is_valid())

    def chosen(self) -> SourcePlan:
        """The plan that was chosen; places that are left out are not part of it."""
        self._numbers = []
        columns = []
        for number, form in enumerate(self.columns.forms):
            said = form.cleaned_data
            if said.get("role", IGNORED) not in ("", IGNORED):
                self._numbers.append(number)
                columns.append(SourceColumn(**said | {"unit": said["unit"] or "number", "path": said["path"].strip()}))
        return SourcePlan(tuple(columns), **(self.about.cleaned_data if self.is_json else {}))

    def add_problems(self, problems: list[tuple[str, str]]) -> None:
        """Show what is wrong where it stands."""
        for place, sentence in problems:
            match = _PLACE.fullmatch(place)
            if match and int(match[1]) < len(self._numbers):
                form = self.columns.forms[self._numbers[int(match[1])]]
                form.add_error(match[2] if match[2] in form.fields else None, sentence)
            elif self.is_json and place in self.about.fields:
                self.about.add_error(place, sentence)
            else:
                self.columns.non_form_errors().append(sentence)
