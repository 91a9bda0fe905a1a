"""Objects for the addresses that name one: keyed by the name of the address, made in the open organization.

An app with such addresses adds its makers here. Each returns the keyword arguments of the address, all of one row that
owners may see; the walk in test_urls.py refuses an address without a maker.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from automation.models import ReportRun, ReportSchedule
from automation.services import reports
from metrics.choices import PanelKind
from metrics.models import SourceDelivery
from metrics.services.annotations import NoteSpec, annotate
from metrics.services.dashboard_sharing import share_dashboard
from metrics.services.dashboards import PanelSpec, create_dashboard, delete_dashboard
from metrics.services.panels import remove_panel
from organization.access import Actor
from organization.choices import DayKind, LinkVerb
from organization.models import (
    DomainEvent,
    EventDelivery,
    Member,
    Notice,
    Organization,
    RoleAssignment,
    WorkCalendar,
)
from organization.services import (
    absences,
    attachments,
    bulk_runs,
    calendars,
    data_exports,
    departments,
    invitations,
    links,
    positions,
    roles,
    saved_views,
    tokens,
)
from organization.services.saved_views import save_view
from organization.tenancy import tenant_context
from tests.factories import make_actor, make_member
from tests.factories.metrics import make_dataset, make_kpi
from tests.metrics.entering import make_entered
from tests.metrics.importing import checked
from tests.metrics.sourcing import make_webhook
from tests.project import url_processes, url_told

Maker = Callable[[Organization, Actor], dict[str, Any]]
MAKERS: dict[str, Maker] = {**url_told.MAKERS, **url_processes.MAKERS}


def makes(*names: str) -> Callable[[Maker], Maker]:
    """Register a maker for the named addresses."""

    def register(maker: Maker) -> Maker:
        MAKERS.update(dict.fromkeys(names, maker))
        return maker

    return register


def objects_for(organization: Organization, names: set[str]) -> dict[str, dict[str, Any]]:
    """Keyword arguments for the named addresses, one row for each maker."""
    made: dict[Maker, dict[str, Any]] = {}
    with tenant_context(organization.pk):
        owner = make_actor("owner")
        for name in sorted(names):
            maker = MAKERS[name]
            if maker not in made:
                made[maker] = maker(organization, owner)
    return {name: made[MAKERS[name]] for name in names}


@makes(
    *(f"organization:department-{page}" for page in ("detail", "edit", "move", "duties", "delete")),
    *(f"api:department{call}" for call in ("", "-move", "-duties")),
)
def department(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": departments.create_department(owner, organization, name="Walked", code="WALKED").pk}


@makes("organization:export-file", "organization:export-remove", "api:export", "api:export-file")
def archive(organization: Organization, owner: Actor) -> dict[str, Any]:
    export = data_exports.request_export(owner, organization)
    stored: str = default_storage.save(f"{organization.pk}/exports/walked.zip", ContentFile(b"zip"))
    facts = {"size_bytes": 3, "sha256": "", "rows": 1, "as_of": timezone.now()}
    data_exports.finish_export(export.pk, stored=stored, **facts)
    return {"pk": export.pk}


@makes(
    *("organization:member-data", "organization:member-erase", "organization:absence-new"),
    *("api:member-absences", "api:member-erase", "api:member-sign-out"),
)
def somebody(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": make_member(None).pk}


@makes(
    *(f"organization:member-{page}" for page in ("detail", "edit", "roles", "rights", "sign-out", "second-factor")),
    *("api:member", "api:member-roles"),
)
def member(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": make_member(None).pk}


@makes(*(f"organization:bulk-{part}" for part in ("detail", "progress", "refused")))
def large_change(organization: Organization, owner: Actor) -> dict[str, Any]:
    facts = {"list_name": "organization:member-list", "act": "role", "label": "Give a role", "query": "", "facts": {}}
    run = bulk_runs.start_bulk(owner, organization, row_ids=[1], **facts)
    run.refusals = [[1, "Somebody", "Why"]]
    run.save(update_fields=["refusals"])
    return {"pk": run.pk}


@makes(*(f"organization:view-{act}" for act in ("change", "place", "remove")))
def saved_view(organization: Organization, owner: Actor) -> dict[str, Any]:
    facts = {"list_name": "organization:member-list", "name": "Walked", "query": "", "is_shared": True}
    return {"pk": saved_views.save_view(owner, organization, **facts).pk}


@makes(
    *(f"organization:position-{page}" for page in ("detail", "edit", "merge", "delete", "restore")),
    *(f"api:position{call}" for call in ("", "-merge", "-restore")),
)
def position(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": positions.create_position(owner, organization, name="Walked").pk}


@makes(*(f"organization:absence-{page}" for page in ("edit", "end")), "api:absence")
def absence(organization: Organization, owner: Actor) -> dict[str, Any]:
    day = timezone.localdate()
    return {"pk": absences.set_absence(owner, make_member(None), starts_on=day, ends_on=day).pk}


@makes("organization:loop")
def loop(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"label": "organization.member", "pk": make_member(None).pk}


@makes("organization:undo")
def note(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"note": "made:up"}


@makes("organization:member-role-withdraw", "api:member-role")
def assignment(organization: Organization, owner: Actor) -> dict[str, Any]:
    bearer = make_member("manager")
    return {"pk": bearer.pk, "assignment": RoleAssignment.objects.get(member=bearer).pk}


@makes(
    *(f"organization:invitation-{page}" for page in ("detail", "send", "revoke")),
    *(f"api:invitation{call}" for call in ("", "-send", "-revoke")),
)
def invitation(organization: Organization, owner: Actor) -> dict[str, Any]:
    facts = {"language": "en", "link_base": "http://testserver/"}
    [made] = invitations.invite(owner, organization, emails=["walked@example.com"], role=None, **facts)
    return {"pk": made.pk}


@makes(
    *(f"organization:role-{page}" for page in ("detail", "edit", "delete", "preview", "second-factor")),
    *("api:role", "api:role-grants", "api:role-second-factor"),
)
def role(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": roles.create_role(owner, organization, name="Walked").pk}


@makes(
    *(f"organization:calendar-{page}" for page in ("detail", "edit", "hours", "day", "official", "delete")),
    *(f"api:calendar{call}" for call in ("", "-hours", "-days", "-official")),
)
def calendar(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": calendars.create_calendar(owner, organization, name="Walked").pk}


@makes("organization:calendar-day-clear", "api:calendar-day")
def calendar_day(organization: Organization, owner: Actor) -> dict[str, Any]:
    found = WorkCalendar.objects.get(is_default=True)
    calendars.set_day(owner, found, day_on=date(2026, 1, 1), kind=DayKind.NON_WORKING)
    return {"pk": found.pk, "day": "2026-01-01"}


@makes("organization:event-detail", "organization:event-retry", "api:event", "api:event-retry")
def delivery(organization: Organization, owner: Actor) -> dict[str, Any]:
    event = DomainEvent.objects.create(
        name="walked", subject_type="organization.role", subject_id=1, actor_kind="system"
    )
    parked = EventDelivery.objects.create(event=event, handler="walked", parked_at=timezone.now(), error="walked")
    return {"pk": parked.pk}


@makes("organization:token-detail", "organization:token-revoke", "api:token", "api:token-revoke")
def token(organization: Organization, owner: Actor) -> dict[str, Any]:
    bearer = make_member("staff")
    row, _text = tokens.create_token(
        owner,
        organization,
        name="Walked",
        member=bearer,
        codenames=["organization.home.view"],
        expires_at=timezone.now() + timedelta(days=1),
    )
    return {"pk": row.pk}


@makes("api:link")
def tie(organization: Organization, owner: Actor) -> dict[str, Any]:
    ends = [departments.create_department(owner, organization, name=code, code=code) for code in ("FROM", "TO")]
    return {"pk": links.link(owner, ends[0], verb=LinkVerb.CAUSED, target=ends[1]).pk}


@makes("organization:attachment", "organization:attachment-remove", "api:attachment")
def attachment(organization: Organization, owner: Actor) -> dict[str, Any]:
    subject = departments.create_department(owner, organization, name="Filed", code="FILED")
    upload = SimpleUploadedFile("walked.txt", b"walked")
    return {"pk": attachments.attach(owner, subject, upload=upload, name="walked.txt").pk}


@makes("organization:attachment-add", "organization:why")
def attachable(organization: Organization, owner: Actor) -> dict[str, Any]:
    subject = departments.create_department(owner, organization, name="Open", code="OPEN")
    return {"label": "organization.department", "pk": subject.pk}


@makes("metrics:note-new", *(f"metrics:kpi-{page}" for page in ("detail", "edit", "redefine", "rows", "targets")))
def kpi(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": make_kpi(owner, organization, dataset=make_dataset(owner, organization), aggregation="count").pk}


DASHBOARD_PAGES = "detail edit delete values pdf settings copy share first-roles pin first wall note-new"


@makes(
    *(f"metrics:dashboard-{page}" for page in DASHBOARD_PAGES.split()),
    *("metrics:panel-new", "api:dashboard", "api:dashboard-copy", "api:panel-list", "api:share-list"),
    *(f"api:dashboard-{call}" for call in ("pin", "first", "first-roles")),
)
def dashboard(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": create_dashboard(owner, organization, name="Walked", panels=[]).pk}


PANEL_PAGES = "detail data edit move resize duplicate remove"


@makes("api:panel", "api:panel-move", "api:panel-copy", *(f"metrics:panel-{page}" for page in PANEL_PAGES.split()))
def panel(organization: Organization, owner: Actor) -> dict[str, Any]:
    text = PanelSpec(None, PanelKind.TEXT, settings={"text": "Walked"})
    walked = create_dashboard(owner, organization, name="Walked", panels=[text])
    return {"pk": walked.pk, "panel": walked.panels.get().pk}


@makes("api:annotation", "api:annotation-restore")
def annotation(organization: Organization, owner: Actor) -> dict[str, Any]:
    walked = make_kpi(owner, organization, aggregation="count", dataset=make_dataset(owner, organization))
    made = annotate(owner, walked, note=NoteSpec("Walked", starts_at=timezone.now()))
    return {"key": walked.key, "annotation": made.pk}


@makes("api:figures", "api:entry-plan", "api:waivers", "api:expect")
def figures_to_enter(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": make_entered(owner, organization)[1].pk}


@makes("api:view", "api:view-place")
def view(organization: Organization, owner: Actor) -> dict[str, Any]:
    made = save_view(owner, organization, list_name="organization:member-list", name="Walked", query="", is_shared=True)
    return {"pk": made.pk}


@makes("api:view-restore")
def removed_view(organization: Organization, owner: Actor) -> dict[str, Any]:
    made = save_view(owner, organization, list_name="organization:member-list", name="Gone", query="", is_shared=True)
    saved_views.remove_view(owner, made, at=timezone.now())
    return {"pk": made.pk}


@makes("api:notice-read")
def notice(organization: Organization, owner: Actor) -> dict[str, Any]:
    reader = Member.objects.get(pk=owner.member_id)
    told = {"kind": "organization.work_opened", "subject_type": "organization.role", "subject_id": 1}
    return {"pk": Notice.objects.create(recipient=reader, telling=uuid4(), dedupe="walked", **told).pk}


@makes("metrics:dashboard-restore", "api:dashboard-restore")
def dashboard_in_bin(organization: Organization, owner: Actor) -> dict[str, Any]:
    made = create_dashboard(owner, organization, name="Walked", panels=[])
    delete_dashboard(owner, made)
    return {"pk": made.pk}


@makes("metrics:dashboard-unshare", "api:share")
def dashboard_share(organization: Organization, owner: Actor) -> dict[str, Any]:
    made = create_dashboard(owner, organization, name="Walked", panels=[])
    return {"pk": made.pk, "share": share_dashboard(owner, made, with_whom=make_member("staff")).pk}


@makes("metrics:panel-restore", "api:panel-restore")
def removed_panel(organization: Organization, owner: Actor) -> dict[str, Any]:
    made = create_dashboard(owner, organization, name="Walked", panels=[PanelSpec(None, PanelKind.TEXT)])
    return {"pk": made.pk, "panel": remove_panel(owner, made, panel=made.panels.get()).pk}


@makes("metrics:dataset-detail", "metrics:dataset-derive")
def dataset(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": make_dataset(owner, organization).pk}


@makes(
    *(f"metrics:source-{page}" for page in ("detail", "edit", "plan", "progress", "remove")),
    *(f"metrics:source-{page}" for page in ("look", "run", "switch", "secret")),
    *(f"api:source{call}" for call in ("", "-runs", "-run", "-switch", "-look", "-plan", "-secret")),
)
def source(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": make_webhook(owner, organization, make_dataset(owner, organization))[0].pk}


@makes("metrics:source-delivery", "metrics:source-refused")
def source_delivery(organization: Organization, owner: Actor) -> dict[str, Any]:
    found, _secret = make_webhook(owner, organization, make_dataset(owner, organization))
    return {"pk": found.pk, "delivery": SourceDelivery.objects.create(source=found, key="walked").pk}


@makes(*(f"metrics:entry-{page}" for page in ("grid", "cells", "history", "waive", "plan")))
def entry_plan(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": make_entered(owner, organization, key="walked")[1].pk}


@makes("metrics:note-edit", "metrics:note-remove", "metrics:note-restore")
def chart_note(organization: Organization, owner: Actor) -> dict[str, Any]:
    noted = make_kpi(owner, organization, dataset=make_dataset(owner, organization), aggregation="count")
    return {"pk": annotate(owner, noted, note=NoteSpec("Walked", timezone.now())).pk}


@makes("metrics:kit-apply")
def kit(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": make_dataset(owner, organization).pk, "kit": "orders"}


@makes("api:dataset", "api:dataset-columns", "api:dataset-kits")
def dataset_by_name(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"key": make_dataset(owner, organization).key}


@makes(*(f"api:kpi-{call}" for call in ("detail", "versions", "series", "targets")), "api:annotation-list")
def kpi_by_name(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"key": make_kpi(owner, organization, aggregation="count", dataset=make_dataset(owner, organization)).key}


@makes(
    *(f"metrics:import-{page}" for page in ("detail", "mapping", "confirm", "undo", "progress", "refused")),
    *(f"api:import{call}" for call in ("", "-plan", "-confirm", "-discard", "-undo", "-refusals", "-refused")),
)
def import_of_a_file(organization: Organization, owner: Actor) -> dict[str, Any]:
    rows = "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 13))
    return {"pk": checked(owner, organization, f"Date,Amount\n{rows}2024-01-20,many\n").pk}


@makes(
    *(f"automation:report-{page}" for page in ("detail", "edit", "delete", "send", "pause", "resume")),
    *(f"api:report{call}" for call in ("", "-switch", "-send", "-runs")),
)
def report(organization: Organization, owner: Actor) -> dict[str, Any]:
    return {"pk": _report(organization, owner).pk}


@makes("automation:report-run", "api:report-copies")
def report_run(organization: Organization, owner: Actor) -> dict[str, Any]:
    schedule = _report(organization, owner)
    return {"pk": schedule.pk, "run": ReportRun.objects.create(schedule=schedule, slot=timezone.now()).pk}


def _report(organization: Organization, owner: Actor) -> ReportSchedule:
    dashboard = create_dashboard(owner, organization, name="Walked", panels=[])
    readers = [Member.objects.get(pk=owner.member_id)]
    return reports.create_report(owner, organization, dashboard=dashboard, members=readers, name="Walked")
