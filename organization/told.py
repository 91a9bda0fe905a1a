"""What floor 0 itself tells and asks of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization import notice_kinds, work_kinds
from organization.choices import Channel
from organization.notice_kinds import NoticeKind
from organization.work_kinds import WorkKind

WORK = _("My work")
GROUP = _("Organization")

notice_kinds.declare(
    [
        NoticeKind(
            "organization.work_opened",
            _("There is something new to do"),
            _("To do: %(work)s"),
            WORK,
            icon="list-check",
            needs_act=True,
        ),
        NoticeKind(
            "organization.work_given",
            _("Somebody gives me work"),
            _("You are to do this: %(work)s"),
            WORK,
            icon="list-check",
            needs_act=True,
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "organization.work_due",
            _("My work is due today"),
            _("Due today: %(work)s"),
            WORK,
            icon="clock",
            needs_act=True,
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "organization.work_overdue",
            _("My work is overdue"),
            _("Overdue: %(work)s"),
            WORK,
            _("It was due on %(due)s."),
            icon="clock",
            level="warning",
            needs_act=True,
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "organization.deputy_named",
            _("Somebody names me as deputy"),
            _("You stand in for %(member)s from %(from)s to %(until)s"),
            WORK,
            _("In these days you are told and shown what %(member)s owes."),
            icon="user-check",
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "organization.deputy_begins",
            _("I stand in for somebody from today"),
            _("%(member)s is away until %(until)s: you stand in"),
            WORK,
            _("What %(member)s owes stands among your work meanwhile."),
            icon="user-check",
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "organization.role_given",
            _("I am given a role"),
            _("You have the role “%(role)s” now"),
            GROUP,
            icon="shield-check",
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "organization.role_withdrawn",
            _("A role is taken from me"),
            _("You no longer have the role “%(role)s”"),
            GROUP,
            icon="shield-x",
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "organization.event_parked",
            _("An event could not be delivered"),
            _("An event could not be delivered: %(event)s"),
            GROUP,
            _("Look at what went wrong, and deliver it again."),
            icon="bolt",
            level="bad",
            channels=(Channel.MAIL,),
        ),
        NoticeKind(
            "organization.bulk_ended",
            _("A large change of mine is over"),
            _("“%(what)s” is over"),
            GROUP,
            _("Changed: %(done)s. Stayed as they were: %(refused)s."),
            icon="checks",
        ),
        NoticeKind(
            "organization.bot_failing",
            _("A chat bot cannot post"),
            _("The bot “%(bot)s” cannot post"),
            GROUP,
            _("Its notices go out by mail. The chat answers: %(problem)s"),
            icon="robot",
            level="bad",
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
