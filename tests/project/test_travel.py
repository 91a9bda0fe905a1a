"""Every tenant model says how its rows travel: what holds numbers of other rows, and what stays at home."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from ops_platform.portability.tables import tenant_tables
from organization.portable import Through
from tests.project.tenancy import TENANT_MODELS, label

SECRET = re.compile("digest|secret|sealed|password|private|credential")
HINT = "declare it in the model's `travel` (organization/portable.py): an import would leave old numbers in there"
LABELS = {model._meta.label_lower for model in apps.get_models()}


@pytest.mark.django_db
def test_o10_every_table_with_rows_of_organizations_is_carried_or_says_why_not() -> None:
    with connection.cursor() as cursor:
        tables = {table.name for table in tenant_tables(cursor)}

    assert tables == {model._meta.db_table for model in TENANT_MODELS} | {"organization_organization"}


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o10_what_may_hold_numbers_of_rows_is_declared(model: Any) -> None:
    travel = model.travel
    open_json, open_numbers = set(), set()
    for field in model._meta.local_fields:
        if isinstance(field, models.JSONField) and field.column not in {*travel.inside, *travel.arrives}:
            open_json.add(field.column)
        is_number = isinstance(field, models.IntegerField) and not isinstance(field, models.ForeignKey)
        if is_number and field.column.endswith("_id") and field.column not in travel.numbers:
            open_numbers.add(field.column)

    assert open_json == set(), HINT
    assert open_numbers == set(), HINT


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o10_no_secret_leaves(model: Any) -> None:
    texts = [field for field in model._meta.local_fields if isinstance(field, models.CharField | models.TextField)]
    found = {field.column for field in texts if not field.choices and SECRET.search(field.column)}

    assert found - {*model.travel.arrives} == set() or model.travel.stays


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o10_what_is_declared_is_there(model: Any) -> None:
    travel, columns = model.travel, {field.column for field in model._meta.local_fields}
    targets = [*travel.numbers.values(), *travel.paths.values()]

    assert {*travel.numbers, *travel.inside, *travel.paths, *travel.arrives, *travel.queries, *travel.urls} <= columns
    assert set(travel.urls.values()) <= set(travel.numbers)
    for target in targets:
        for name in (target.model, target.via) if isinstance(target, Through) else (target,):
            assert name.lower() in LABELS or name[1:] in columns
    for names in travel.inside.values():
        assert (names[1:] in columns) if isinstance(names, str) else {name.lower() for name in names.values()} <= LABELS
