"""Whatever says something about a person is declared, so that the page "Privacy", exports and erasing find it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from organization.models import Member, User
from organization.personal import OTHERS, Erasure
from organization.queries.personal_data import declared
from tests.project.tenancy import label

HINT = "declare it as the model's `personal` (organization/personal.py)"
# Keys to a member that say something about the person; others say who made or answers for a thing
ABOUT = {"member", "person", "reader", "recipient", "subject_member", "user"}
TELLING = re.compile(r"(^|_)(e?mail|phone|user_agent|birth)")
# Fields that only look like it
NOT_ABOUT_PEOPLE = {"organization.Notice.wants_mail"}


def says_something(model: Any, field: Any) -> bool:
    if f"{model._meta.label}.{field.name}" in NOT_ABOUT_PEOPLE or isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.EmailField | models.GenericIPAddressField):
        return True
    if isinstance(field, models.ForeignKey):
        return field.related_model is User or (field.related_model is Member and field.name in ABOUT)
    return bool(TELLING.search(field.name))


@pytest.mark.parametrize("model", apps.get_models(), ids=label)
def test_o10_what_is_kept_about_people_is_declared(model: Any) -> None:
    found = {field.name for field in model._meta.local_fields if says_something(model, field)}
    known = {declared_model for declared_model, _personal in declared()}

    assert not found or model in known, (found, HINT)


def test_o10_declarations_find_their_rows() -> None:
    for model, personal in declared():
        if personal.person:
            model._default_manager.none().filter(**{personal.person: 1})
        names = {field.name for field in model._meta.local_fields}
        assert set(personal.blanks) <= names
        assert bool(personal.blanks) == (personal.fate is Erasure.BLANKED)
        assert all(str(text) for text in (personal.what, personal.purpose, personal.kept))
    assert set(OTHERS) <= {model._meta.label_lower for model in apps.get_models()}
