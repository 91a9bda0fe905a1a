"""What processes tells people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.choices import Channel
from organization.notice_kinds import NoticeKind, declare

GROUP = _("Processes")
MAIL = (Channel.MAIL,)
ELSEWHERE = (Channel.MAIL, Channel.CHAT)

declare(
    [
        NoticeKind(
            "processes.version_sent_back",
            _("A version that I wrote is sent back"),
            _("Version %(number)s of “%(sop)s” was sent back"),
            GROUP,
            "%(comment)s",
            icon="arrow-back-up",
            level="warning",
            channels=MAIL,
        ),
        NoticeKind(
            "processes.version_approved",
            _("A version that I wrote is approved"),
            _("Version %(number)s of “%(sop)s” is approved"),
            GROUP,
            icon="circle-check",
        ),
        NoticeKind(
            "processes.version_effective",
            _("A new version of a SOP takes effect"),
            _("Version %(number)s of “%(sop)s” is in force"),
            GROUP,
            icon="file-text",
        ),
        NoticeKind(
            "processes.step_sent_back",
            _("A step that I did is sent back"),
            _("“%(step)s” of %(run)s was sent back"),
            GROUP,
            "%(comment)s",
            icon="arrow-back-up",
            level="warning",
            channels=MAIL,
        ),
        NoticeKind(
            "processes.step_handed_over",
            _("Somebody hands a step over to me"),
            _("“%(step)s” of %(run)s is yours now"),
            GROUP,
            "%(note)s",
            icon="arrows-exchange",
            channels=MAIL,
        ),
        NoticeKind(
            "processes.andon_called",
            _("Somebody calls for help"),
            _("Help is needed with “%(step)s” of %(run)s"),
            GROUP,
            "%(reason)s",
            icon="bell-ringing",
            level="bad",
            channels=ELSEWHERE,
        ),
        NoticeKind(
            "processes.andon_answered",
            _("Somebody comes to help me"),
            _("%(who)s is coming to help with “%(step)s”"),
            GROUP,
            icon="bell-ringing",
        ),
        NoticeKind(
            "processes.plan_failed",
            _("Runs could not start by themselves"),
            _("“%(plan)s” could not start its runs"),
            GROUP,
            "%(problem)s",
            icon="calendar",
            level="bad",
            channels=MAIL,
        ),
    ]
)
