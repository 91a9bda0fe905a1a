"""The audit trail speaks in words: every act that any service records has one, and so has every reason of the system."""

from __future__ import annotations

import re
from pathlib import Path

from organization.queries.audit_words import REASONS, VERBS

ROOT = Path(__file__).resolve().parents[2]
APPS = ("organization", "metrics", "automation", "processes", "ops_platform")
VERB = re.compile(rf'\b(?:record|_tell)\([^"()]*"((?:{"|".join(APPS)})\.\w+\.\w+)"')
REASON = re.compile(r'(?:\bsystem_actor\([^"()]*(?:\([^()]*\)[^"()]*)*|^WHY = )"([^"{]+)"', re.MULTILINE)


def found(pattern: re.Pattern[str]) -> set[str]:
    texts = (path.read_text(encoding="utf-8") for app in APPS for path in (ROOT / app).rglob("*.py"))
    return {one for text in texts for one in pattern.findall(text)}


def test_o5_every_recorded_act_has_a_word() -> None:
    acts = found(VERB)

    assert len(acts) > 100
    assert {act for act in acts if act.rpartition(".")[2] not in VERBS} == set()


def test_o5_every_reason_of_the_system_has_a_word() -> None:
    reasons = found(REASON)

    assert reasons
    assert reasons - set(REASONS) == set()
