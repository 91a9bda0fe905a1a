"""What people can owe in metrics."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.work_kinds import WorkKind, declare

declare(
    [
        WorkKind(
            "metrics.entry",
            _("Figures to enter"),
            _("Enter %(figures)s for %(period)s"),
            _("Enter figures"),
            icon="pencil",
        )
    ]
)
