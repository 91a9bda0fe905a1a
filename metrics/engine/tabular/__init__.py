"""Read any tabular file: `detect` looks at it, `guess_mapping` proposes what its columns mean, a person corrects the
mapping, `read_rows` yields typed columns in chunks. Nothing here knows Django, the clock or the network."""

from .chunk import Chunk, row_digests
from .detect import Preview, detect
from .errors import Bad, MappingError, Note, Refusal, TabularError
from .guess import guess_mapping, refit
from .limits import DEFAULT_LIMITS, Limits
from .mapping import ROLES, TYPES, ColumnPlan, Mapping, Unpivot
from .mapping_json import check_mapping, from_dict, from_json
from .reader import read_rows
from .slugs import signature

__all__ = [
    "DEFAULT_LIMITS",
    "ROLES",
    "TYPES",
    "Bad",
    "Chunk",
    "ColumnPlan",
    "Limits",
    "Mapping",
    "MappingError",
    "Note",
    "Preview",
    "Refusal",
    "TabularError",
    "Unpivot",
    "check_mapping",
    "detect",
    "from_dict",
    "from_json",
    "guess_mapping",
    "read_rows",
    "refit",
    "row_digests",
    "signature",
]
