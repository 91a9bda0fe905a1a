"""Everything is read and written through `default`; the dispatcher's alias is used by name alone."""

from __future__ import annotations

from typing import Any


class OneDatabase:
    """Migrations run on `default` only: the other alias is the same database under a narrower role."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return None if db == "default" else False
