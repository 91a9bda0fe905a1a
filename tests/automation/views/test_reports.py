"""Scheduled reports through the door."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from automation.models import ReportReader, ReportRun, ReportSchedule
from automation.services import reports
from metrics.models import Dashboard
from organization.models import AuditEntry, Member, Organization
from organization.tenancy import tenant_context
from tests.automation.conftest import make_dashboard
from tests.factories import actor_of, make_member
from tests.metrics.helpers import client_of, statements

pytestmark = pytest.mark.django_db


class Desk:
    """An owner with a dashboard, looking through a browser."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        with tenant_context(organization.pk):
            self.member: Member = make_member("owner")
            self.actor = actor_of(self.member)
            self.dashboard: Dashboard = make_dashboard(self.actor, organization)
        self.client: Client = client_of(self.member)

    def report(self, **values: Any) -> ReportSchedule:
        with tenant_context(self.organization.pk):
            facts = {"name": "Weekly numbers", "members": [self.member], "dashboard": self.dashboard} | values
            return reports.create_report(self.actor, self.organization, **facts)

    def facts(self, **values: Any) -> dict[str, Any]:
        return {
            "name": "Monday mail", "dashboard": self.dashboard.pk, "rhythm": "weekly", "weekday": "0", "at": "08:00",
            "month_day": "1", "members": [self.member.pk],
        } | values  # fmt: skip


@pytest.fixture
def desk(organization: Organization) -> Desk:
    return Desk(organization)


def test_a_report_is_scheduled_changed_sent_and_deleted_in_the_browser(desk: Desk) -> None:
    made = desk.client.post(reverse("automation:report-new"), desk.facts())
    with tenant_context(desk.organization.pk):
        schedule = ReportSchedule.objects.get()
    page = reverse("automation:report-detail", args=[schedule.pk])
    assert made.url == page
    assert "Every Monday at 08:00" in desk.client.get(page).text

    edit = reverse("automation:report-edit", args=[schedule.pk])
    assert desk.client.post(edit, desk.facts(rhythm="workdays", version=1)).url == page
    stale = desk.client.post(edit, desk.facts(rhythm="daily", version=1))
    assert stale.status_code == 422
    assert "Every working day at 08:00" in desk.client.get(page).text

    desk.client.post(reverse("automation:report-send", args=[schedule.pk]))
    with tenant_context(desk.organization.pk):
        run = ReportRun.objects.get()
    assert desk.client.get(reverse("automation:report-run", args=[schedule.pk, run.pk])).status_code == 200

    gone = desk.client.post(reverse("automation:report-delete", args=[schedule.pk]))
    assert gone.url == reverse("automation:report-list")
    with tenant_context(desk.organization.pk):
        assert (ReportSchedule.objects.count(), ReportReader.objects.count(), ReportRun.objects.count()) == (0, 0, 0)
        assert Dashboard.objects.filter(pk=desk.dashboard.pk).exists()


def test_a_report_without_readers_is_refused_and_what_was_typed_stays(desk: Desk) -> None:
    answer = desk.client.post(reverse("automation:report-new"), desk.facts(members=[], name="Typed"))

    assert answer.status_code == 422
    assert "Choose at least one reader" in answer.text
    assert 'value="Typed"' in answer.text
    with tenant_context(desk.organization.pk):
        assert ReportSchedule.objects.count() == 0


@pytest.mark.parametrize("count", [1, 10])
def test_the_list_costs_the_same_for_one_and_for_ten(desk: Desk, count: int) -> None:
    for number in range(count):
        desk.report(name=f"Report {number}")
    desk.client.get(reverse("automation:report-list"))

    with statements(5):
        answer = desk.client.get(reverse("automation:report-list"))

    assert answer.text.count("Every Monday at 08:00") >= count


def test_the_dashboard_is_a_pdf_under_its_own_address_and_leaves_an_entry(desk: Desk) -> None:
    answer = desk.client.get(reverse("metrics:dashboard-pdf", args=[desk.dashboard.pk]), {"range": "all"})

    assert answer["Content-Type"] == "application/pdf"
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Revenue" in text
    assert "250" in text
    with tenant_context(desk.organization.pk):
        entry = AuditEntry.objects.get(verb="metrics.dashboard.downloaded")
    assert entry.facts["kind"] == "pdf"


def test_a_member_without_the_right_sees_no_reports_and_none_of_their_addresses(desk: Desk) -> None:
    schedule = desk.report()
    with tenant_context(desk.organization.pk):
        staff = client_of(make_member("staff"))

    for name, arguments in (("list", []), ("detail", [schedule.pk]), ("new", [])):
        assert staff.get(reverse(f"automation:report-{name}", args=arguments)).status_code == 403
    assert staff.post(reverse("automation:report-send", args=[schedule.pk])).status_code == 403
    with tenant_context(desk.organization.pk):
        assert ReportRun.objects.count() == 0


def test_a_manager_changes_their_own_reports_alone(desk: Desk) -> None:
    theirs = desk.report()
    with tenant_context(desk.organization.pk):
        manager = client_of(make_member("manager"))

    assert manager.get(reverse("automation:report-detail", args=[theirs.pk])).status_code == 404
    made = manager.post(reverse("automation:report-new"), desk.facts())
    assert manager.get(made.url).status_code == 200


def test_a_dashboard_offers_its_file_as_it_is_filtered_and_mail_to_those_who_may_schedule(desk: Desk) -> None:
    with tenant_context(desk.organization.pk):
        staff = client_of(make_member("staff"))
    page = reverse("metrics:dashboard-detail", args=[desk.dashboard.pk])
    mail = f"{reverse('automation:report-new')}?dashboard={desk.dashboard.pk}"

    mine, theirs = desk.client.get(page, {"range": "all"}), staff.get(page, {"range": "all"})

    assert f'href="{reverse("metrics:dashboard-pdf", args=[desk.dashboard.pk])}?range=all"' in mine.text
    assert mail in mine.text
    assert theirs.status_code == 200
    assert mail not in theirs.text
    assert f'value="{desk.dashboard.pk}" selected' in desk.client.get(mail).text
