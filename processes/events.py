"""The events that processes announces."""

SOP_CREATED = "processes.sop_created"
SOP_CHANGED = "processes.sop_changed"
SOP_RETIRED = "processes.sop_retired"
VERSION_SUBMITTED = "processes.version_submitted"
VERSION_SENT_BACK = "processes.version_sent_back"
VERSION_APPROVED = "processes.version_approved"
VERSION_EFFECTIVE = "processes.version_effective"
RUN_STARTED = "processes.run_started"
RUN_CHANGED = "processes.run_changed"
RUN_FINISHED = "processes.run_finished"
RUN_CANCELLED = "processes.run_cancelled"
STEP_CLAIMED = "processes.step_claimed"
STEP_STARTED = "processes.step_started"
STEP_FINISHED = "processes.step_finished"
STEP_SKIPPED = "processes.step_skipped"
STEP_ASSIGNED = "processes.step_assigned"
STEP_SENT_BACK = "processes.step_sent_back"
STEP_APPROVED = "processes.step_approved"
DEVIATION_RECORDED = "processes.deviation_recorded"
ANDON_CALLED = "processes.andon_called"
ANDON_ANSWERED = "processes.andon_answered"
ANDON_RESOLVED = "processes.andon_resolved"
PLAN_CHANGED = "processes.plan_changed"

# After these, what people owe on a run is worked out anew
CHANGES_WORK = (
    RUN_STARTED,
    RUN_CHANGED,
    RUN_FINISHED,
    RUN_CANCELLED,
    STEP_CLAIMED,
    STEP_FINISHED,
    STEP_SKIPPED,
    STEP_ASSIGNED,
    STEP_SENT_BACK,
    STEP_APPROVED,
)
