"""The words of a procedure: kinds of fields, operators, who, when. Plain names; their labels are made where they are shown."""

from __future__ import annotations

from enum import StrEnum


class FieldKind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    CHECKBOX = "checkbox"
    DATE = "date"
    TIME = "time"
    PHOTO = "photo"
    FILE = "file"
    SIGNATURE = "signature"
    RATING = "rating"
    TABLE = "table"
    PERSON = "person"
    LINK = "link"


class Operator(StrEnum):
    """How a condition compares an answer."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    INCLUDES = "includes"
    LACKS = "lacks"
    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"
    BEFORE = "before"
    AFTER = "after"
    TICKED = "ticked"
    NOT_TICKED = "not_ticked"
    FILLED = "filled"
    EMPTY = "empty"


_PRESENCE = (Operator.FILLED, Operator.EMPTY)
_TEXT = (Operator.IS, Operator.IS_NOT, Operator.CONTAINS, *_PRESENCE)
_NUMBER = (
    Operator.IS,
    Operator.IS_NOT,
    Operator.ABOVE,
    Operator.AT_LEAST,
    Operator.BELOW,
    Operator.AT_MOST,
    *_PRESENCE,
)
_MOMENT = (Operator.IS, Operator.BEFORE, Operator.AFTER, *_PRESENCE)

OPERATORS: dict[FieldKind, tuple[Operator, ...]] = {
    FieldKind.TEXT: _TEXT,
    FieldKind.LONG_TEXT: _TEXT,
    FieldKind.NUMBER: _NUMBER,
    FieldKind.RATING: _NUMBER,
    FieldKind.CHOICE: (Operator.IS, Operator.IS_NOT, Operator.ONE_OF, Operator.NONE_OF, *_PRESENCE),
    FieldKind.CHOICES: (Operator.INCLUDES, Operator.LACKS, *_PRESENCE),
    FieldKind.CHECKBOX: (Operator.TICKED, Operator.NOT_TICKED),
    FieldKind.DATE: _MOMENT,
    FieldKind.TIME: _MOMENT,
    FieldKind.PHOTO: _PRESENCE,
    FieldKind.FILE: _PRESENCE,
    FieldKind.SIGNATURE: _PRESENCE,
    FieldKind.TABLE: _PRESENCE,
    FieldKind.PERSON: _PRESENCE,
    FieldKind.LINK: _PRESENCE,
}
WITHOUT_VALUE = frozenset({Operator.TICKED, Operator.NOT_TICKED, *_PRESENCE})
WITH_LIST = frozenset({Operator.ONE_OF, Operator.NONE_OF})


class Who(StrEnum):
    """How the person responsible is found, when the step opens.

    reference holds: ROLE and POSITION and MEMBER, what the organization knows them by; HEAD and GROUP, the code of a
    department, empty for the run's own; FIELD, the key of a person field. STARTER and GUEST need none.
    """

    ROLE = "role"
    POSITION = "position"
    HEAD = "head"
    GROUP = "group"
    STARTER = "starter"
    FIELD = "field"
    MEMBER = "member"
    GUEST = "guest"


NEED_REFERENCE = frozenset({Who.ROLE, Who.POSITION, Who.MEMBER, Who.FIELD})
WITHOUT_REFERENCE = frozenset({Who.STARTER, Who.GUEST})


class DueUnit(StrEnum):
    """What a due rule counts. The working ones go by the organization's calendar."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_MINUTES = "working_minutes"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


class DueOrigin(StrEnum):
    """What a due rule counts from."""

    RUN_START = "run_start"
    RUN_DUE = "run_due"
    FIELD = "field"
    STEP = "step"


class Direction(StrEnum):
    """On which side of its origin a due time lies."""

    AFTER = "after"
    BEFORE = "before"


class ApprovalMode(StrEnum):
    """How many of the approvers must say yes."""

    ALL = "all"
    ANY = "any"
    COUNT = "count"
    IN_ORDER = "in_order"


class StepOrder(StrEnum):
    """What happens when a step is begun before those above it: nothing, a deviation is recorded, or it is refused."""

    FREE = "free"
    RECORDED = "recorded"
    STRICT = "strict"


class LinkTarget(StrEnum):
    """What a link field may point at."""

    CUSTOMER = "customer"
    PROJECT = "project"
    RUN = "run"
    ADDRESS = "address"
