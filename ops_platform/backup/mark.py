"""The mark of a restore under way: a table that stands from its first step to its last.

What finds it must not serve: half an installation looks like a whole one that lost its rows.
"""

from __future__ import annotations

from typing import Any

TABLE = "ops_restore_under_way"
SENTENCE = (
    "A restore into this database did not finish. Drop the database, make an empty one, and run "
    "`manage.py restore` again."
)


def is_marked(cursor: Any) -> bool:
    """Whether a restore was begun and not finished. Needs no right on any table."""
    cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = %s)", [TABLE])
    return cursor.fetchone()[0]


def put(cursor: Any) -> None:
    """Before anything else is written."""
    cursor.execute(f"CREATE TABLE {TABLE} (begun_at timestamptz NOT NULL DEFAULT now())")


def take_away(cursor: Any) -> None:
    """After everything else was written."""
    cursor.execute(f"DROP TABLE {TABLE}")
