"""What people can owe in processes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.work_kinds import WorkKind, declare

STEP = "processes.step"
APPROVAL = "processes.approval"
CORRECTIVE = "processes.corrective"
REVIEW = "processes.review"
VERSION = "processes.version"
ANDON = "processes.andon"

declare(
    [
        WorkKind(STEP, _("Step of a run"), _("%(step)s · %(run)s"), _("Do the step"), icon="list-check"),
        WorkKind(
            APPROVAL, _("Approval of a step"), _("Approve “%(step)s” of %(run)s"), _("Look at it"), icon="circle-check"
        ),
        WorkKind(CORRECTIVE, _("Corrective action"), _("Correct: %(action)s"), _("Look at it"), icon="alert-triangle"),
        WorkKind(
            REVIEW, _("Review of a SOP"), _("Review whether “%(sop)s” still holds"), _("Review it"), icon="file-text"
        ),
        WorkKind(
            VERSION,
            _("Version in review"),
            _("Review version %(number)s of “%(sop)s”"),
            _("Read it"),
            icon="file-text",
        ),
        WorkKind(ANDON, _("Call for help"), _("Help with “%(step)s” of %(run)s"), _("Answer"), icon="bell-ringing"),
    ]
)
