"""Pages as they were known on a day, and the notes on every chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from metrics.choices import PanelKind
from metrics.models import Annotation, Dashboard, ImportBatch, Kpi, ReplacedObservation
from metrics.queries.dashboard_report import dashboard_report
from metrics.queries.periods import Asked
from metrics.services.annotations import NoteSpec, annotate
from metrics.services.dashboards import PanelSpec, create_dashboard
from organization.choices import BuiltInRole
from organization.models import Member, Organization
from organization.tenancy import tenant_context
from tests.factories import actor_of, make_member
from tests.factories.metrics import load
from tests.metrics.helpers import client_of, make_shop, order, recompute

DAY = timedelta(days=1)


@pytest.fixture
def member(organization: Organization) -> Member:
    with tenant_context(organization.pk):
        return make_member("owner")


@pytest.fixture
def shop(organization: Organization, member: Member) -> tuple[Kpi, Dashboard]:
    """Revenue of 100 on each of the last days, known ten days ago; corrected to 700 since."""
    today = timezone.localdate()
    rows = [order(number, str(today - (20 - number) * DAY), 100) for number in range(10)]
    with tenant_context(organization.pk):
        owner = actor_of(member)
        dataset, kpi = make_shop(owner, organization, rows, name="Revenue")
        dashboard = create_dashboard(owner, organization, name="Board", panels=[PanelSpec(kpi, PanelKind.LINE)])
        ImportBatch.objects.update(loaded_at=timezone.now() - 10 * DAY)
        Kpi.objects.update(created_at=timezone.now() - 30 * DAY)
        kpi.versions.update(created_at=timezone.now() - 30 * DAY)
        load(dataset, [row | {"price": Decimal(700)} for row in rows])
        assert ReplacedObservation.objects.count() == 10
        recompute(dataset)
    return kpi, dashboard


def test_m4_a_kpi_and_a_dashboard_are_shown_as_known_on_a_day(shop: tuple[Kpi, Dashboard], member: Member) -> None:
    kpi, dashboard = shop
    client, known = client_of(member), timezone.localdate() - 5 * DAY

    for address in (f"/metrics/kpis/{kpi.pk}/", f"/metrics/dashboards/{dashboard.pk}/"):
        then = client.get(address, {"known": known.isoformat()}).content.decode()
        now = client.get(address).content.decode()

        assert "As known on" in then
        assert "Show what is known now" in then
        assert "100" in then
        assert "700" not in then
        assert "Show what is known now" not in now
        assert "700" in now


def test_m4_what_was_known_is_neither_kept_nor_taken_from_what_is_kept(
    shop: tuple[Kpi, Dashboard], member: Member
) -> None:
    _kpi, dashboard = shop
    client, address = client_of(member), f"/metrics/dashboards/{dashboard.pk}/"
    cache.clear()
    client.get(address, {"known": (timezone.localdate() - 5 * DAY).isoformat()})

    now = client.get(address)
    then = client.get(address, {"known": (timezone.localdate() - 5 * DAY).isoformat()})

    assert not then.has_header("ETag")
    assert now.has_header("ETag")
    assert "700" in now.content.decode()
    assert "700" not in then.content.decode()


@pytest.mark.parametrize("day", ["2999-01-01", "not a day", ""])
def test_m4_a_day_that_knows_nothing_else_shows_today(shop: tuple[Kpi, Dashboard], member: Member, day: str) -> None:
    kpi, _dashboard = shop

    page = client_of(member).get(f"/metrics/kpis/{kpi.pk}/", {"known": day})

    assert page.status_code == 200
    assert "Show what is known now" not in page.content.decode()


def test_m4_before_anything_was_known_the_page_says_so(shop: tuple[Kpi, Dashboard], member: Member) -> None:
    kpi, _dashboard = shop

    page = client_of(member).get(f"/metrics/kpis/{kpi.pk}/", {"known": "2020-01-01"}).content.decode()

    assert "No data yet" in page


def test_m13_a_note_stands_on_the_kpi_and_on_every_dashboard_with_it(
    shop: tuple[Kpi, Dashboard], member: Member
) -> None:
    kpi, dashboard = shop
    client = client_of(member)
    address = f"/metrics/dashboards/{dashboard.pk}/"
    before = client.get(address).content.decode()
    facts: dict[str, Any] = {
        "text": "A campaign that began with a very long name",
        "kind": "promotion",
        "first_on": (timezone.localdate() - 12 * DAY).isoformat(),
        "place": str(kpi.pk),
        "link": f"http://testserver/metrics/dashboards/{dashboard.pk}/",
    }

    made = client.post(f"/metrics/kpis/{kpi.pk}/notes/new/", facts)
    pages = [client.get(url).content.decode() for url in (f"/metrics/kpis/{kpi.pk}/", address)]

    assert made.url == f"/metrics/kpis/{kpi.pk}/"
    assert facts["text"] not in before
    assert f'href="/metrics/dashboards/{dashboard.pk}/">Board</a>' in pages[0]
    for page in pages:
        assert facts["text"] in page
        assert '"name":"note","text":"1"' in page


def test_m13_a_note_that_lasts_is_a_band_on_every_chart_and_on_paper(
    shop: tuple[Kpi, Dashboard], member: Member, organization: Organization
) -> None:
    kpi, dashboard = shop
    client, today = client_of(member), timezone.localdate()
    with tenant_context(organization.pk):
        owner = actor_of(member)
        columns = {column.key: column for column in kpi.versions.get().dataset.columns.all()}
        kinds = [PanelSpec(kpi, kind) for kind in ("area", "bar", "calendar")]
        kinds.append(PanelSpec(kpi, "stacked", columns["country"]))
        board = create_dashboard(owner, organization, name="All", panels=kinds)
        first, last = (datetime.combine(today - days * DAY, datetime.min.time(), UTC) for days in (17, 14))
        annotate(owner, kpi, note=NoteSpec(text="Sale", kind="promotion", starts_at=first, ends_at=last))
    start, middle, end = ((today - days * DAY).isoformat() for days in (17, 16, 14))

    pages = [
        client.get(f"/metrics/{page}/").content.decode() for page in (f"kpis/{kpi.pk}", f"dashboards/{dashboard.pk}")
    ]
    panels = client.get(f"/metrics/dashboards/{board.pk}/", {"anchor": "data"}).context["view"].panels

    for page in pages:
        assert f'"type":"rect","x0":"{start}","x1":"{end}"' in page
        assert f'"name":"note","text":"Sale","x":"{middle}"' in page
    assert panels[3].figure.notice == ""
    drawn = [panel.figure.payload for panel in panels if panel.figure.payload]
    assert len(drawn) == 3
    assert all(f'"type":"rect","x0":"{start}","x1":"{end}"' in payload for payload in drawn)
    noted = [day for line in panels[2].figure.drawing.weekdays for day in line.days if day and day.is_noted]
    assert sorted(day.on for day in noted) == sorted((today - days * DAY).isoformat() for days in (17, 16, 15, 14))
    assert all(day.title.endswith(" · Sale") for day in noted)
    with tenant_context(organization.pk):
        report = dashboard_report(owner, board, Asked(""), as_of=timezone.now(), organization=organization)
    for card in report.document.cards[:2]:
        assert 'fill-opacity="0.18"' in card.pictures[0]
        assert ">Sale</text>" in card.pictures[0]


def test_m13_the_rows_behind_a_point_offer_a_note_on_its_day(shop: tuple[Kpi, Dashboard], member: Member) -> None:
    kpi, _dashboard = shop
    client, day = client_of(member), (timezone.localdate() - 12 * DAY).isoformat()

    rows = client.get(f"/metrics/kpis/{kpi.pk}/rows/", {"grain": "day", "start": day}).content.decode()
    form = client.get(f"/metrics/kpis/{kpi.pk}/notes/new/", {"day": day}).content.decode()

    assert f'href="/metrics/kpis/{kpi.pk}/notes/new/?day={day}"' in rows
    assert f'value="{day}"' in form


def test_m13_a_note_is_written_from_a_dashboard_and_removed_with_a_way_back(
    shop: tuple[Kpi, Dashboard], member: Member, organization: Organization
) -> None:
    _kpi, dashboard = shop
    client = client_of(member)
    day = (timezone.localdate() - 12 * DAY).isoformat()
    client.post(
        f"/metrics/dashboards/{dashboard.pk}/notes/new/",
        {"text": "For all", "kind": "note", "first_on": day, "place": "all"},
    )
    with tenant_context(organization.pk):
        note = Annotation.objects.get()
        assert (note.kpi, note.department) == (None, None)

    removed = client.post(f"/metrics/notes/{note.pk}/remove/", headers={"HX-Request": "true"})
    without = client.get(f"/metrics/dashboards/{dashboard.pk}/").content.decode()
    client.post(f"/metrics/notes/{note.pk}/restore/")
    back = client.get(f"/metrics/dashboards/{dashboard.pk}/").content.decode()

    assert f"/metrics/notes/{note.pk}/restore/" in removed.headers["HX-Trigger"]
    assert "For all" not in without
    assert "For all" in back


def test_m13_a_note_on_a_hidden_kpi_does_not_exist(shop: tuple[Kpi, Dashboard], organization: Organization) -> None:
    kpi, _dashboard = shop
    with tenant_context(organization.pk):
        outsider = make_member(BuiltInRole.STAFF)
        owner = actor_of(make_member("owner"))
        note = annotate(owner, kpi, note=NoteSpec("Hidden", datetime(2026, 1, 1, tzinfo=UTC)))
    client = client_of(outsider)

    assert client.get(f"/metrics/notes/{note.pk}/edit/").status_code in (403, 404)
    assert client.post(f"/metrics/notes/{note.pk}/remove/").status_code in (403, 404)
    with tenant_context(organization.pk):
        assert Annotation.objects.get().removed_at is None


def test_m13_a_click_on_a_point_offers_a_note_to_those_who_may_write_one(
    shop: tuple[Kpi, Dashboard], member: Member, organization: Organization
) -> None:
    kpi, dashboard = shop
    with tenant_context(organization.pk):
        auditor = client_of(make_member(BuiltInRole.AUDITOR))
    address = f'data-note-url="/metrics/kpis/{kpi.pk}/notes/new/?day={{x}}"'

    for page in (f"/metrics/kpis/{kpi.pk}/", f"/metrics/dashboards/{dashboard.pk}/"):
        assert address in client_of(member).get(page).content.decode()
        assert "data-note-url" not in auditor.get(page).content.decode()
    months = client_of(member).get(f"/metrics/kpis/{kpi.pk}/", {"grain": "month", "range": "all"}).content.decode()
    first = (timezone.localdate() - 20 * DAY).replace(day=1).isoformat()
    assert f'"{first}"' in months.partition('"days":')[2]
