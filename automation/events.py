"""The events that automation announces."""

REPORT_CHANGED = "automation.report_changed"
REPORT_SENT = "automation.report_sent"
REPORT_FAILED = "automation.report_failed"
