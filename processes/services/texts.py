"""Texts of versions between JSON and the engine; part of use cases, in their transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processes.choices import VersionState
from processes.engine.content import BadContent, Procedure, read_content, sha256, write_content
from processes.errors import BadProcedure, NotNow
from processes.models import SopVersion

EMPTY: dict[str, Any] = {"sections": []}


def read(content: Mapping[str, Any]) -> Procedure:
    """The procedure in plain JSON. Raises BadProcedure with everything that is wrong."""
    try:
        return read_content(content)
    except BadContent as error:
        raise BadProcedure(str(error.problems[0]), problems=error.problems) from error


def put(version: SopVersion, procedure: Procedure) -> None:
    """Let the row hold this text and its hash; saving it is the caller's matter."""
    version.content, version.sha256 = write_content(procedure), sha256(procedure)


def locked(version: SopVersion, *states: VersionState) -> SopVersion:
    """The version's row, held till the end of the transaction. Raises NotNow where it is in none of `states`."""
    row: SopVersion = (
        SopVersion.objects.select_for_update(of=("self",)).select_related("sop__department").get(pk=version.pk)
    )
    if row.state not in states:
        raise NotNow(current=row.state)
    return row
