"""A procedure as a document: read from JSON, written to it, and the hash that names exactly this text (P6)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from processes.engine.content.model import Procedure
from processes.engine.content.problems import BadContent, Place, Problem
from processes.engine.content.references import reference_problems
from processes.engine.content.rules import read_object, write_object


def read_content(raw: object) -> Procedure:
    """The procedure in plain JSON values. Raises BadContent with everything that is wrong and where."""
    problems: list[Problem] = []
    procedure: Procedure = read_object(Procedure, raw, Place(problems))
    problems = problems or reference_problems(procedure)
    if problems:
        raise BadContent(problems)
    return procedure


def write_content(procedure: Procedure) -> dict[str, Any]:
    """Plain JSON values that `read_content` reads back to an equal procedure; defaults are left out."""
    return write_object(procedure)


def canonical_json(procedure: Procedure) -> str:
    """The one JSON text of a procedure: names sorted, no spaces, no escapes that are not needed (after RFC 8785)."""
    return json.dumps(write_content(procedure), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(procedure: Procedure) -> str:
    """64 hexadecimal digits; equal for equal procedures, whatever order or spacing their JSON had."""
    return hashlib.sha256(canonical_json(procedure).encode()).hexdigest()
