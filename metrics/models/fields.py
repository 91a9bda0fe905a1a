"""Exact numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models


class ExactNumberField(models.Field):
    """PostgreSQL's unconstrained `numeric`: every digit is kept, sums do not depend on the order of the rows."""

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def get_internal_type(self) -> str:
        return "ExactNumberField"

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None else Decimal(str(value))
