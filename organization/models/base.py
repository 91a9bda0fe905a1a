"""Building blocks shared by the tables of all apps."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from organization.engine.names import LONGEST_KEY, sort_key


class SortKeyField(models.CharField):
    """What the first of the named fields that holds something sorts by. Written with the row, never by hand."""

    def __init__(self, *of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**options | {"max_length": LONGEST_KEY, "db_collation": "C", "default": "", "editable": False})

    def deconstruct(self) -> Any:
        name, path, _positional, options = super().deconstruct()
        return name, path, list(self.of), options

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = sort_key(next(filter(None, (getattr(model_instance, name) for name in self.of)), ""))
        setattr(model_instance, self.attname, key)
        return key


def name_key() -> str:
    """The field by which named rows sort in the active language."""
    return "name_zh_key" if (get_language() or "").startswith("zh") else "name_key"


class Named(models.Model):
    """Something that people name, in one language or in both."""

    name = models.CharField(_("Name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    name_key = SortKeyField("name")
    name_zh_key = SortKeyField("name_zh", "name")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name in the active language, or the only one there is."""
        if self.name_zh and (get_language() or "").startswith("zh"):
            return self.name_zh
        return self.name


class Stamped(models.Model):
    """When a row was made and last changed."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """A row that two people may edit at once; services compare and raise `version` in one statement."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
