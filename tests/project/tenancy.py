"""What the guards of the two walls share."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection

from ops_platform.database.walls import is_tenant_model

TENANT_MODELS = [model for model in apps.get_models() if is_tenant_model(model)]
# Not a tenant model, since it is the tenant: its own id is what its policy compares.
TENANT = "organization_organization"


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The answer of the catalogue, as the role that serves."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def label(model: Any) -> str:
    return model._meta.label


def columns_of(constraint: str) -> list[str]:
    """The column names inside the first brackets of a constraint's definition."""
    return [name.strip(' "') for name in constraint.partition("(")[2].partition(")")[0].split(",")]
