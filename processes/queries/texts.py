"""Texts of versions that no longer change, read once a process."""

from __future__ import annotations

from functools import lru_cache

from processes.engine.content import Procedure, read_content
from processes.models import SopVersion


@lru_cache(maxsize=128)
def procedure_of(version_id: int, sha256: str) -> Procedure:
    """The text of a version that is no draft. The hash names the text, so what is kept can never be another one."""
    return read_content(SopVersion.objects.values_list("content", flat=True).get(pk=version_id, sha256=sha256))
