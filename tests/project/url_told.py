"""Objects for the addresses of work items, notices and their channels; url_objects.py imports it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from organization.access import Actor, system_actor
from organization.models import Organization, SignIn
from organization.services import chat_bots, departments, notices, work_items
from tests.factories import make_member

SEEN = {"started_at": datetime(2026, 1, 1, tzinfo=UTC), "seen_at": datetime(2026, 1, 1, tzinfo=UTC)}


def work_item(organization: Organization, owner: Actor) -> dict[str, Any]:
    subject = departments.create_department(owner, organization, name="Owes", code="OWES")
    item = work_items.open_item(
        owner, kind="organization.load_official_days", subject=subject, owner=make_member("staff")
    )
    return {"pk": item.pk}


def notice(organization: Organization, owner: Actor) -> dict[str, Any]:
    subject = departments.create_department(owner, organization, name="Told", code="TOLD")
    [told] = notices.tell(
        system_actor(organization.pk, "walk"),
        kind="organization.work_opened",
        recipients=[make_member("staff")],
        subject=subject,
    )
    return {"pk": told.pk}


def watched(organization: Organization, owner: Actor) -> dict[str, Any]:
    subject = departments.create_department(owner, organization, name="Watched", code="WATCHED")
    return {"label": "organization.department", "pk": subject.pk}


def bot(organization: Organization, owner: Actor) -> dict[str, Any]:
    url = "https://chat.example.org/hook"
    return {"pk": chat_bots.add_bot(owner, organization, name="Walked", provider="slack", url=url).pk}


def sign_in(organization: Organization, owner: Actor) -> dict[str, Any]:
    assert owner.user_id is not None
    return {"pk": SignIn.objects.create(user_id=owner.user_id, session_key="walked", **SEEN).pk}


MAKERS = {
    "api:sign-in": sign_in,
    **dict.fromkeys((f"organization:bot-{page}" for page in ("detail", "edit", "delete", "test", "pause")), bot),
    **dict.fromkeys((f"api:bot{call}" for call in ("", "-test", "-pause")), bot),
    "api:work-assign": work_item,
    "api:work-drop": work_item,
    "organization:notice-mute": notice,
    "organization:notice-open": notice,
    "organization:notice-read": notice,
    "organization:activity": watched,
    "organization:watch": watched,
    "organization:work-assign": work_item,
    "organization:work-drop": work_item,
}
