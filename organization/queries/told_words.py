"""What notices and work items say, in the language and zone of whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from ops_platform.web.formats import day, is_chinese, listed
from organization.engine.kept_facts import DAY, FACTS, INSTANT, NAME, NAME_ZH, STANDS_IN_FOR, STANDS_IN_UNTIL, WORK
from organization.models import Notice, WorkItem
from organization.notice_kinds import find_or_none as notice_kind
from organization.work_kinds import find_or_none as work_kind

MISSING = "–"


class _Words(dict[str, str]):
    """Facts in words; one that an older row does not have is a dash, never an error."""

    def __missing__(self, name: str) -> str:
        return MISSING


def notice_title(notice: Notice) -> str:
    """The sentence of a notice; the name of its kind where no app knows that any more."""
    kind = notice_kind(notice.kind)
    return str(kind.title) % in_words(notice.facts) if kind else notice.kind


def notice_text(notice: Notice) -> str:
    """What a notice says beside its title; often nothing. A deputy is told for whom."""
    kind, words = notice_kind(notice.kind), in_words(notice.facts)
    text = str(kind.text) % words if kind and kind.text else ""
    if STANDS_IN_FOR not in notice.facts:
        return text
    names = {"name": words[STANDS_IN_FOR], "day": words[STANDS_IN_UNTIL]}
    return f"{gettext('You stand in for %(name)s, who is away until %(day)s.') % names} {text}".strip()


def work_title(item: WorkItem) -> str:
    """What is to be done."""
    return _work_words(item.kind, item.facts)


def in_words(facts: Mapping[str, Any]) -> Mapping[str, str]:
    """Facts that `kept` wrote, for a reader: in the active language and time zone."""
    return _Words({name: _text(value) for name, value in facts.items()})


def _work_words(name: str, facts: Mapping[str, Any]) -> str:
    kind = work_kind(name)
    return str(kind.title) % in_words(facts) if kind else name


def _text(value: Any) -> str:
    if isinstance(value, list):
        return listed(_text(item) for item in value)
    if not isinstance(value, dict):
        return MISSING if value in (None, "") else str(value)
    if DAY in value:
        return day(date.fromisoformat(value[DAY]))
    if INSTANT in value:
        at = timezone.localtime(datetime.fromisoformat(value[INSTANT]))
        return f"{day(at.date())} {at:%H:%M}"
    if WORK in value:
        return _work_words(value[WORK], value.get(FACTS, {}))
    return str((value.get(NAME_ZH) if is_chinese() else "") or value.get(NAME) or MISSING)
