"""One panel as a form: what it shows, how, and how large. Each kind brings its own settings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, get_type_hints

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from metrics.choices import GrainCode, PanelKind
from metrics.engine.panel_settings import KINDS, SPLIT_KINDS, PanelSettings
from metrics.models import DashboardPanel, Kpi
from metrics.queries.panel_choices import offered_columns, offered_kpis
from metrics.services.dashboards import PanelSpec
from metrics.services.panels import FIELDS, seen_of
from organization.forms.base import NOTHING_CHOSEN, ActorForm, field_of

SETTING = "set_"
BY_KIND = _("As suits the kind")
WIDTH_WORDS = {
    3: _p("panel", "A quarter"),
    4: _p("panel", "A third"),
    6: _p("panel", "Half"),
    8: _p("panel", "Two thirds"),
    12: _p("panel", "Full width"),
}
HEIGHT_WORDS = {1: _p("panel", "Low"), 2: _p("panel", "Medium"), 3: _p("panel", "High"), 4: _p("panel", "Very high")}
LABELS = {
    "spark": _("Course below the number"),
    "from_zero": _("Axis begins at zero"),
    "parts": _("Parts at most"),
    "as_share": _("As shares of the whole"),
    "line": _("Mark this share, in percent"),
    "numbers": _("A number on each day"),
    "grain": _("By"),
    "periods": _("How many periods"),
    "steps": _("Further steps"),
    "values": _("Values as steps"),
    "rows": _("Periods at most"),
    "text": _("Text"),
    "text_zh": _("Chinese text"),
}
HELP = {
    "steps": _("Short names of KPIs, one a line, in their order."),
    "values": _("Values of the property, one a line, in their order."),
    "text": _("Markdown: **bold**, lists, links."),
}
CHOICES = {"": _("As judged")} | {code.name.lower(): code.label for code in GrainCode}


class KpiSelect(forms.Select):
    """KPIs to search: each option says by which letters it is found, Chinese names by their pinyin too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attrs |= {"data-combobox": "", "autofocus": True}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        kpi = getattr(value, "instance", None)
        if kpi is not None:
            option["attrs"]["data-search"] = " ".join((kpi.name, kpi.name_zh, kpi.name_zh_key, kpi.key, kpi.reference))
        return option


class KpiField(forms.ModelChoiceField):
    """A KPI by its name."""

    widget = KpiSelect

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.display_name)


class PanelForm(ActorForm):
    """A panel. What stands in the hidden fields is what its editor saw, for merging with what others do meanwhile."""

    use_required_attribute = False

    kpi = KpiField(
        label=_("KPI"),
        queryset=Kpi.objects.none(),
        empty_label=NOTHING_CHOSEN,
        error_messages={"required": _("Choose the KPI that this panel shows.")},
    )
    kind = forms.ChoiceField(label=_("Drawn as"), choices=PanelKind.choices)
    column = forms.ChoiceField(label=_("Broken down by"), required=False)
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    title_zh = forms.CharField(label=_("Chinese title"), max_length=200, required=False)
    width = forms.TypedChoiceField(
        label=_("Width"), choices=[("", BY_KIND), *WIDTH_WORDS.items()], coerce=int, empty_value=None, required=False
    )
    height = forms.TypedChoiceField(
        label=_("Height"), choices=[("", BY_KIND), *HEIGHT_WORDS.items()], coerce=int, empty_value=None, required=False
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.JSONField(required=False, widget=forms.HiddenInput)

    def offer(self) -> None:
        field_of(self, "kpi").queryset = offered_kpis(self.actor)
        kind = self._now("kind")
        self.drawn_as = kind if kind in KINDS else PanelKind.LINE.value
        if self.drawn_as == PanelKind.TEXT:
            del self.fields["kpi"]
        self.chosen = self._chosen_kpi()
        self.columns = {str(column.pk): column for column in offered_columns(self.chosen, self.drawn_as)}
        if self.drawn_as in SPLIT_KINDS:
            chosen = [(pk, column.display_name) for pk, column in self.columns.items()]
            field_of(self, "column").choices = [("", _("The first there is")), *chosen]
        else:
            del self.fields["column"]
        for name, field in _setting_fields(KINDS[self.drawn_as]):
            self.fields[f"{SETTING}{name}"] = field

    def _now(self, name: str) -> Any:
        return self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)

    def _chosen_kpi(self) -> Kpi | None:
        chosen = str(self._now("kpi") or "")
        if "kpi" not in self.fields or not (chosen.isascii() and chosen.isdigit()):
            return None
        found: Kpi | None = field_of(self, "kpi").queryset.filter(pk=chosen[:18]).first()
        return found

    @property
    def own_fields(self) -> Iterator[Any]:
        """The fields that every kind has, and the property."""
        return (self[name] for name in self.fields if not name.startswith(SETTING) and name not in ("version", "seen"))

    @property
    def settings_fields(self) -> list[Any]:
        """The fields of this kind alone."""
        return [self[name] for name in self.fields if name.startswith(SETTING)]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        if not isinstance(facts.get("seen"), dict) or set(facts["seen"]) != set(FIELDS):
            facts["seen"] = None
        return facts

    def spec(self) -> PanelSpec:
        """The panel that a valid form asks for."""
        facts = self.cleaned_data
        settings = {}
        for name, field in self.fields.items():
            if name.startswith(SETTING):
                value = facts.get(name)
                default = field.initial
                settings[name.removeprefix(SETTING)] = default if value is None else value
        return PanelSpec(
            kpi=facts.get("kpi"),
            kind=self.drawn_as,
            column=self.columns.get(facts.get("column") or ""),
            title=facts["title"],
            title_zh=facts["title_zh"],
            width=facts["width"],
            height=facts["height"],
            settings=settings,
        )


def initial_of(panel: DashboardPanel) -> dict[str, Any]:
    """What the form begins with for a panel there is."""
    facts = seen_of(panel)
    options = panel.options
    own = {f"{SETTING}{one.name}": _shown(getattr(options, one.name)) for one in fields(options)}
    return facts | own | {"version": panel.version, "seen": facts}


def in_words(panel: DashboardPanel, name: str) -> str:
    """What stands in one of the panel's `FIELDS`, for people."""
    value = getattr(panel, name)
    if name in ("kpi", "column"):
        return value.display_name if value is not None else ""
    if name == "kind":
        return str(PanelKind(value).label)
    if name in ("width", "height"):
        return str((WIDTH_WORDS if name == "width" else HEIGHT_WORDS).get(value, value))
    if name == "settings":
        options = panel.options
        return "; ".join(f"{LABELS[one.name]}: {_shown(getattr(options, one.name))}" for one in fields(options))
    return str(value)


def sent_again(data: Any, current: Mapping[str, Any], theirs: set[str]) -> Any:
    """What was sent, over what stands now: the fields that only others changed have their values."""
    again = data.copy()
    for name, value in current.items():
        if name in theirs or name in ("version", "seen") or (name.startswith(SETTING) and "settings" in theirs):
            again[name] = json.dumps(value) if name == "seen" else "" if value is None else str(value)
    return again


def _shown(value: Any) -> Any:
    return "\n".join(value) if isinstance(value, tuple) else value


def _setting_fields(settings: type[PanelSettings]) -> Iterator[tuple[str, forms.Field]]:
    hints = get_type_hints(settings)
    for one in fields(settings):
        common: dict[str, Any] = {"label": LABELS[one.name], "required": False, "help_text": HELP.get(one.name, "")}
        kind: Any = hints[one.name]
        if kind is bool:
            yield one.name, forms.BooleanField(initial=one.default, **common)
        elif kind is int:
            low, high = settings.bounds[one.name]
            yield one.name, forms.IntegerField(initial=one.default, min_value=low, max_value=high, **common)
        elif one.name in settings.choices:
            offered = [(word, CHOICES.get(word, word)) for word in settings.choices[one.name]]
            yield one.name, forms.ChoiceField(initial=one.default, choices=offered, **common)
        elif kind is str:
            longest = settings.longest.get(one.name)
            yield one.name, forms.CharField(initial=one.default, max_length=longest, widget=forms.Textarea, **common)
        else:
            yield one.name, LinesField(initial="", widget=forms.Textarea, **common)


class LinesField(forms.CharField):
    """A list, one entry a line."""

    def to_python(self, value: Any) -> Any:
        return tuple(line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip())
