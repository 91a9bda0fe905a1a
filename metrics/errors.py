"""Expected failures of metrics."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from organization.errors import DomainError


class KeyTaken(DomainError):
    """Formulas and imports find things by their short name."""

    message = _("Something else has this short name already.")
    field = "key"


class TooManyColumns(DomainError):
    """A dataset has a fixed number of typed slots."""

    message = _("A dataset holds at most 16 numbers and 24 properties. Leave some columns out.")


class ColumnMissing(DomainError):
    """A dataset needs an instant."""

    message = _("One column must hold the date or time of a row.")


class ColumnInUse(DomainError):
    """A column's meaning cannot change under the rows that hold it."""

    message = _("This column holds data already, so its kind cannot change.")


class BadExpression(DomainError):
    """An expression that cannot be understood; start and length point at the place."""

    def __init__(self, message: Any, *, field: str, start: int = 0, end: int = 0) -> None:
        super().__init__(message, field=field)
        self.start, self.end = start, end


class BadDefinition(DomainError):
    """A KPI definition that lacks something or contradicts itself."""


class CircularFormula(DomainError):
    """A formula that would need its own result."""

    message = _("The formula leads back to this KPI itself.")
    field = "formula"


class BadFile(DomainError):
    """A file that cannot be read as a table."""


class BatchState(DomainError):
    """The import is not where this step would make sense."""

    message = _("This import is in another state by now. Look at it again.")


class BatchBuiltUpon(DomainError):
    """Later batches stand on this one."""

    message = _("A later import has corrected rows of this one. Undo the later one first: %(reference)s.")


class BadRows(DomainError):
    """Rows of an API call that cannot be stored; errors: places and reasons. Nothing of the call was stored."""

    message = _("Some rows are not valid; nothing was stored.")

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__()
        self.errors = errors


class BadSeries(DomainError):
    """A series that cannot be given the way it was asked for."""


class BadTarget(DomainError):
    """A target that lacks what its KPI's direction needs."""


class UnknownKit(DomainError):
    """There is no starter kit of this name."""

    message = _("There is no such starter kit.")


class KitApplied(DomainError):
    """A starter kit defines its KPIs once."""

    message = _("These KPIs are defined on this dataset already.")


class BadMapping(DomainError):
    """A plan of an import that cannot work. problems: (place, sentence) pairs, such as ("columns[2].role", "...")."""

    message = _("Some choices do not fit together.")

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__()
        self.problems = problems
        self.errors = [{"field": place, "reason": str(sentence)} for place, sentence in problems]


class BadSource(DomainError):
    """Settings of a source that cannot work."""


class SourceState(DomainError):
    """The source is not where this step would make sense."""

    message = _("This source is in another state by now. Look at it again.")


class PullFailed(DomainError):
    """A database could not be asked, or what it answered not be read. The sentence says why."""


class SecretLost(DomainError):
    """What is kept cannot be opened: SECRET_KEY is another one than when it was closed."""

    message = _("The kept password cannot be read any more, since SECRET_KEY has changed. Enter it again.")
    field = "password"


class BadSignature(DomainError):
    """A delivery that nobody with the secret has signed just now."""


class TooManyRows(DomainError):
    """More rows than one delivery may have."""


class NoPdf(DomainError):
    """The installation lacks what sets pages."""

    message = _("This installation cannot make PDF files: the package typst is missing. Ask whoever runs it.")


class BadEntry(DomainError):
    """A figure, or a plan to enter figures, that cannot be."""


class BadAnnotation(DomainError):
    """A note that lacks its text or its time."""
