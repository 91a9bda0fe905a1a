"""Tables of automation."""

from __future__ import annotations

from automation.models.report import ReportMail, ReportReader, ReportRun, ReportSchedule

__all__ = ["ReportMail", "ReportReader", "ReportRun", "ReportSchedule"]
