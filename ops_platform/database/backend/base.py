"""Django's PostgreSQL back end, which tells every new transaction whose rows it may see."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from ops_platform.database.scope import session_settings

UNSET_HOST = "unset.invalid"


class DatabaseWrapper(base.DatabaseWrapper):
    """Sets the scope with `set_config(..., true)` first in each transaction, and its limits behind PgBouncer.

    A session-level setting would outlive the request on a pooled connection and leak into the next one.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, or say what to do where no database was named."""
        if conn_params.get("host") == UNSET_HOST:
            raise self.Database.OperationalError(
                "No database is named. Start `python3 manage.py run` in another terminal, or set DATABASE_URL."
            )
        return super().get_new_connection(conn_params)

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs leave it out
        settings = [] if autocommit else [*self.settings_dict["TRANSACTION_SETTINGS"].items(), *session_settings()]
        if settings:
            calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
            with self.connection.cursor() as cursor:
                cursor.execute(f"SELECT {calls}", [part for pair in settings for part in pair])
