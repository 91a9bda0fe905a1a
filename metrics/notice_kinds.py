"""What metrics tells people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.choices import Channel
from organization.notice_kinds import NoticeKind, declare

GROUP = _("Metrics")
ELSEWHERE = (Channel.MAIL, Channel.CHAT)

declare(
    [
        NoticeKind(
            "metrics.import_done",
            _("My import is loaded"),
            _("%(file)s is loaded"),
            GROUP,
            _("New: %(created)s · Corrected: %(updated)s · Refused: %(refused)s"),
            icon="file-import",
        ),
        NoticeKind(
            "metrics.import_failed",
            _("My import fails"),
            _("%(file)s could not be imported"),
            GROUP,
            "%(problem)s",
            icon="file-import",
            level="bad",
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "metrics.source_failing",
            _("A data source fails again and again"),
            _("The data source “%(source)s” fails"),
            GROUP,
            "%(problem)s",
            icon="plug",
            level="warning",
        ),
        NoticeKind(
            "metrics.source_stopped",
            _("A data source is switched off"),
            _("The data source “%(source)s” is switched off"),
            GROUP,
            _("It failed %(failures)s times in a row: %(problem)s"),
            icon="plug",
            level="bad",
            channels=ELSEWHERE,
        ),
        NoticeKind(
            "metrics.target_changed",
            _("Somebody changes a target of my KPI"),
            _("The targets of “%(kpi)s” were changed"),
            GROUP,
            icon="target",
        ),
    ]
)
