"""What floor 0 itself tells and asks of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization import notice_kinds, work_kinds
from organization.choices import Channel
from organization.notice_kinds import NoticeKind
from organization.work_kinds import WorkKind

WORK = _("My work")
ADMINISTRATION = _("Administration")

notice_kinds.declare(
    [
        NoticeKind(
            "organization.work_opened", _("There is something new to do"), _("To do: %(work)s"), WORK, icon="list-check"
        ),
        NoticeKind(
            "organization.work_given",
            _("Somebody gives me work"),
            _("You are to do this: %(work)s"),
            WORK,
            icon="list-check",
            channels=(Channel.MAIL,),
        ),
    ]
)
work_kinds.declare(
    [
        WorkKind(
            "organization.load_official_days",
            _("Official days of a calendar"),
            _("Load the official days of %(year)s into “%(calendar)s”"),
            _("Load the days"),
            icon="calendar",
        ),
    ]
)
