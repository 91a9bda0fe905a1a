"""One reader's copy of a report: the dashboard as they may see it now, in their language, as a mail with a PDF."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone as clock
from django.utils import translation
from django.utils.translation import gettext as _

from automation.models import ReportMail
from metrics.models import Dashboard
from metrics.queries.dashboard_report import DashboardReport, dashboard_report
from metrics.queries.periods import Asked
from ops_platform.web.pdf import report_pdf
from organization.models import Organization
from organization.queries.actors import actor_for, member_of
from organization.queries.letters import Letter, letter

MOST_NAMED = 12


def report_mail(mail_id: int, *, as_of: datetime) -> Letter | None:
    """The mail, ready to be sent; None where the reader may not see the dashboard (any more), or is no member now."""
    copy = ReportMail.objects.select_related("run__schedule", "member").get(pk=mail_id)
    schedule = copy.run.schedule
    member = member_of(copy.member.user_id)
    if member is None or not member.user.is_active:
        return None
    actor = actor_for(member)
    dashboard = Dashboard.objects.visible_to(actor).filter(pk=schedule.dashboard_id).first()
    if dashboard is None:
        return None
    organization = member.organization
    with translation.override(member.user.language or organization.language), clock.override(organization.timezone):
        asked = Asked(range=schedule.period or dashboard.default_period, comparison=schedule.comparison)
        report = dashboard_report(actor, dashboard, asked, as_of=as_of, organization=organization)
        mail = letter(
            member.user.email,
            _subject(schedule.display_name, report, organization),
            _body(report, schedule.words, dashboard),
            organization=organization,
            act=_("Open the dashboard"),
            template="automation/mail/report_message.html",
            words={"words": schedule.words, "figures": report.figures[:MOST_NAMED], "url": _address(dashboard)}
            | {"left": max(len(report.figures) - MOST_NAMED, 0), "foot": []},
            headers={"Message-ID": f"<report-{copy.pk}@{_host()}>"},
        )
        mail.attach(f"{dashboard.reference}-{as_of:%Y-%m-%d}.pdf", report_pdf(report.document), "application/pdf")
    return mail


def _subject(name: str, report: DashboardReport, organization: Organization) -> str:
    parts = [name, report.document.subtitle] if report.document.subtitle else [name]
    return " · ".join(" ".join(part.split()) for part in (*parts, organization.display_name))


def _body(report: DashboardReport, words: str, dashboard: Dashboard) -> str:
    lines = [words, ""] if words else []
    lines += [f"{name}: {text}" for name, text in report.figures[:MOST_NAMED]]
    if len(report.figures) > MOST_NAMED:
        lines.append(_("and %(count)d more in the file") % {"count": len(report.figures) - MOST_NAMED})
    lines += ["", _("The dashboard as it stands now: %(url)s") % {"url": _address(dashboard)}]
    return "\n".join(lines)


def _address(dashboard: Dashboard) -> str:
    return settings.SITE_URL + reverse("metrics:dashboard-detail", args=[dashboard.pk])


def _host() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
