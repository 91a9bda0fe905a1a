"""The audit trail in words, of this app and of higher ones."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from organization.models import AuditEntry
from organization.queries.audit import details, of_what, what, who


def entry(verb: str, object_type: str, **facts: Any) -> AuditEntry:
    return AuditEntry(verb=verb, object_type=object_type, object_id=7, facts=facts, actor_kind="system")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            entry("metrics.target.set", "metrics.kpitarget", kpi=3, grain=4, changed={"value": [None, "0.95"]}),
            ("set", "Target 7", "KPI: 3 · Per: Month · Target: – → 0.95"),
        ),
        (
            entry("organization.role.grants_set", "organization.role", changed={"metrics.kpi.view": [None, "below"]}),
            ("rights set", "Role 7", "See KPIs: – → Department and below"),
        ),
        (
            entry("organization.token.made", "organization.apitoken", member=2, codenames=["metrics.kpi.view"]),
            ("made", "API token 7", "Acts for: 2 · Rights: See KPIs"),
        ),
        (
            entry("metrics.kpi.changed", "metrics.kpi", changed={"is_active": [True, False]}, texts=["description"]),
            ("changed", "KPI 7", "In use: yes → no · Why it is measured: changed"),
        ),
        (entry("later.thing.turned", "later.thing", depth=2), ("later.thing.turned", "later.thing 7", "depth: 2")),
    ],
)
def test_o5_codes_of_the_trail_are_read_as_words(found: AuditEntry, words: tuple[str, str, str]) -> None:
    with override("en"):
        assert (what(found), of_what(found), details(found)) == words


def test_o7_the_trail_is_chinese() -> None:
    found = entry("metrics.target.set", "metrics.kpitarget", margin_kind="relative", changed={"value": ["1", "2"]})
    found.reason = "founding"

    with override("zh-hans"):
        assert (who(found), what(found), of_what(found)) == ("系统：创建组织", "设定", "目标 7")
        assert details(found) == "预警方式：按目标的百分比 · 目标：1 → 2"
