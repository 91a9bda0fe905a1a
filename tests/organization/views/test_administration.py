"""Trail, events, tokens, settings and files in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from ops_platform.testing.database import as_migrator
from organization.engine.tokens import token_digest
from organization.models import (
    ApiToken,
    Attachment,
    AuditEntry,
    CalendarException,
    DomainEvent,
    EventDelivery,
    Organization,
    WorkCalendar,
)
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member

SETTINGS = {
    "name": "Company",
    "timezone": "Asia/Shanghai",
    "language": "zh-hans",
    "currency": "cny",
    "week_starts_on": "6",
    "fiscal_year_starts_month": "4",
    "version": "1",
}


def test_o5_the_trail_is_checked_on_the_page(organization: Organization, sign_in: Callable[..., Client]) -> None:
    client = sign_in("auditor")
    assert b"The trail is whole" in client.get("/organization/audit/check/").content
    with tenant_context(organization.pk):
        entry = AuditEntry.objects.get()
        with as_migrator():
            AuditEntry.objects.update(verb="something.else")

    answer = client.get("/organization/audit/check/")

    assert answer.context["check"].broken_at == entry.pk
    assert b"The trail is broken" in answer.content


def test_a_token_is_shown_once_and_works_until_it_is_revoked(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")
    with tenant_context(organization.pk):
        member = make_member("staff")
    facts = {"name": "Shop", "member": member.pk, "codenames": ["organization.home.view"], "days": "30"}

    made = client.post("/organization/tokens/new/", facts)
    text = made.context["text"]
    with tenant_context(organization.pk):
        token = ApiToken.objects.get()
    later = client.get(f"/organization/tokens/{token.pk}/").content + client.get("/organization/tokens/").content
    revoked = client.post(f"/organization/tokens/{token.pk}/revoke/")

    assert text.encode() in made.content
    assert made["Cache-Control"] == "no-store"
    assert text.encode() not in later
    assert token.digest == token_digest(text)
    assert revoked.status_code == 302
    with tenant_context(organization.pk):
        assert ApiToken.objects.get().revoked_at is not None


def test_a_token_with_a_right_that_does_not_exist_is_not_made(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    with tenant_context(organization.pk):
        member = make_member("staff")

    answer = sign_in("admin").post(
        "/organization/tokens/new/", {"name": "Shop", "member": member.pk, "codenames": ["x.y.z"], "days": "30"}
    )

    assert answer.status_code == 422
    with tenant_context(organization.pk):
        assert not ApiToken.objects.exists()


def test_new_periods_are_announced_and_say_what_follows(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    answer = sign_in("admin").post("/organization/settings/", SETTINGS, follow=True)

    assert "computed anew" in str(next(iter(answer.context["messages"])))
    with tenant_context(organization.pk):
        event = DomainEvent.objects.get(name="organization.periods_changed")
        assert event.facts == {"changed": ["fiscal_year_starts_month", "timezone", "week_starts_on"]}
        row = Organization.objects.get()
        assert (row.timezone, row.currency, row.week_starts_on) == ("Asia/Shanghai", "CNY", 6)


def test_a_new_name_announces_no_new_periods(organization: Organization, sign_in: Callable[..., Client]) -> None:
    same = {name: getattr(organization, name) for name in SETTINGS} | {"name": "Renamed"}

    assert sign_in("admin").post("/organization/settings/", same).status_code == 302

    with tenant_context(organization.pk):
        assert Organization.objects.get().name == "Renamed"
        assert not DomainEvent.objects.filter(name="organization.periods_changed").exists()


@pytest.mark.parametrize(("field", "value"), [("timezone", "Moon/Base"), ("currency", "RMB1"), ("week_starts_on", "7")])
def test_settings_that_make_no_sense_are_refused(
    organization: Organization, sign_in: Callable[..., Client], field: str, value: str
) -> None:
    answer = sign_in("admin").post("/organization/settings/", SETTINGS | {field: value})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    with tenant_context(organization.pk):
        assert Organization.objects.get().timezone == "UTC"


@pytest.mark.parametrize(
    ("address", "field", "theirs", "mine"),
    [
        ("settings/", "currency", "EUR", "USD"),
        ("calendars/{}/edit/", "name", "Theirs", "Mine"),
        ("calendars/{}/hours/", "day0", "08:00-12:00", "09:00-12:00"),
    ],
)
def test_what_somebody_changed_meanwhile_is_shown_before_it_is_replaced(
    organization: Organization, sign_in: Callable[..., Client], address: str, field: str, theirs: str, mine: str
) -> None:
    client = sign_in("admin")
    with tenant_context(organization.pk):
        calendar = WorkCalendar.objects.get()
    url = f"/organization/{address.format(calendar.pk)}"
    shown = client.get(url).context["form"]
    seen = {name: value for name in shown.fields if (value := shown[name].value()) is not False}
    assert client.post(url, seen | {field: theirs}).status_code == 302

    refused = client.post(url, seen | {field: mine})

    form = refused.context["form"]
    assert (refused.status_code, form[field].value()) == (422, mine)
    assert [theirs in str(value) for _label, value in refused.context["conflicts"]] == [True]
    assert theirs in str(client.get(url).context["form"][field].value())
    assert client.post(url, seen | {field: mine, "version": form["version"].value()}).status_code == 302
    assert mine in str(client.get(url).context["form"][field].value())


def test_a_parked_event_is_looked_at_and_retried(organization: Organization, sign_in: Callable[..., Client]) -> None:
    with tenant_context(organization.pk):
        event = DomainEvent.objects.create(name="e.f", subject_type="t", subject_id=1, actor_kind="system")
        parked = EventDelivery.objects.create(
            event=event, handler="h", attempts=12, parked_at=timezone.now(), error="Traceback\nValueError: <b>no</b>"
        )
    client = sign_in("admin")

    page = client.get(f"/organization/events/{parked.pk}/")
    answer = client.post(f"/organization/events/{parked.pk}/retry/")

    assert b"ValueError: &lt;b&gt;no&lt;/b&gt;" in page.content
    assert answer.status_code == 302
    with tenant_context(organization.pk):
        row = EventDelivery.objects.get()
        assert (row.parked_at, row.attempts) == (None, 0)


def test_p2_hours_days_and_official_lists_are_set_in_the_browser(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")
    with tenant_context(organization.pk):
        calendar = WorkCalendar.objects.get()
    base = f"/organization/calendars/{calendar.pk}/"
    hours = {f"day{weekday}": "9:00-12:00，13:00-18:00" for weekday in range(6)} | {"day6": "", "version": "1"}

    assert client.post(f"{base}official/", {"year": "2025"}).status_code == 302
    assert client.post(f"{base}hours/", hours).status_code == 302
    day = {"day_on": "2025-03-03", "kind": "non_working", "name": "Founders' day"}
    assert client.post(f"{base}day/", day).status_code == 302
    page = client.get(f"{base}?month=2025-03")

    kinds = {cell.on: cell.kind for week in page.context["weeks"] for cell in week}
    assert kinds[date(2025, 3, 3)] == "holiday"
    assert kinds[date(2025, 3, 1)] == "working"
    assert kinds[date(2025, 3, 2)] == "free"
    assert client.post(f"{base}day/2025-03-03/clear/").status_code == 302
    with tenant_context(organization.pk):
        assert not CalendarException.objects.filter(day_on=date(2025, 3, 3)).exists()


@pytest.mark.parametrize("text", ["9-12", "09:00-25:00", "nine to five", "09:00-12:00, 11:00-13:00"])
def test_p2_hours_that_make_no_sense_come_back_with_the_input(
    organization: Organization, sign_in: Callable[..., Client], text: str
) -> None:
    with tenant_context(organization.pk):
        calendar = WorkCalendar.objects.get()

    answer = sign_in("admin").post(f"/organization/calendars/{calendar.pk}/hours/", {"day0": text})

    assert answer.status_code == 422
    assert text in answer.content.decode()


def test_a_file_is_saved_and_never_shown_inside_our_pages(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")
    with tenant_context(organization.pk):
        department = create_department(make_actor("owner"), organization, name="Sales", code="S")
    upload = SimpleUploadedFile("报告.txt", "内容".encode())

    added = client.post(f"/files/add/organization.department/{department.pk}/", {"upload": upload})
    with tenant_context(organization.pk):
        attachment = Attachment.objects.get()
    answer = client.get(f"/files/{attachment.pk}/")

    assert added["Location"] == f"/organization/departments/{department.pk}/"
    assert b"".join(answer).decode() == "内容"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_refused_file_says_why(organization: Organization, sign_in: Callable[..., Client]) -> None:
    with tenant_context(organization.pk):
        department = create_department(make_actor("owner"), organization, name="Sales", code="S")
    upload = SimpleUploadedFile("a.svg", b"<svg onload='x()'/>")

    answer = sign_in("admin").post(
        f"/files/add/organization.department/{department.pk}/", {"upload": upload}, follow=True
    )

    assert "Accepted are pictures" in str(next(iter(answer.context["messages"])))
    with tenant_context(organization.pk):
        assert not Attachment.objects.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_trail_takes_no_day_at_the_end_of_time(sign_in: Callable[..., Client], day: str) -> None:
    answer = sign_in("auditor").get("/organization/audit/", {"since": day, "until": day})

    assert answer.status_code == 200
    assert set(answer.context["filter_form"].errors) == {"since", "until"}


def test_o5_the_exported_trail_can_be_checked_by_command(
    organization: Organization, sign_in: Callable[..., Client], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        for number in range(3):
            create_department(owner, organization, name="研发", code=f"R{number}")
        last = AuditEntry.objects.order_by("-id").values_list("hash", flat=True)[0]
    file = tmp_path / "trail.jsonl"

    file.write_bytes(sign_in("auditor").get("/organization/audit/export/").getvalue())  # type: ignore[attr-defined]
    call_command("verify_audit", file)

    said = capsys.readouterr().out
    assert said.startswith("Whole: 4 entries, from the very first on, each tied to the one before it.")
    assert last in said
    with tenant_context(organization.pk):
        entry = AuditEntry.objects.order_by("-id")[0]
        assert (entry.verb, entry.facts) == (
            "organization.auditentry.exported",
            {"kind": "jsonl", "rows": 4, "filters": []},
        )
    file.write_text(file.read_text().replace("department.created", "department.deleted", 1))
    with pytest.raises(CommandError, match=r"Line 3: this entry was changed\. 1 entries before it are whole\."):
        call_command("verify_audit", file)


def test_o5_a_period_of_the_trail_is_exported_alone(organization: Organization, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("auditor").get("/organization/audit/export/", {"since": "2100-01-01", "until": "nonsense"})
    empty = sign_in("auditor").get("/organization/audit/export/", {"until": "2000-01-01"})

    assert len(answer.getvalue().splitlines()) > 2  # type: ignore[attr-defined]  # nonsense narrows nothing
    assert len(empty.getvalue().splitlines()) == 2  # type: ignore[attr-defined]


def test_o7_a_pillar_left_out_is_gone_from_menu_and_palette_and_its_pages_stay(
    organization: Organization, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("admin")
    same = {name: getattr(organization, name) for name in SETTINGS}

    assert client.post("/organization/settings/", same | {"hidden_pillars": ["automation"]}).status_code == 302

    with tenant_context(organization.pk):
        assert Organization.objects.get().hidden_pillars == ["automation"]
    page = client.get("/organization/settings/")
    assert [str(section["label"]) for section in page.context["navigation"]] == [
        "For me",
        "Metrics",
        "Processes",
        "Organization",
    ]
    places = next(part for part in client.get("/palette/").context["parts"] if part.key == "go")
    assert {str(choice.detail) for choice in places.choices} == {"For me", "Metrics", "Processes", "Organization"}
    assert client.get("/automation/reports/").status_code == 200


def test_o7_only_a_pillar_can_be_left_out(organization: Organization, sign_in: Callable[..., Client]) -> None:
    same = {name: getattr(organization, name) for name in SETTINGS}

    answer = sign_in("admin").post("/organization/settings/", same | {"hidden_pillars": ["organization"]})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["hidden_pillars"])
