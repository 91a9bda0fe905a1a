"""The mapping page as one form: several parts, one plan."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from metrics.choices import ColumnRole, Unit
from metrics.forms.imports import ColumnFormSet, DerivedFormSet, SettingsForm
from metrics.models import ImportBatch
from organization.access import Actor

_PLACE = re.compile(r"(columns|derived)\[(\d+)\](?:\.(\w+))?")


class MappingForms:
    """Settings, a line a column, and derived measures of a batch; bound when data is given."""

    def __init__(self, batch: ImportBatch, actor: Actor, data: Any = None) -> None:
        self.plan: dict[str, Any] = batch.plan
        dataset = self.plan["dataset"]
        self.settings = SettingsForm(
            data,
            actor=actor,
            prefix="settings",
            is_new=batch.dataset_id is None,
            is_wide=bool(self.plan["mapping"]["unpivot"]),
            initial={
                "name": dataset["name"],
                "name_zh": dataset["name_zh"],
                "key": dataset["key"],
                "decimal": self.plan["mapping"]["decimal"],
                "skips_totals": self.plan["mapping"]["totals"] == "skip",
                "value_name": self.plan.get("value_name", ""),
            },
        )
        self.columns = ColumnFormSet(data, prefix="columns", initial=[self._initial(c) for c in self._mapped])
        self.derived = DerivedFormSet(data, prefix="derived", initial=self.plan["derived"])

    @property
    def _mapped(self) -> list[dict[str, Any]]:
        return self.plan["mapping"]["columns"]

    def _initial(self, column: dict[str, Any]) -> dict[str, Any]:
        is_department = column["key"] in self.plan["departments"]
        return column | {
            "role": ColumnRole.DEPARTMENT.value if is_department else column["role"],
            "name_zh": self.plan["names_zh"].get(column["key"], ""),
            "unit": self.plan["units"].get(column["key"], Unit.NUMBER.value),
        }

    def is_valid(self) -> bool:
        """Whether each part makes sense by itself."""
        parts = [self.settings.is_valid(), self.columns.is_valid(), self.derived.is_valid()]
        if len(self.columns.forms) != len(self._mapped):
            self.settings.add_error(None, _("The file was read again meanwhile. Look at its columns once more."))
            return False
        return all(parts)

    def chosen(self) -> dict[str, Any]:
        """The plan with what was chosen, as plain values."""
        settings = self.settings.cleaned_data
        plan = {**self.plan, "names_zh": {}, "units": {}, "departments": []}
        columns = []
        for column, form in zip(self._mapped, self.columns.forms, strict=True):
            facts = form.cleaned_data
            role, key = facts["role"], facts["key"]
            if role == ColumnRole.DEPARTMENT:
                plan["departments"].append(key)
                role = ColumnRole.DIMENSION.value
            if facts["name_zh"]:
                plan["names_zh"][key] = facts["name_zh"]
            if role == ColumnRole.MEASURE and facts["unit"]:
                plan["units"][key] = facts["unit"]
            chosen = {name: facts[name] for name in ("key", "type", "date_order")}
            columns.append(column | chosen | {"role": role, "label": facts["label"] or column["name"]})
        plan["mapping"] = self.plan["mapping"] | {
            "columns": columns,
            "decimal": settings["decimal"],
            "totals": "skip" if settings["skips_totals"] else "keep",
        }
        plan["value_name"] = settings.get("value_name", "")
        if "name" in settings:
            plan["dataset"] = {name: settings[name] for name in ("name", "name_zh", "key")}
        plan["derived"] = [
            form.cleaned_data | {"unit": form.cleaned_data["unit"] or Unit.NUMBER.value}
            for form in self.derived.forms
            if form.cleaned_data.get("expression")
        ]
        return plan

    def add_problems(self, problems: list[tuple[str, str]]) -> None:
        """Show what is wrong where it stands."""
        lines: list[Any] = [form for form in self.derived.forms if form.cleaned_data.get("expression")]
        for place, sentence in problems:
            match = _PLACE.fullmatch(place)
            parts = list(self.columns.forms) if match and match[1] == "columns" else lines
            if match and int(match[2]) < len(parts):
                form = parts[int(match[2])]
                form.add_error(match[3] if match[3] in form.fields else None, sentence)
                continue
            name = place.removeprefix("dataset.")
            self.settings.add_error(name if name in self.settings.fields else None, sentence)
