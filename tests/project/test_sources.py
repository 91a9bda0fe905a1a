"""What the text of the sources must not have, save in modules that were read for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from organization.choices import Scope
from organization.permissions import find
from tests.project.parts import PARTS
from tests.project.tenancy import TENANT_MODELS, label

ROOT = Path(__file__).resolve().parents[2]
CODE = ("organization", "metrics", "processes", "automation", "ops_platform")
LONGEST = 500

# Raw SQL: parameters only, and each statement was read for whose rows it touches.
RAW_SQL = {
    "metrics/queries/dashboards.py": "the stamp of a dashboard's page, by a function with its caller's rights",
    "metrics/queries/panel_cohort.py": "counts cohorts over the rows behind a KPI",
    "metrics/queries/reader.py": "reads rollups and cuts of many windows in one statement",
    "metrics/queries/rebuild_check.py": "compares stored with fresh rollups",
    "metrics/queries/known_on.py": "the table of observations as it was: constants, every value a parameter",
    "metrics/queries/known_reader.py": "runs the statements of rollup_sql over it",
    "metrics/queries/version_rows.py": "the KPIs that formulas rest on, by their ids",
    "metrics/queries/rows_behind.py": "the rows behind a number, by the columns of its dataset",
    "automation/queries/due.py": "finds reports that are due, as the dispatcher",
    "metrics/queries/sweeps.py": "finds stale datasets, as the dispatcher",
    "metrics/services/import_run.py": "makes the partitions of a batch",
    "metrics/services/import_undo.py": "takes a batch out of the store, set-wise",
    "metrics/services/kpis.py": "the lock under which formulas are defined",
    "metrics/services/loading.py": "COPY and set-wise loading",
    "metrics/services/dictionary.py": "learns the values of a column in one statement",
    "metrics/services/corrections.py": "reads totals before and after",
    "metrics/services/pull.py": "asks somebody else's database, read-only, what a person typed",
    "metrics/services/rollup_builder.py": "computes buckets",
    "metrics/services/rollups.py": "locks and marks",
    "processes/queries/due.py": "finds versions, plans and calls that are due, as the dispatcher",
    "organization/queries/invitations.py": "the number of a person who does not exist yet",
    "organization/queries/actors.py": "the member of a request, by the open organization",
    "organization/queries/list_tools.py": "how many rows short tables have and where they stand, by the open organization",
    "organization/services/audit.py": "the lock of the chain",
    "organization/services/idempotency.py": "INSERT .. ON CONFLICT DO NOTHING",
    "organization/services/notice_outbox.py": "claims deliveries of notices, as the dispatcher",
    "organization/services/organizations.py": "the next id, which row security asks for first",
    "organization/services/outbox.py": "claims deliveries, as the dispatcher",
    "organization/services/references.py": "counts up in one statement",
    "organization/services/sign_in.py": "counts failures in one statement",
    "organization/tenancy.py": "sets the scope of a running transaction",
}
# The platform's own plumbing speaks SQL to roles, policies and health; it reads no rows of tenants.
PLUMBING = (
    "ops_platform/apps.py",
    "ops_platform/backup/",
    "ops_platform/database/",
    "ops_platform/guard.py",
    "ops_platform/health.py",
    "ops_platform/management/",
    "ops_platform/portability/",
    "ops_platform/prometheus.py",
    "ops_platform/roles.py",
    "ops_platform/sample/removal.py",
    "ops_platform/supervisor/",
    "ops_platform/testing/",
)
UNSCOPED = {"organization/queries/memberships.py": "a person's own memberships, through row security"}
UNESCAPED: dict[str, str] = {
    "ops_platform/web/cells.py": "the cells of lists, of which there are hundreds; all from a row goes through `escaped`",
    "ops_platform/web/columns.py": "one such cell by itself",
    "ops_platform/web/markdown.py": "what nh3 has just cleaned by a list of what is allowed",
    "ops_platform/web/templatetags/kept.py": "what a template has drawn, with the token of this answer in its place",
}

SQL = re.compile(r"\.cursor\(|\bRawSQL\b|\.raw\(|\.extra\(|copy_expert")
OPEN_MANAGER = re.compile(r"\.unscoped\b|\._base_manager\b")
MARKED = re.compile(r"\bmark_safe\b|\bSafeString\([^)]|\|\s*safe\b|\bautoescape off\b|\bsafeseq\b")
MAIL = re.compile(
    r"\bEmailMessage\b|\bEmailMultiAlternatives\b|\bmail\.send_mail\b|import .*\bsend_mail\b"
    r"|send_mass_mail|mail_admins|mail_managers|smtplib\.SMTP\b"
)
REMOTE = re.compile(r"<img[^>]+src=.(?:https?:)?//", re.IGNORECASE)
LETTERS = "organization/queries/letters.py"
MAIL_LAYOUT = "templates/organization/mail/letter.html"  # its sheet travels with it: a mail has no other
INLINE = re.compile(
    r"<[^>]*\s(?:style|on[a-z]+)\s*=|javascript:|<style[\s>]"
    r"|<script(?![^>]*(?:\bsrc=|\btype=.application/json.))[\s>]",
    re.IGNORECASE,
)


def _files(*folders: str, suffix: str = ".py") -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name and "/vendor/" not in name:
                yield name, path.read_text(encoding="utf-8")


def _with(pattern: re.Pattern[str], *folders: str, suffix: str = ".py") -> set[str]:
    return {name for name, text in _files(*folders, suffix=suffix) if pattern.search(text)}


def test_raw_sql_stands_in_the_reviewed_modules_alone() -> None:
    found = {name for name in _with(SQL, *CODE) if not name.startswith(PLUMBING)}

    assert found - set(RAW_SQL) == set()


def test_o4_the_open_manager_is_used_in_the_reviewed_modules_alone() -> None:
    found = _with(OPEN_MANAGER, *CODE)

    assert found == set(UNSCOPED)


def test_nothing_is_marked_safe_outside_the_reviewed_modules() -> None:
    found = _with(MARKED, *CODE) | _with(MARKED, "templates", suffix=".html")

    assert found == set(UNESCAPED)


def test_templates_have_no_inline_script_style_or_handler() -> None:
    assert _with(INLINE, "templates", suffix=".html") == {MAIL_LAYOUT}


def test_o7_no_mail_takes_another_road_than_the_letters() -> None:
    assert _with(MAIL, *CODE) == {LETTERS}
    assert _with(REMOTE, "templates", suffix=".html") == set()


def test_no_file_is_longer_than_can_be_read() -> None:
    found = {name: text.count("\n") for name, text in _files(*CODE, "tests", "scripts")}

    assert {name: lines for name, lines in found.items() if lines > LONGEST} == {}


@pytest.mark.parametrize(
    ("pattern", "bad"),
    [
        (SQL, "with connection.cursor() as cursor:"),
        (OPEN_MANAGER, "Member.unscoped.all()"),
        (MARKED, "{{ text|safe }}"),
        (MARKED, "mark_safe(text)"),
        (INLINE, '<p style="color: red">'),
        (INLINE, '<a href="#" onclick="go()">'),
        (INLINE, "<script>go()</script>"),
        (MAIL, "from django.core.mail import EmailMessage"),
        (MAIL, "from django.core.mail import send_mail"),
        (REMOTE, '<img alt="" src="https://example.org/logo.png">'),
    ],
)
def test_the_patterns_find_what_they_are_there_for(pattern: re.Pattern[str], bad: str) -> None:
    assert pattern.search(bad)


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_every_tenant_model_names_the_right_to_see_it_or_how_it_is_reached(model: Any) -> None:
    codename = model.view_permission

    if codename:
        assert find(codename).reads or codename.endswith(".edit")
        assert label(model) not in PARTS
    else:
        assert PARTS[label(model)]


@pytest.mark.parametrize("model", TENANT_MODELS, ids=label)
def test_o4_the_lookups_of_scopes_lead_to_owner_and_department(model: Any) -> None:
    offered = find(model.view_permission).scopes if model.view_permission else ()

    if model.owner_lookup:
        assert model.objects.none().filter(**{model.owner_lookup: 1}).count() == 0
    if model.department_lookup and model.department_lookup != "self":
        assert model.objects.none().filter(**{f"{model.department_lookup}__path": "/1/"}).count() == 0
    if Scope.OWN in offered:
        assert model.owner_lookup
    if Scope.DEPARTMENT in offered:
        assert model.department_lookup
