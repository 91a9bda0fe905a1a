"""Panels of every kind through the door: exact values, the same in table and file, to whom, and at what cost."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.urls import reverse

from metrics.choices import GrainCode
from metrics.models import Kpi
from metrics.queries import panels
from metrics.queries.dashboard_report import dashboard_report
from metrics.queries.panel_cohort import CohortTable
from metrics.queries.periods import Asked
from metrics.services.annotations import NoteSpec, annotate
from metrics.services.dashboards import PanelSpec, create_dashboard
from metrics.services.targets import TargetSpec, set_targets
from organization.models import AuditEntry, Organization
from organization.services.departments import create_department
from organization.tenancy import tenant_context
from tests.factories import make_member
from tests.factories.metrics import load
from tests.metrics.desk import ASKED, MONTHS, NOW, Desk
from tests.metrics.helpers import client_of, order, recompute, statements

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(organization: Organization) -> Desk:
    return Desk(organization)


@pytest.mark.parametrize("kind", ["line", "area", "bar"])
def test_m13_trends_draw_the_months_exactly_and_their_file_says_the_same(desk: Desk, kind: str) -> None:
    dashboard = desk.lay_out(kind, settings=MONTHS)

    traces = json.loads(desk.figure(dashboard).payload)["data"]

    # The running month is a trace of its own, and a line begins it at the point before
    assert [trace["y"] for trace in traces] == {
        "bar": [[150.0, 100.0], [30.0]],
        "line": [[150.0, 100.0], [100.0, 30.0]],
        "area": [[150.0, 100.0], [100.0, 30.0]],
    }[kind]
    assert (traces[0].get("fill") == "tozeroy") == (kind == "area")
    assert desk.file(dashboard) == [
        ["Period", "Revenue", "Change"],
        ["Jan 2026", "150", ""],
        ["Feb 2026", "100", "-0.3333333333333333333333333333333333"],
        ["Mar 2026 so far", "30", ""],
    ]


def test_m13_number_shows_the_newest_whole_period_with_its_course(desk: Desk) -> None:
    figure = desk.figure(desk.lay_out("number", settings=MONTHS))

    assert (figure.tile.value, figure.tile.period) == (100, "Feb 2026")
    # Two whole months: from the top to the bottom of the drawing
    assert "M0.0 1.0L100.0 31.0" in figure.drawing.line
    assert desk.figure(desk.lay_out("number", settings=MONTHS | {"spark": False})).drawing is None


def test_m13_stacked_puts_parts_on_each_other_and_the_rest_together(desk: Desk) -> None:
    dashboard = desk.lay_out("stacked", desk.country, settings=MONTHS | {"parts": 2})

    traces = json.loads(desk.figure(dashboard).payload)["data"]

    assert [(trace["name"], trace["y"]) for trace in traces] == [
        ("France", [100.0, 60.0, 25.0]),
        ("Spain", [50.0, 30.0, 5.0]),
        ("1 other", [0.0, 10.0, 0.0]),
    ]
    assert desk.file(dashboard)[2] == ["Feb 2026", "60", "30", "10", "100"]
    shares = desk.lay_out("stacked", desk.country, settings=MONTHS | {"as_share": True})
    assert json.loads(desk.figure(shares).payload)["data"][0]["y"][1] == 0.6


def test_m13_stacked_parts_that_do_not_add_up_are_refused_with_a_sentence(desk: Desk) -> None:
    average = desk.kpi_of(aggregation="average", expression="revenue", breakdowns=[("country",)])

    assert "do not add up" in desk.figure(desk.lay_out("stacked", desk.country, kpi=average, settings=MONTHS)).notice


def test_m13_pareto_marks_the_parts_that_make_most_of_it(desk: Desk) -> None:
    dashboard = desk.lay_out("pareto", desk.country, settings=MONTHS)

    figure = desk.figure(dashboard)
    vital, rest, line = json.loads(figure.payload)["data"]

    assert (vital["x"], rest["x"], line["x"]) == ([60.0, 30.0], [10.0], [60.0, 90.0, 100.0])
    assert line["customdata"] == ["60.0%", "90.0%", "100.0%"]
    assert figure.summary == "Revenue, By country: 2 of 3 parts make 90.0%."
    assert desk.file(dashboard)[1:] == [
        ["France", "60", "0.6", "0.6"],
        ["Spain", "30", "0.3", "0.9"],
        ["(none)", "10", "0.1", "1"],
    ]


def test_m13_bullet_measures_the_number_by_its_target(desk: Desk) -> None:
    with tenant_context(desk.organization.pk):
        aims = [TargetSpec(date(2026, 1, 1), Decimal(125))]
        set_targets(desk.owner, desk.kpi, grain=GrainCode.MONTH, targets=aims)
    dashboard = desk.lay_out("bullet", settings=MONTHS)

    (bullet,) = desk.figure(dashboard).drawing.bullets

    # 100 and 125 on a scale to 1.06 times the larger: 100 / 132.5 and 125 / 132.5
    assert (bullet.reached, bullet.width, bullet.low, bullet.status.level) == ("80%", "75.47", "94.34", "bad")
    assert desk.file(dashboard)[1] == ["Revenue", "100", "125", "0.8", "Off track"]
    none = desk.lay_out("bullet", kpi=desk.kpi_of(aggregation="count"), settings=MONTHS)
    assert desk.figure(none).notice == "No target is set for this period."


def test_m13_calendar_shows_every_day_in_the_organizations_weeks(desk: Desk) -> None:
    dashboard = desk.lay_out("calendar")

    drawing = desk.figure(dashboard).drawing

    assert [line.name for line in drawing.weekdays] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert [(month.name, month.weeks) for month in drawing.months] == [("", 1), ("Jan", 4), ("Feb", 4), ("Mar", 2)]
    monday = drawing.weekdays[0].days
    # The first of January is a Thursday: that week's Monday is another year's
    assert monday[0] is None
    assert (monday[1].text, monday[1].on, monday[1].level) == ("100", "2026-01-05", 5)
    assert "column" not in drawing.rows_url
    day = desk.client.get(drawing.rows_url.replace("{x}", "2026-01-05"))
    assert day.context["number"].recomputed.value == 100
    with tenant_context(desk.organization.pk):
        Organization.objects.filter(pk=desk.organization.pk).update(week_starts_on=6)
    assert desk.figure(dashboard).drawing.weekdays[0].name == "Sun"


def test_m13_calendar_of_a_kpi_kept_by_months_says_so(desk: Desk) -> None:
    coarse = desk.kpi_of(aggregation="count")
    with tenant_context(desk.organization.pk):
        coarse.versions.update(finest_grain=GrainCode.MONTH)

    assert desk.figure(desk.lay_out("calendar", kpi=coarse)).notice == "This KPI is kept by longer periods than days."


def test_m13_cohorts_are_counted_exactly_from_the_rows(desk: Desk) -> None:
    dashboard = desk.lay_out("cohort", desk.customer, settings={"periods": 3})

    drawing = desk.figure(dashboard).drawing

    assert isinstance(drawing, CohortTable)
    # January: Ada and Bob, of whom Ada came again in February and March; February: Cleo and Dan, Cleo came again
    lines = [
        (line.name, line.size, [cell and (cell.text, cell.title) for cell in line.cells]) for line in drawing.lines
    ]
    assert lines == [
        ("Jan 2026", "2", [("50%", "1 of 2"), ("50%", "1 of 2")]),
        ("Feb 2026", "2", [("50%", "1 of 2"), None]),
        ("Mar 2026", "0", [None, None]),
    ]
    # March still runs, so the cells in it count for no average
    assert drawing.average == ["50.0%", ""]
    assert desk.file(dashboard)[1:4] == [
        ["Jan 2026", "0", "2", "1"],
        ["Jan 2026", "1", "1", "0.5"],
        ["Jan 2026", "2", "1", "0.5"],
    ]


def test_m13_who_came_before_the_first_cohort_is_no_newcomer(desk: Desk) -> None:
    dashboard = desk.lay_out("cohort", desk.customer, settings={"periods": 2})

    assert [line.size for line in desk.figure(dashboard).drawing.lines] == ["2", "0"]


def test_o4_cohorts_show_to_nobody_who_may_not_see_rows(desk: Desk) -> None:
    with tenant_context(desk.organization.pk):
        sales = create_department(desk.owner, desk.organization, name="Sales", code="SALES")
        staff = client_of(make_member("staff", department=sales))
        Kpi.objects.filter(pk=desk.kpi.pk).update(department=sales)
    dashboard = desk.lay_out("cohort", desk.customer)
    assert desk.figure(dashboard).drawing is not None

    figure = desk.figure(dashboard, staff)

    assert figure.drawing is None
    assert "not open to you" in figure.notice


def test_m13_funnel_of_kpis_has_rates_from_step_to_step(desk: Desk) -> None:
    desk.kpi_of(name="Orders", key="orders", aggregation="count")
    desk.kpi_of(name="Large", key="large", aggregation="count", filter="revenue > 20")
    dashboard = desk.lay_out("funnel", settings=MONTHS | {"steps": ["orders", "large"]})

    steps = desk.figure(dashboard).drawing.steps

    assert [(step.name, step.value_text, step.kept, step.total) for step in steps] == [
        ("Revenue", "100", "", ""),
        ("Orders", "3", "3.0%", "3.0%"),
        ("Large", "2", "66.7%", "2.0%"),
    ]
    assert [desk.client.get(step.url).context["number"].recomputed.value for step in steps] == [100, 3, 2]


def test_m13_funnel_of_values_follows_the_given_order(desk: Desk) -> None:
    dashboard = desk.lay_out("funnel", desk.country, settings=MONTHS | {"values": ["France", "Italy", "Spain"]})

    steps = desk.figure(dashboard).drawing.steps

    assert [(step.name, step.value_text, step.total) for step in steps] == [
        ("France", "60", ""),
        ("Italy", "0", "0.0%"),
        ("Spain", "30", "50.0%"),
    ]


def test_m13_table_lists_the_newest_periods_first(desk: Desk) -> None:
    dashboard = desk.lay_out("table", settings=MONTHS | {"rows": 3})

    printed = desk.figure(dashboard).drawing.printed

    assert printed == [
        ["Period", "Revenue", "Change"],
        ["Mar 2026 so far", "30", ""],
        ["Feb 2026", "100", "−33.3%"],
        ["Jan 2026", "150", ""],
    ]


def test_m13_text_is_markdown_and_cannot_carry_a_script(desk: Desk) -> None:
    text = (
        "# Plan\n\n**Bold** <script>alert(1)</script> [on](javascript:alert(1)) [out](https://example.com/)\n\n"
        "<img src=x onerror=alert(1)> ![p](https://example.com/p.png)\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    dashboard = desk.lay_out("text", kpi=None, settings={"text": text, "text_zh": "**中文**"})

    html = str(desk.figure(dashboard).drawing.html)

    assert "<h3>Plan</h3>" in html
    assert "<strong>Bold</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert '<a href="https://example.com/" rel="noopener noreferrer">out</a>' in html
    assert "<td>2</td>" in html
    # What is left of the others is text, letter by letter
    assert re.findall(r"<(?!/?(?:h3|p|strong|a|table|thead|tbody|tr|th|td)\b)\w*", html) == []
    assert re.findall(r"<[^>]*(?:javascript:|\son)", html) == []
    desk.client.cookies["ops-language"] = "zh-hans"
    assert str(desk.figure(dashboard).drawing.html) == "<p><strong>中文</strong></p>\n"


@pytest.mark.parametrize("kind", ["number", "line", "breakdown", "calendar", "stacked", "table"])
def test_m13_table_beside_a_panel_and_both_files_hold_the_same_numbers(desk: Desk, kind: str) -> None:
    dashboard = desk.lay_out(kind, settings={} if kind == "calendar" else MONTHS)
    page = desk.client.get(desk.url(dashboard, "panel-data"), ASKED)
    text, sheet = desk.file(dashboard), desk.file(dashboard, "xlsx")

    heads = [str(head.label) for head in page.context["table"].heads]
    value = next(place for place, head in enumerate(heads) if head in ("Revenue", "France"))

    assert text[0] == sheet[0] == heads
    assert len(text) == len(sheet) == 1 + len(page.context["table"].rows)
    assert [line[value] for line in text[1:]] == ["" if line[value] is None else f"{line[value]}" for line in sheet[1:]]


def test_m14_table_beside_a_panel_is_a_page_of_its_own_where_somebody_opens_its_address(desk: Desk) -> None:
    dashboard = desk.lay_out("line", settings=MONTHS, title="How we do")

    whole = desk.client.get(desk.url(dashboard, "panel-data"), ASKED)
    part = desk.client.get(desk.url(dashboard, "panel-data"), ASKED, headers={"HX-Request": "true"})

    assert "<h1" in whole.text
    assert "How we do" in whole.text
    assert part.text.lstrip().startswith("<div")
    assert "<h1" not in part.text
    assert part.text.strip() in whole.text


def test_m14_file_says_what_it_is_of_and_the_trail_remembers_it(desk: Desk) -> None:
    dashboard = desk.lay_out("line", settings=MONTHS, title="How we do")
    with tenant_context(desk.organization.pk):
        before = AuditEntry.objects.count()

    answer = desk.client.get(desk.url(dashboard, "panel-data"), ASKED | {"export": "csv", "only.country": "France"})
    body = b"".join(answer).decode("utf-8-sig")

    assert answer["Content-Disposition"] == 'attachment; filename="revenue-line.csv"'
    for words in ("How we do", "UTC", "Dashboard,Wall", "KPI,Revenue", "country: France"):
        assert words in body
    assert "Jan 2026,100" in body
    with tenant_context(desk.organization.pk):
        assert AuditEntry.objects.count() == before + 1
        assert AuditEntry.objects.latest("pk").verb == "metrics.dashboard.downloaded"


def test_m13_unchanged_panel_is_a_304_and_a_change_shows_at_once(desk: Desk) -> None:
    dashboard = desk.lay_out("line", settings=MONTHS)
    url = desk.url(dashboard)
    first = desk.client.get(url, ASKED, headers={"HX-Request": "true"})
    tag = first["ETag"]

    same = desk.client.get(url, ASKED, headers={"HX-Request": "true", "If-None-Match": tag})
    with tenant_context(desk.organization.pk):
        annotate(desk.owner, desk.kpi, note=NoteSpec("Fair in Lyon", datetime(2026, 2, 5, tzinfo=UTC)))
    noted = desk.client.get(url, ASKED, headers={"HX-Request": "true", "If-None-Match": tag})
    with tenant_context(desk.organization.pk):
        load(desk.dataset, [order(9, "2026-02-20", 7)])
        recompute(desk.dataset)
    grown = desk.client.get(url, ASKED, headers={"HX-Request": "true", "If-None-Match": noted["ETag"]})

    assert (same.status_code, same.content) == (304, b"")
    assert first.content.startswith(b"<article")
    layout = json.loads(noted.context["panel"].figure.payload)["layout"]
    assert [note["text"] for note in layout["annotations"] if note["name"] == "note"] == ["Fair in Lyon"]
    assert grown.context["panel"].figure.tile.value == 107


def test_m13_one_panel_that_fails_leaves_the_others_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_scene: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(panels.DRAWN_BY, "bar", fail)
    with tenant_context(desk.organization.pk):
        made = [PanelSpec(desk.kpi, "bar"), PanelSpec(desk.kpi)]
        dashboard = create_dashboard(desk.owner, desk.organization, name="Wall", panels=made)

    answer = desk.client.get(reverse("metrics:dashboard-detail", args=[dashboard.pk]))
    broken, whole = answer.context["view"].panels

    assert answer.status_code == 200
    assert broken.figure.reference
    assert broken.figure.reference in answer.content.decode()
    assert whole.figure.payload


@pytest.mark.parametrize("count", [1, 20])
def test_m13_all_kinds_together_cost_eight_statements_however_many(desk: Desk, count: int) -> None:
    desk.kpi_of(key="orders", aggregation="count")
    kinds = ("number", "area", "stacked", "pareto", "bullet", "calendar", "table", "breakdown")
    made = [PanelSpec(desk.kpi, kinds[place % 8], width=3, height=1) for place in range(count)]
    made.append(PanelSpec(desk.kpi, "funnel", width=3, height=1, settings={"steps": ["orders"]}))
    made.append(PanelSpec(desk.kpi, "breakdown", desk.country, width=3, height=1))
    with tenant_context(desk.organization.pk):
        dashboard = create_dashboard(desk.owner, desk.organization, name="Wall", panels=made[::-1])
    url = reverse("metrics:dashboard-detail", args=[dashboard.pk])
    desk.client.get(url, {"range": "last-7-days"})

    with statements(8):
        page = desk.client.get(url, ASKED | MONTHS)

    arrived = [panel.figure is not None for panel in page.context["view"].panels]
    assert arrived == [True] * min(12, count + 2) + [False] * max(count - 10, 0)


def test_m13_panels_further_down_are_fetched_with_the_same_filters(desk: Desk) -> None:
    with tenant_context(desk.organization.pk):
        made = [PanelSpec(desk.kpi, width=12, height=4) for _ in range(3)]
        dashboard = create_dashboard(desk.owner, desk.organization, name="Wall", panels=made)
    query = "range=last-7-days&only.country=France"

    page = desk.client.get(f"{reverse('metrics:dashboard-detail', args=[dashboard.pk])}?{query}").content.decode()

    assert re.findall(r'data-near hx-get="[^"]+\?([^"]+)"', page) == [query.replace("&", "&amp;")]


def test_m13_panel_of_a_removed_place_or_another_dashboard_is_not_found(desk: Desk) -> None:
    one, other = desk.lay_out("line"), desk.lay_out("bar")
    with tenant_context(desk.organization.pk):
        panel = one.panels.get()

    for name in ("panel-detail", "panel-data"):
        assert desk.client.get(reverse(f"metrics:{name}", args=[other.pk, panel.pk])).status_code == 404


def test_m13_every_kind_goes_on_paper(desk: Desk) -> None:
    kinds = ("number", "area", "stacked", "pareto", "bullet", "calendar", "table", "breakdown")
    made = [PanelSpec(desk.kpi, kind, settings={} if kind == "calendar" else MONTHS) for kind in kinds]
    made.append(PanelSpec(desk.kpi, "cohort", desk.customer))
    made.append(PanelSpec(desk.kpi, "funnel", desk.country, settings=MONTHS))
    made.append(PanelSpec(None, "text", settings={"text": "# Plan"}))
    with tenant_context(desk.organization.pk):
        dashboard = create_dashboard(desk.owner, desk.organization, name="Wall", panels=made)

    answer = desk.client.get(reverse("metrics:dashboard-pdf", args=[dashboard.pk]), ASKED)

    assert answer.status_code == 200
    assert b"".join(answer)[:5] == b"%PDF-"
    with tenant_context(desk.organization.pk):
        report = dashboard_report(
            desk.owner, dashboard, Asked("custom", first_on=date(2026, 1, 1), last_on=date(2026, 3, 11)),
            as_of=NOW, organization=desk.organization,
        )  # fmt: skip
    drawn = {card.title: [ElementTree.fromstring(one) for one in card.pictures] for card in report.document.cards}
    pictures = [len(card.pictures) for card in report.document.cards]
    # All but the number, the bullet without a target, the table and the text are pictures
    assert pictures == [0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0]
    assert drawn


def test_m13_calendar_and_cohorts_are_drawn_on_paper_as_on_the_screen(desk: Desk) -> None:
    made = [PanelSpec(desk.kpi, "calendar"), PanelSpec(desk.kpi, "cohort", desk.customer)]
    with tenant_context(desk.organization.pk):
        dashboard = create_dashboard(desk.owner, desk.organization, name="Wall", panels=made)
        asked = Asked("custom", first_on=date(2026, 1, 1), last_on=date(2026, 3, 11))
        report = dashboard_report(desk.owner, dashboard, asked, as_of=NOW, organization=desk.organization)

    calendar, cohorts = (ElementTree.fromstring(card.pictures[0]) for card in report.document.cards)

    days = [rect for rect in calendar.iter() if rect.tag.endswith("rect")]
    assert len(days) == 70 + 5  # 1 January to 11 March, and the legend
    words = [text.text for text in cohorts.iter() if text.tag.endswith("text")]
    assert words[:2] == ["First in", "customer"]
    assert "50%" in words  # of Ada and Bob, Ada came again
