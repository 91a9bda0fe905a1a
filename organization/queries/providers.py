"""What floor 0 brings to links, attachments, the trail and search."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organization.models import (
    Absence,
    ApiToken,
    ChatBot,
    Department,
    EventDelivery,
    Invitation,
    Link,
    Member,
    Organization,
    Position,
    Role,
    SavedView,
    WorkCalendar,
    WorkItem,
)
from organization.queries import chains, search
from organization.queries.kinds import Kind, register_kind, register_name

__all__ = ["chains", "search"]

register_kind(
    Kind(Department, _("Department"), "organization:department-detail", "organization.department.edit", "hierarchy"),
)
register_kind(Kind(Member, _("Member"), "organization:member-detail", "organization.member.edit", "user"))
register_kind(Kind(Position, _("Position"), "organization:position-detail", "organization.position.edit", "id"))
register_kind(Kind(Role, _("Role"), "organization:role-detail", "organization.role.edit", "shield-check"))
register_kind(
    Kind(WorkCalendar, _("Working calendar"), "organization:calendar-detail", "organization.calendar.edit", "calendar")
)
register_name(Absence, _("Absence"))
register_name(Invitation, _("Invitation"))
register_name(ApiToken, _("API token"))
register_name(EventDelivery, _("Event"))
register_name(Link, _("Link"))
register_name(SavedView, _("View of a list"))
register_name(Organization, _("Organization"))
register_kind(Kind(ChatBot, _("Chat bot"), "organization:bot-detail", "organization.bot.edit"))
register_name(WorkItem, _("Work item"))
