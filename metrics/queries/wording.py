"""What engines report, as sentences in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from metrics.engine.expressions import MESSAGES, ExpressionError


def expression_sentence(error: ExpressionError) -> str:
    """The sentence, with the place counted from 1."""
    reason = _(MESSAGES[error.code]) % error.params
    return _("At character %(position)d: %(reason)s") % {"position": error.position, "reason": reason}
